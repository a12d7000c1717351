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

@Suite("Handlers that ignore their cancellation", .timeLimit(.minutes(10)))
struct AbandonedHandlerTests {
    /// A bus with a handler that is stuck at a gate for the events that `isStuck` names, with a limit of 1 s and a grace of 5 s.
    private static func withStuckHandler<Value: Sendable>(
        _ schedule: SeededSchedule, workers: Int = 2, retry: RetryPolicy = .none, observe: (@Sendable (Signal) -> Void)? = nil,
        isStuck: @escaping @Sendable (Numbered, EventContext) -> Bool,
        _ body: @escaping @Sendable (EventBus, Gate, HandlingLog) async throws -> Value
    ) async throws -> RunResult<Value> {
        let gate = Gate()
        let log = HandlingLog(schedule)
        defer { gate.open() }
        return try await withRunningBus(
            on: schedule,
            configure: { configuration in
                configuration.workers = workers
                configuration.hooks.observe = observe
            }
        ) { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: retry, timeout: .seconds(1)) { event, context in
                try await log.handle(event, context) {
                    if isStuck(event, context) {
                        await gate.wait()
                        try? context.emit(Numbered(1_000))
                    }
                }
            }
        } _: { bus in
            try await body(bus, gate, log)
        }
    }

    @Test("it is abandoned when the grace is over, and the attempt fails then")
    func abandoned() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            _ = try await Self.withStuckHandler(schedule, isStuck: { _, _ in true }) { bus, gate, _ in
                let receipt = try await bus.publish(Numbered(1))
                try await schedule.clock.sleep(for: .milliseconds(5_999))
                #expect(try await bus.deadLetters.list().letters.isEmpty, "seed \(schedule.seed)")
                #expect(await bus.statistics().abandonedHandlers == 0)
                let outcome = try await bus.outcome(of: receipt)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 6_000_000_000))
                #expect(outcome == Outcome(dead: 1))
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.errorText.contains("timeout of 1.0 seconds and ignored its cancellation"))
                #expect(letter.attempts.map(\.duration) == [.seconds(6)])
                let statistics = await bus.statistics()
                #expect(statistics.abandonedHandlers == 1)
                #expect(statistics.workers == 2)
                #expect(statistics.subscriptions["s"]?.timedOut == 1)
                gate.open()
            }
        }
    }

    @Test("its worker is replaced: with one worker the bus goes on")
    func replaced() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.withStuckHandler(schedule, workers: 1, isStuck: { event, _ in event.number < 3 }) {
                bus, _, _ in
                let receipts = try await bus.publish(contentsOf: (0..<10).map { Numbered($0) })
                var outcomes: [Outcome] = []
                for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
                #expect(outcomes == (0..<10).map { $0 < 3 ? Outcome(dead: 1) : Outcome(completed: 1) }, "seed \(schedule.seed)")
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 18_000_000_000), "three times the limit and the grace")
                #expect(await bus.statistics().abandonedHandlers == 3)
            }
            #expect(result.report.abandoned.count == 3, "they had not returned when the bus closed")
            #expect(result.report.completed == 7)
        }
    }

    @Test("its late result is ignored: what it emits never existed, and its delivery stays as it was settled")
    func lateResult() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let late = Counter()
            let result = try await Self.withStuckHandler(
                schedule, retry: .constant(.seconds(1), maxAttempts: 2),
                observe: { if $0.kind == .lateResult { late.increment() } },
                isStuck: { _, context in context.attempt == 1 }
            ) { bus, gate, log in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(completed: 1))
                #expect(log.running == 1, "the first attempt is still there")
                #expect(await bus.statistics().abandonedHandlers == 1)
                gate.open()
                await schedule.idle()
                #expect(await bus.statistics().abandonedHandlers == 0)
                #expect(late.value == 1, "seed \(schedule.seed)")
                let statistics = await bus.statistics()
                #expect(statistics.published == 1)
                #expect(statistics.subscriptions["s"]?.completed == 1)
            }
            #expect(result.report.completed == 1)
            #expect(result.report.isClean, "what returned before the bus closed is not reported: \(result.report)")
        }
    }

    @Test("one that returns within the grace is not abandoned")
    func returnsInTime() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.withStuckHandler(schedule, isStuck: { _, _ in true }) { bus, gate, _ in
                let receipt = try await bus.publish(Lettered("no handler"))
                _ = try await bus.outcome(of: receipt)
                let stuck = try await bus.publish(Numbered(1))
                try await schedule.clock.sleep(for: .milliseconds(5_900))
                gate.open()
                let outcome = try await bus.outcome(of: stuck)
                #expect(outcome == Outcome(completed: 1))
                #expect(await bus.statistics().abandonedHandlers == 0)
            }
            #expect(result.report.abandoned.isEmpty)
        }
    }

    @Test("what its run had finished before is settled, and what it had not started runs elsewhere")
    func restOfRun() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            _ = try await Self.withStuckHandler(schedule, isStuck: { event, _ in event.number == 100 }) { bus, _, log in
                let receipts = try await bus.publish(contentsOf: (0..<200).map { Numbered($0) })
                for (number, receipt) in receipts.enumerated() {
                    let outcome = try await bus.outcome(of: receipt)
                    #expect(outcome == (number == 100 ? Outcome(dead: 1) : Outcome(completed: 1)), "seed \(schedule.seed)")
                }
                #expect(log.numbers.count == 200, "nothing ran twice")
            }
        }
    }

    @Test("the attempt after an abandoned one may overlap what is left of it, and its result is the one that counts")
    func nextAttempt() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            _ = try await Self.withStuckHandler(
                schedule, retry: .constant(.zero, maxAttempts: 3), isStuck: { _, context in context.attempt < 3 }
            ) { bus, _, log in
                let receipts = [
                    try await bus.publish(Numbered(1, key: "k")), try await bus.publish(Numbered(2, key: "k")),
                ]
                var outcomes: [Outcome] = []
                for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
                #expect(outcomes == [Outcome(completed: 1), Outcome(completed: 1)])
                #expect(log.numbers == [1, 1, 1, 2, 2, 2], "seed \(schedule.seed)")
            }
        }
    }
}
