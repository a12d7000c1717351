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

@Suite("A failure stays where it is", .timeLimit(.minutes(10)))
struct IsolationTests {
    @Test("a failing subscription affects no other: each event still reaches the others once")
    func otherSubscriptions() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Journal<Int>()
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("failing", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 3)) { _, _ in
                    throw TestFault()
                }
                try handlers.subscribe("fine", to: Numbered.self) { event, _ in seen.append(event.number) }
            } _: { bus in
                var outcomes: [Outcome] = []
                for receipt in try await bus.publish(contentsOf: (0..<20).map { Numbered($0, key: "k") }) {
                    outcomes.append(try await bus.outcome(of: receipt))
                }
                #expect(seen.entries == Array(0..<20))
                #expect(outcomes.first == Outcome(completed: 1, dead: 1))
                #expect(outcomes.dropFirst().allSatisfy { $0 == Outcome(completed: 1, parked: 1) }, "seed \(schedule.seed)")
                return await bus.statistics(of: "fine")
            }
            #expect(result.value.completed == 20)
            #expect(result.value.failedAttempts == 0)
        }
    }

    @Test("a key whose events fail holds up no other key, and none without a key")
    func otherKeys() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(100), maxAttempts: 2)) {
                    event, context in
                    try await log.handle(event, context) { if event.key == "bad" { throw TestFault() } }
                }
            } _: { bus in
                for number in 0..<30 { try await bus.publish(Numbered(number, key: ["bad", "good", nil][number % 3])) }
                await schedule.idle()
                #expect(log.numbers(of: "bad") == [0])
                #expect(log.numbers(of: "good") == Array(stride(from: 1, to: 30, by: 3)), "seed \(schedule.seed)")
                #expect(log.starts.count { $0.key == nil } == 10)
            }
            // The shutdown's limit of 30 s comes before the retry.
            #expect(log.numbers(of: "bad") == [0])
        }
    }

    @Test("a waiting retry occupies no worker")
    func noWorkerHeld() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule, configure: { $0.workers = 2 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(5), maxAttempts: 2)) { event, context in
                    if context.attempt == 1, event.number < 100 { throw TestFault() }
                }
            } _: { bus in
                for number in 0..<100 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
                let waiting = await bus.statistics()
                #expect(waiting.subscriptions["s"]?.retrying == 100)
                #expect(waiting.idleWorkers == 2)
                let outcome = try await bus.outcome(of: bus.publish(Numbered(100)))
                #expect(outcome.completed == 1)
                #expect(schedule.clock.now < MonotonicTime(nanoseconds: 5_000_000_000))
            }
        }
    }

    @Test("retries that are due at the same time come in the order in which they were set")
    func sameTime() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let seconds = Journal<Int>()
            try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(5), maxAttempts: 2)) { event, context in
                    if context.attempt == 1 { throw TestFault() }
                    seconds.append(event.number)
                }
            } _: { bus in
                for number in 0..<20 { try await bus.publish(Numbered(number)) }
                try await schedule.clock.sleep(for: .seconds(6))
                #expect(seconds.entries == Array(0..<20))
            }
        }
    }

    @Test("a retry that fell due behind a slow handler is not lost")
    func behindSlowHandler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule, configure: { $0.workers = 2 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.milliseconds(50), maxAttempts: 3)) {
                    event, context in
                    if event.number == 9 { await gate.wait() } else if context.attempt < 3 { throw TestFault() }
                }
            } _: { bus in
                // The failures come to light while the slow handler is looked after, not when its run ends.
                let receipts = try await bus.publish(contentsOf: (0..<20).map { Numbered($0) })
                for (number, receipt) in receipts.enumerated() where number != 9 {
                    let outcome = try await bus.outcome(of: receipt)
                    #expect(outcome == Outcome(completed: 1), "seed \(schedule.seed)")
                }
                gate.open()
            }
        }
    }
}
