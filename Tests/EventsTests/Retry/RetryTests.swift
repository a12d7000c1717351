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

@Suite("Retries", .timeLimit(.minutes(10)))
struct RetryTests {
    /// Handles one event whose handler fails as `behave` says, and returns the log and what is left.
    private static func handleOne(
        _ schedule: SeededSchedule, retry: RetryPolicy, onDeadLetter: DeadLetterPolicy = .automatic,
        _ behave: @escaping @Sendable (_ attempt: Int) async throws -> Void
    ) async throws -> (log: HandlingLog, outcome: Outcome, letters: [DeadLetter], statistics: EventBusStatistics.Subscription) {
        let log = HandlingLog(schedule)
        let result = try await withRunningBus(on: schedule) { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: retry, onDeadLetter: onDeadLetter) { event, context in
                try await log.handle(event, context) { try await behave(context.attempt) }
            }
        } _: { bus in
            let outcome = try await bus.outcome(of: bus.publish(Numbered(1, key: "k")))
            return (outcome, try await bus.deadLetters.list().letters, await bus.statistics(of: "s"))
        }
        return (log, result.value.0, result.value.1, result.value.2)
    }

    private static func milliseconds(_ log: HandlingLog) -> [Int64] {
        log.starts.map { $0.time.nanoseconds / 1_000_000 }
    }

    @Test("without retries the first failure is a dead letter")
    func none() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .none) { _ in throw TestFault() }
            #expect(result.log.starts.count == 1)
            #expect(result.outcome == Outcome(dead: 1))
            #expect(result.letters.first?.reason == .exhausted)
        }
    }

    @Test("a constant policy tries again after its delay, to the nanosecond, and gives up after the last attempt")
    func constant() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .constant(.milliseconds(50), maxAttempts: 4)) { _ in
                throw TestFault()
            }
            #expect(Self.milliseconds(result.log) == [0, 50, 100, 150], "seed \(schedule.seed)")
            #expect(result.log.starts.map(\.attempt) == [1, 2, 3, 4])
            #expect(result.outcome == Outcome(dead: 1))
            #expect(result.statistics.failedAttempts == 4)
            #expect(result.statistics.retrying == 0)
        }
    }

    @Test("an exponential policy doubles its delay up to the cap; the delay begins when the attempt ends")
    func exponential() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let policy = RetryPolicy.exponential(
                base: .milliseconds(100), cap: .milliseconds(300), maxAttempts: 5, jitter: .none)
            let result = try await Self.handleOne(schedule, retry: policy) { _ in
                try await schedule.clock.sleep(for: .milliseconds(1))
                throw TestFault()
            }
            #expect(Self.milliseconds(result.log) == [0, 101, 302, 603, 904], "seed \(schedule.seed)")
        }
    }

    @Test("jitter comes from the environment: the same seed gives the same delays, another seed others")
    func jitter() async throws {
        let policy = RetryPolicy.exponential(base: .seconds(1), maxAttempts: 4, jitter: .full)
        var times: [[Int64]] = []
        for seed in [1, 1, 2] as [UInt64] {
            times.append(
                try await withSeededSchedule(seed: seed) { schedule in
                    Self.milliseconds(try await Self.handleOne(schedule, retry: policy) { _ in throw TestFault() }.log)
                })
        }
        #expect(times[0] == times[1])
        #expect(times[0] != times[2])
    }

    @Test("a delivery that succeeds after failures is completed and leaves no letter")
    func succeeds() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .constant(.seconds(1), maxAttempts: 5)) { attempt in
                if attempt < 3 { throw TestFault() }
            }
            #expect(result.log.starts.count == 3)
            #expect(result.outcome == Outcome(completed: 1))
            #expect(result.letters.isEmpty)
        }
    }

    @Test("an error that the predicate rejects is a permanent failure at once")
    func predicate() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let policy = RetryPolicy.constant(.seconds(1), maxAttempts: 5) { ($0 as? TestFault)?.text == "passing" }
            let result = try await Self.handleOne(schedule, retry: policy) { attempt in
                throw TestFault(attempt < 3 ? "passing" : "lasting")
            }
            #expect(result.log.starts.count == 3)
            #expect(result.letters.first?.reason == .permanent)
            #expect(result.letters.first?.errorText == "lasting")
        }
    }

    // MARK: What the handler says itself

    @Test("a permanent failure is a dead letter at once, whatever the policy would allow")
    func permanent() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .constant(.zero, maxAttempts: 5)) { _ in
                throw Disposition.permanentFailure("unknown SKU")
            }
            #expect(result.log.starts.count == 1)
            #expect(result.letters.first?.reason == .permanent)
            #expect(result.letters.first?.errorText == "permanent failure: unknown SKU")
            #expect(result.statistics.failedAttempts == 1)
        }
    }

    @Test("retry(after:) comes back after its own delay and uses up no attempt")
    func retryAfter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .constant(.seconds(1), maxAttempts: 2)) { attempt in
                if attempt <= 10 { throw Disposition.retry(after: .milliseconds(3)) }
                throw TestFault()
            }
            #expect(Self.milliseconds(result.log) == (0...10).map { $0 * 3 } + [1_030], "seed \(schedule.seed)")
            #expect(result.letters.first?.attempts.map(\.isCounted) == Array(repeating: false, count: 10) + [true, true])
            #expect(result.statistics.failedAttempts == 2)
        }
    }

    @Test("retry(after:) with a delay that is not positive comes back at once")
    func retryNow() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .none) { attempt in
                if attempt == 1 { throw Disposition.retry(after: .seconds(-5)) }
                if attempt == 2 { throw Disposition.retry(after: .zero) }
            }
            #expect(Self.milliseconds(result.log) == [0, 0, 0])
            #expect(result.outcome == Outcome(completed: 1))
        }
    }

    @Test("a discarded delivery is over: no retry, no letter, counted as discarded")
    func discard() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .constant(.zero, maxAttempts: 5)) { attempt in
                if attempt == 1 { throw TestFault() }
                throw Disposition.discard("came twice")
            }
            #expect(result.log.starts.count == 2)
            #expect(result.outcome == Outcome(discarded: 1))
            #expect(result.letters.isEmpty)
            #expect(result.statistics.discarded == 1)
            #expect(result.statistics.failedAttempts == 1)
        }
    }

    @Test("what a handler steers is seen through an error that is rethrown by code it calls")
    func rethrown() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            @Sendable func deep() throws { throw Disposition.discard("no") }
            let result = try await Self.handleOne(schedule, retry: .none) { _ in
                do { try deep() } catch { throw error }
            }
            #expect(result.outcome == Outcome(discarded: 1))
        }
    }

    @Test("a handler's own CancellationError is a failure like others")
    func ownCancellation() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await Self.handleOne(schedule, retry: .constant(.zero, maxAttempts: 2)) { _ in
                throw CancellationError()
            }
            #expect(result.log.starts.count == 2)
            #expect(result.letters.first?.errorType == "CancellationError")
        }
    }
}
