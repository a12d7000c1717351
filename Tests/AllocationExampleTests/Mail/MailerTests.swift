//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("The mail server")
struct MailerTests {
    private static func mail(_ number: Int) -> Mail {
        Mail(number: number, recipient: "stock@example.com", subject: "LAMP is out of stock")
    }

    @Test("without faults takes every mail")
    func noFaults() throws {
        let mailer = Mailer(faults: .none)
        for number in 1...30 { try mailer.send(Self.mail(number), attempt: 1) }
    }

    @Test("refuses the first mail until it is repaired")
    func stuck() throws {
        let mailer = Mailer(faults: .some)
        for attempt in 1...9 {
            #expect(throws: MailRefusal.damagedSpool) { try mailer.send(Self.mail(1), attempt: attempt) }
        }
        try mailer.send(Self.mail(2), attempt: 1)
        mailer.repair()
        try mailer.send(Self.mail(1), attempt: 10)
    }

    @Test("refuses every twelfth mail, once and twice in turn, and by its number alone: another server goes on the same way")
    func transientFaults() throws {
        var refusals: [Int: Int] = [:]
        for number in 2...48 {
            for attempt in 1...9 {
                do throws(MailRefusal) {
                    try Mailer(faults: .some).send(Self.mail(number), attempt: attempt)
                    break
                } catch {
                    #expect(error == .busy)
                    refusals[number, default: 0] += 1
                }
            }
        }
        #expect(refusals == [12: 1, 24: 2, 36: 1, 48: 2])
    }

    @Test("refuses no more than 31 mails, however many there are")
    func bounded() {
        let refused = (1...100_000).count { MailFaults.some.fate(ofMail: $0) != .accepted }
        #expect(refused == 31)
    }
}
