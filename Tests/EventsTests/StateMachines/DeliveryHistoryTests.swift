//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

@Suite("A delivery's history")
struct DeliveryHistoryTests {
    private static func attempt(_ number: Int, isCounted: Bool = true) -> Attempt {
        Attempt(
            number: number, startedAt: ManualClock.defaultStart, duration: .zero, errorType: "TestFault", errorText: "text",
            isCounted: isCounted)
    }

    @Test("a new delivery has none")
    func empty() {
        let delivery = makeDelivery(1)
        #expect(delivery.attempts.isEmpty)
        #expect(delivery.nextAttempt == 1)
        #expect(delivery.failedAttempts == 0)
        #expect(delivery.redrives == 0)
    }

    @Test("an attempt that is not counted has a number but is no failure")
    func uncounted() {
        let delivery = makeDelivery(1).noting(Self.attempt(1, isCounted: false)).noting(Self.attempt(2))
        #expect(delivery.nextAttempt == 3)
        #expect(delivery.failedAttempts == 1)
    }

    @Test("a full history keeps the first attempt and the latest, and counts what it leaves out")
    func full() {
        var delivery = makeDelivery(1)
        for number in 1...300 { delivery = delivery.noting(Self.attempt(number)) }
        #expect(delivery.attempts.count == 256)
        #expect(delivery.omittedAttempts == 44)
        #expect(delivery.attempts.first?.number == 1)
        #expect(delivery.attempts[1].number == 46)
        #expect(delivery.attempts.last?.number == 300)
        #expect(delivery.nextAttempt == 301)
    }

    @Test("a redrive keeps the history and begins the count of failures anew")
    func redrive() {
        let delivery = makeDelivery(1).noting(Self.attempt(1)).noting(Self.attempt(2)).redriven(to: 3, resettingDepth: false)
        #expect(delivery.attempts.map(\.number) == [1, 2])
        #expect(delivery.nextAttempt == 3)
        #expect(delivery.failedAttempts == 0)
        #expect(delivery.redrives == 1)
        #expect(delivery.handler == 3)
        #expect(delivery.redriven(to: 0, resettingDepth: false).redrives == 2)
    }

    @Test("noting an attempt leaves copies made before as they were")
    func valueSemantics() {
        let before = makeDelivery(1).noting(Self.attempt(1))
        let after = before.noting(Self.attempt(2))
        #expect(before.attempts.count == 1)
        #expect(after.attempts.count == 2)
    }

    @Test("the text of an error is clipped to 1,024 bytes and stays text")
    func clipped() {
        #expect(ErrorText(TestFault("short")).text == "short")
        #expect(ErrorText(TestFault(String(repeating: "a", count: 1_024))).text.count == 1_024)
        for letter in ["a", "é", "発", "👩‍👩‍👧"] {
            let text = ErrorText(TestFault(String(repeating: letter, count: 2_000))).text
            #expect(text.utf8.count <= 1_024 + "…".utf8.count)
            #expect(text.hasSuffix("…"))
            #expect(!text.contains("\u{FFFD}"), "no character is cut in two")
        }
    }

    @Test("the type of an error is its name, also for one that steers")
    func type() {
        #expect(ErrorText(TestFault()).type == "TestFault")
        #expect(ErrorText(Disposition.permanentFailure("no")).type == "Disposition")
        #expect(ErrorText(Disposition.permanentFailure("no")).text == "permanent failure: no")
        #expect(ErrorText(CancellationError()).type == "CancellationError")
    }
}
