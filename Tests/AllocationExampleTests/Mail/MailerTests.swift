//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Testing

@testable import AllocationExample

@Suite("The mail server")
struct MailerTests {
    private static let mail = Mail(recipient: "stock@example.com", subject: "LAMP is out of stock", sku: "LAMP")

    private static func cause(_ offset: Int64, attempt: Int) -> MailCause {
        MailCause(deliveryID: DeadLetter.ID(subscription: "mail", offset: Offset(rawValue: offset)), attempt: attempt)
    }

    @Test("without faults takes every mail")
    func noFaults() throws {
        let mailer = Mailer(faults: .none)
        for number in 1...30 { try mailer.send(Self.mail, cause: Self.cause(Int64(number), attempt: 1)) }
        #expect(mailer.sent == 30)
        #expect(mailer.refused.isEmpty)
        #expect(mailer.stuck == nil)
    }

    @Test("refuses the first mail until it is repaired")
    func stuck() throws {
        let mailer = Mailer(faults: .some)
        for attempt in 1...9 {
            #expect(throws: MailRefusal.damagedSpool) { try mailer.send(Self.mail, cause: Self.cause(1, attempt: attempt)) }
        }
        try mailer.send(Self.mail, cause: Self.cause(2, attempt: 1))
        #expect(mailer.stuck?.cause == Self.cause(1, attempt: 9))
        #expect(mailer.stuck?.isSent == false)

        mailer.repair()
        try mailer.send(Self.mail, cause: Self.cause(1, attempt: 10))
        #expect(mailer.stuck?.isSent == true)
        #expect(mailer.mails == 2)
        #expect(mailer.sent == 2)
    }

    @Test("refuses every twelfth mail, once and twice in turn, and counts each mail once")
    func transientFaults() throws {
        let mailer = Mailer(faults: .some)
        mailer.repair()
        var refusals: [Int: Int] = [:]
        for number in 1...48 {
            for attempt in 1...9 {
                do throws(MailRefusal) {
                    try mailer.send(Self.mail, cause: Self.cause(Int64(number), attempt: attempt))
                    break
                } catch {
                    #expect(error == .busy)
                    refusals[number, default: 0] += 1
                }
            }
        }
        #expect(refusals == [12: 1, 24: 2, 36: 1, 48: 2])
        #expect(mailer.mails == 48)
        #expect(mailer.sent == 48)
        #expect(mailer.refused.allSatisfy { $0.isSent })
    }

    @Test("refuses no more than 31 mails, however many there are")
    func bounded() {
        let refused = (1...100_000).count { MailFaults.some.fate(ofMail: $0) != .accepted }
        #expect(refused == 31)
    }
}
