//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting
import Testing

@Suite("Redriving dead letters", .timeLimit(.minutes(10)))
struct RedriveTests {
    private static let permanent: any Error = Disposition.permanentFailure("the event is wrong")

    @Test("a redriven letter that completes lets go on, in order, what is parked behind it")
    func one() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let receipts = try await test.publish(0..<5, key: "k", on: schedule)
                #expect(test.log.numbers == [0])
                test.failing.mend(0)
                try await test.bus.deadLetters.redrive(test.id(receipts[0]))
                await schedule.idle()
                #expect(test.log.numbers == [0, 0, 1, 2, 3, 4], "seed \(schedule.seed)")
                #expect(try await test.outcomes(of: receipts) == Array(repeating: Outcome(completed: 1), count: 5))
                #expect(try await test.letters().isEmpty)
                let statistics = await test.bus.statistics(of: "s")
                #expect(statistics.redriven == 1)
                #expect(statistics.parked == 0)
                #expect(statistics.unfinished == 0)
            }
        }
    }

    @Test("a redriven letter that fails again is a letter again, and what is behind it stays parked")
    func failsAgain() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let receipts = try await test.publish(0..<3, key: "k", on: schedule)
                try await test.bus.deadLetters.redrive(test.id(receipts[0]))
                await schedule.idle()
                let expected = [Outcome(dead: 1), Outcome(parked: 1), Outcome(parked: 1)]
                #expect(try await test.outcomes(of: receipts) == expected, "seed \(schedule.seed)")
                let letter = try await test.bus.deadLetters.show(test.id(receipts[0]))
                #expect(letter.redrives == 1)
                #expect(letter.attempts.count == 2)
                #expect(await test.bus.statistics(of: "s").deadLettered == 2)
            }
        }
    }

    @Test("the outcome waits again for a letter that was redriven")
    func outcomeWaits() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let attempts = Counter()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in
                    if attempts.increment() == 1 { throw TestFault() }
                    await gate.wait()
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(0))
                let before = try await bus.outcome(of: receipt)
                #expect(before == Outcome(dead: 1))
                try await bus.deadLetters.redrive(DeadLetter.ID(subscription: "s", offset: receipt.offset))
                async let after = bus.outcome(of: receipt)
                await schedule.idle()
                gate.open()
                let outcome = try await after
                #expect(outcome == Outcome(completed: 1), "seed \(schedule.seed)")
            }
        }
    }

    @Test("the event keeps its identity, offset and times; the subscription's handler sees the next attempt")
    func sameEvent() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let seen = Journal<EventMetadata>()
            let attempts = Journal<Int>()
            _ = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, context in
                    seen.append(context.metadata)
                    attempts.append(context.attempt)
                    if context.attempt == 1 { throw TestFault() }
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(0), headers: ["a": "b"])
                _ = try await bus.outcome(of: receipt)
                try await schedule.clock.sleep(for: .seconds(60))
                try await bus.deadLetters.redrive(matching: .all)
                _ = try await bus.outcome(of: receipt)
            }
            #expect(attempts.entries == [1, 2])
            #expect(Set(seen.entries.map(\.id)).count == 1)
            #expect(Set(seen.entries.map(\.offset)).count == 1)
            #expect(Set(seen.entries.map(\.publishedAt)).count == 1)
            #expect(seen.entries.map(\.headers) == [["a": "b"], ["a": "b"]])
        }
    }

    @Test("a redrive by filter sends back what matches, oldest first, and nothing else")
    func byFilter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: [0, 1, 2, 3]) { test in
                var receipts: [Receipt] = []
                for number in 0..<4 { receipts += try await test.publish(number..<number + 1, key: nil, on: schedule) }
                let ids = try await test.bus.deadLetters.redrive(matching: DeadLetterFilter(errorContains: "2"))
                #expect(ids == [test.id(receipts[2])])
                await schedule.idle()
                test.failing.mend(0, 1, 2, 3)
                let rest = try await test.bus.deadLetters.redrive(matching: .all)
                #expect(rest == [0, 1, 3, 2].map { test.id(receipts[$0]) }, "the one that came back is the youngest")
                await schedule.idle()
                #expect(try await test.letters().isEmpty)
            }
        }
    }

    @Test("a redriven key runs its letters and what is parked behind them in offset order")
    func key() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(
                schedule, failing: [0, 2],
                error: { $0 == 0 ? Self.permanent : TestFault("\($0)") }
            ) { test in
                let receipts = try await test.publish(0..<6, key: "k", on: schedule)
                try await test.publish(10..<12, key: "other", on: schedule)
                // 0 let its key go on, 2 parked it: 3, 4 and 5 wait.
                #expect(test.log.numbers(of: "k") == [0, 1, 2])
                test.failing.mend(0, 2)
                let ids = try await test.bus.deadLetters.redrive(key: "k", of: "s")
                #expect(ids == [test.id(receipts[0]), test.id(receipts[2])])
                await schedule.idle()
                #expect(test.log.numbers(of: "k") == [0, 1, 2, 0, 2, 3, 4, 5], "seed \(schedule.seed)")
                #expect(test.log.overlaps.isEmpty)
                #expect(try await test.outcomes(of: receipts) == Array(repeating: Outcome(completed: 1), count: 6))
            }
        }
    }

    @Test("when the first of a redriven key fails and parks, the later ones wait behind it")
    func keyFailsAgain() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let firstFailure = Counter()
            try await withFailingBus(
                schedule, failing: [0, 2],
                error: { $0 == 0 && firstFailure.increment() == 1 ? Self.permanent : TestFault("\($0)") }
            ) { test in
                let receipts = try await test.publish(0..<4, key: "k", on: schedule)
                try await test.bus.deadLetters.redrive(key: "k", of: "s")
                await schedule.idle()
                #expect(test.log.numbers == [0, 1, 2, 0], "seed \(schedule.seed)")
                let expected = [Outcome(dead: 1), Outcome(completed: 1), Outcome(parked: 1), Outcome(parked: 1)]
                #expect(try await test.outcomes(of: receipts) == expected)
                test.failing.mend(0, 2)
                try await test.bus.deadLetters.redrive(key: "k", of: "s")
                await schedule.idle()
                #expect(test.log.numbers == [0, 1, 2, 0, 0, 2, 3], "seed \(schedule.seed)")
                #expect(await test.bus.statistics(of: "s").parked == 0)
            }
        }
    }

    @Test("a letter that did not park runs late, and never at the same time as another of its key")
    func late() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let attempts = Counter()
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, onDeadLetter: .continue) { event, context in
                    try await log.handle(event, context) {
                        if event.number == 0, attempts.increment() == 1 { throw TestFault() }
                        try await schedule.pause(event.number, upTo: 20)
                    }
                }
            } _: { bus in
                for number in 0..<10 { try await bus.publish(Numbered(number, key: "k")) }
                try await schedule.pause(-1, upTo: 60)
                try await bus.deadLetters.redrive(matching: .all)
            }
            #expect(log.overlaps.isEmpty, "seed \(schedule.seed)")
            #expect(log.numbers.filter { $0 != 0 } == Array(1..<10))
            #expect(log.numbers.count { $0 == 0 } == 2)
        }
    }

    @Test("a letter that is gone cannot be redriven, shown or discarded")
    func unknown() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let receipts = try await test.publish(0..<1, key: nil, on: schedule)
                let letters = test.bus.deadLetters
                let id = test.id(receipts[0])
                try await letters.discard(id, reason: "gone")
                #expect(await errorCode { try await letters.redrive(id) } == .unknownDeadLetter)
                #expect(await errorCode { _ = try await letters.show(id) } == .unknownDeadLetter)
                #expect(await errorCode { try await letters.discard(id, reason: "again") } == .unknownDeadLetter)
                #expect(try await letters.redrive(matching: .all).isEmpty)
            }
        }
    }

    @Test("two redrives of one letter at the same time: one is done, the other finds no letter")
    func twice() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let receipts = try await test.publish(0..<1, key: "k", on: schedule)
                test.failing.mend(0)
                let id = test.id(receipts[0])
                async let first = errorCode { try await test.bus.deadLetters.redrive(id) }
                async let second = errorCode { try await test.bus.deadLetters.redrive(id) }
                let codes = await [first, second]
                #expect(codes.count { $0 == nil } == 1)
                #expect(codes.count { $0 == .unknownDeadLetter } == 1)
                await schedule.idle()
                #expect(test.log.numbers == [0, 0], "seed \(schedule.seed)")
            }
        }
    }

    @Test("redriven letters that park do not exceed the room for parked deliveries, and nothing stays blocked for ever")
    func parkedCapacity() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let firstFailure = Counter()
            try await withFailingBus(
                schedule, failing: [0, 2], configure: { $0.parkedCapacity = 1 },
                error: { $0 == 0 && firstFailure.increment() == 1 ? Self.permanent : TestFault("\($0)") }
            ) { test in
                try await test.publish(0..<3, key: "k", on: schedule)
                try await test.bus.deadLetters.redrive(key: "k", of: "s")
                await schedule.idle()
                try await test.publish(3..<5, key: "k", on: schedule)
                #expect(await test.bus.statistics(of: "s").parked == 1)
                test.failing.mend(0, 2)
                try await test.bus.deadLetters.redrive(matching: .all)
                await schedule.idle()
                try await test.publish(5..<6, key: "k", on: schedule)
                #expect(test.log.numbers.last == 5, "seed \(schedule.seed)")
                #expect(await test.bus.statistics(of: "s").parked == 0)
            }
        }
    }
}
