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

@Suite("Handler timeouts", .timeLimit(.minutes(10)))
struct CooperativeTimeoutTests {
    private static let second = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test("a handler that runs too long is cancelled at its limit, and the attempt fails with HandlerTimeout")
    func cancelled() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let ends = Journal<MonotonicTime>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in
                    defer { ends.append(schedule.clock.now) }
                    try await schedule.clock.sleep(for: .seconds(100))
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(dead: 1))
                #expect(ends.entries == [Self.second], "seed \(schedule.seed)")
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.reason == .exhausted)
                #expect(letter.errorType == "HandlerTimeout")
                #expect(letter.errorText.contains("timeout of 1.0 seconds and was cancelled"))
                #expect(letter.attempts.map(\.duration) == [.seconds(1)])
                let statistics = await bus.statistics()
                #expect(statistics.subscriptions["s"]?.timedOut == 1)
                #expect(statistics.subscriptions["s"]?.failedAttempts == 1)
                #expect(statistics.abandonedHandlers == 0)
            }
        }
    }

    @Test("a timeout is a failure that the retry policy decides on; each attempt has the whole limit")
    func retried() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe(
                    "s", to: Numbered.self, retry: .constant(.seconds(2), maxAttempts: 3), timeout: .seconds(1)
                ) { event, context in
                    try await log.handle(event, context) {
                        if context.attempt < 3 { try await schedule.clock.sleep(for: .seconds(100)) }
                    }
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(completed: 1))
            }
            #expect(log.starts.map(\.time.nanoseconds) == [0, 3_000_000_000, 6_000_000_000], "seed \(schedule.seed)")
        }
    }

    @Test("the predicate of the retry policy sees the HandlerTimeout")
    func predicate() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe(
                    "s", to: Numbered.self, retry: .constant(.zero) { !($0 is HandlerTimeout) }, timeout: .seconds(1)
                ) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(100))
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(try await bus.deadLetters.list().letters.first?.reason == .permanent)
            }
        }
    }

    @Test("a handler that returns normally despite its cancellation has completed its delivery, emissions included")
    func successStands() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { event, context in
                    try? await schedule.clock.sleep(for: .seconds(100))
                    if event.number == 1 { try context.emit(Numbered(2)) }
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)), including: .descendants)
                #expect(outcome == Outcome(completed: 2), "seed \(schedule.seed)")
                let statistics = await bus.statistics(of: "s")
                #expect(statistics.timedOut == 2)
                #expect(statistics.failedAttempts == 0)
            }
        }
    }

    @Test("a handler within its limit is not cancelled, to the nanosecond")
    func withinLimit() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let cancelled = Counter()
            let result = try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in
                    try await schedule.clock.sleep(for: .nanoseconds(999_999_999))
                    if Task.isCancelled { cancelled.increment() }
                }
            } _: { bus in
                // Together they take longer than the limit, one by one they do not: the limit is an attempt's and not a run's.
                try await bus.publish(contentsOf: (0..<10).map { Numbered($0) })
            }
            #expect(cancelled.value == 0, "seed \(schedule.seed)")
            #expect(result.report.completed == 10)
            #expect(result.report.isClean)
        }
    }

    @Test("in a run of many the slow one alone is timed out, and the rest goes on at once")
    func oneOfMany() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { event, _ in
                    try await schedule.clock.sleep(for: event.number == 5 ? .seconds(100) : .milliseconds(300))
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<10).map { Numbered($0) })
                var outcomes: [Outcome] = []
                for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
                let expected = (0..<10).map { $0 == 5 ? Outcome(dead: 1) : Outcome(completed: 1) }
                #expect(outcomes == expected, "seed \(schedule.seed)")
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 3_700_000_000), "nine of 0.3 s and one of 1 s")
                #expect(try await bus.deadLetters.list().letters.first?.attempts.first?.duration == .seconds(1))
            }
        }
    }

    @Test("a cancelled attempt does not cancel the one that follows on the same worker")
    func nextIsFresh() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let cancelledAtStart = Counter()
            try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { event, _ in
                    if Task.isCancelled { cancelledAtStart.increment() }
                    if event.number.isMultiple(of: 2) { try await schedule.clock.sleep(for: .seconds(100)) }
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<6).map { Numbered($0) })
                for receipt in receipts { _ = try await bus.outcome(of: receipt) }
                let statistics = await bus.statistics(of: "s")
                #expect(statistics.timedOut == 3)
                #expect(statistics.completed == 3)
            }
            #expect(cancelledAtStart.value == 0, "seed \(schedule.seed)")
        }
    }

    @Test("a timeout holds up neither another key nor another subscription")
    func affectsNobody() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            let others = Counter()
            try await withRunningBus(on: schedule, configure: { $0.workers = 2 }) { handlers in
                try handlers.subscribe("slow", to: Numbered.self, retry: .none, timeout: .seconds(1)) { event, context in
                    try await log.handle(event, context) {
                        if event.number == 0 { try await schedule.clock.sleep(for: .seconds(100)) }
                    }
                }
                try handlers.subscribe("other", to: Numbered.self) { _, _ in others.increment() }
            } _: { bus in
                for number in 0..<10 { try await bus.publish(Numbered(number, key: number < 2 ? "k" : "\(number)")) }
                try await schedule.clock.sleep(for: .milliseconds(900))
                #expect(others.value == 10, "seed \(schedule.seed)")
                try await schedule.clock.sleep(for: .milliseconds(200))
                #expect(log.starts.count == 9, "all but the one parked behind the letter")
            }
        }
    }

    @Test("the attempts of a key that times out do not overlap")
    func noOverlap() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule, configure: { $0.shutdownDeadline = .seconds(1_000) }) { handlers in
                try handlers.subscribe(
                    "s", to: Numbered.self, retry: .constant(.milliseconds(1), maxAttempts: 3), timeout: .seconds(1),
                    onDeadLetter: .continue
                ) { event, context in
                    try await log.handle(event, context) {
                        do {
                            try await schedule.clock.sleep(for: .milliseconds(600 * (event.number % 3)))
                        } catch {
                            await schedule.idle()  // Cleaning up takes a moment.
                            throw error
                        }
                    }
                }
            } _: { bus in
                for number in 0..<18 { try await bus.publish(Numbered(number, key: ["a", "b"][number % 2])) }
            }
            #expect(log.overlaps.isEmpty, "seed \(schedule.seed)")
            #expect(log.starts.count == 12 + 6 * 3)
        }
    }
}
