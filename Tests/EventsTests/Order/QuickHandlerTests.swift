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

/// Workers of quick handlers let events gather and keep short queues to themselves. That must never hold anything up for long
/// when a handler turns out to be slow after all.
@Suite("Quick handlers that turn slow", .timeLimit(.minutes(10)))
struct QuickHandlerTests {
    /// Runs a subscription that has handled many quick events, so that the bus expects the next ones to be quick as well.
    private static func withQuickSubscription(
        _ schedule: SeededSchedule, timeout: Duration? = nil, order: DeliveryOrder = .perKey,
        _ handler: @escaping @Sendable (Numbered) async throws -> Void,
        _ body: @escaping @Sendable (EventBus) async throws -> Void
    ) async throws {
        try await withRunningBus(on: schedule, configure: { $0.environment.gatheringYields = 4 }) { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: .none, order: order, timeout: timeout) { event, _ in
                try await handler(event)
            }
        } _: { bus in
            for number in -200..<0 { try await bus.publish(Numbered(number)) }
            try await schedule.clock.sleep(for: .milliseconds(100))
            #expect(await bus.statistics().idleWorkers == 4, "seed \(schedule.seed)")
            try await body(bus)
        }
    }

    @Test("what comes behind a slow handler starts within 10 ms on another worker")
    func behindSlow() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let log = Journal<Int>()
            try await Self.withQuickSubscription(schedule) { event in
                if event.number == 0 { await gate.wait() } else if event.number > 0 { log.append(event.number) }
            } _: { bus in
                for number in 0..<5 { try await bus.publish(Numbered(number)) }
                try await schedule.clock.sleep(for: .milliseconds(11))
                #expect(log.entries.sorted() == [1, 2, 3, 4], "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("several slow handlers spread over the workers, one after the other, and the last is not left behind")
    func severalSlow() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let log = Journal<Int>()
            try await Self.withQuickSubscription(schedule) { event in
                if (0..<3).contains(event.number) { await gate.wait() } else if event.number > 2 { log.append(event.number) }
            } _: { bus in
                for number in 0..<8 { try await bus.publish(Numbered(number)) }
                try await schedule.clock.sleep(for: .milliseconds(50))
                #expect(log.entries.sorted() == [3, 4, 5, 6, 7], "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("an event published while a handler is slow starts on another worker")
    func publishedLater() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let log = Journal<Int>()
            try await Self.withQuickSubscription(schedule) { event in
                if event.number == 0 { await gate.wait() } else if event.number > 0 { log.append(event.number) }
            } _: { bus in
                try await bus.publish(Numbered(0))
                while gate.arrivals == 0 { await Task.yield() }
                try await bus.publish(Numbered(1))
                try await schedule.clock.sleep(for: .milliseconds(20))
                #expect(log.entries == [1], "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("a handler that overruns a timeout shorter than 10 ms and ignores it holds up nothing but its key")
    func shortTimeout() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let log = Journal<Int>()
            try await Self.withQuickSubscription(schedule, timeout: .milliseconds(2)) { event in
                if event.number == 0 { await gate.wait() } else if event.number > 0 { log.append(event.number) }
            } _: { bus in
                try await bus.publish(Numbered(0))
                while gate.arrivals == 0 { await Task.yield() }
                try await bus.publish(Numbered(1))
                // Long past the progress check, well within the grace.
                try await schedule.clock.sleep(for: .seconds(1))
                #expect(log.entries == [1], "seed \(schedule.seed)")
                try await bus.publish(Numbered(2))
                try await schedule.clock.sleep(for: .seconds(1))
                #expect(log.entries == [1, 2], "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("events of one key stay in order and do not overlap")
    func oneKey() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = Journal<Int>()
            let running = Counter()
            try await Self.withQuickSubscription(schedule, order: .serial) { event in
                #expect(running.increment() == 1, "seed \(schedule.seed)")
                await Task.yield()
                if event.number > 0, event.number.isMultiple(of: 7) { try await schedule.clock.sleep(for: .milliseconds(15)) }
                running.decrement()
                if event.number >= 0 { log.append(event.number) }
            } _: { bus in
                for number in 0..<50 { try await bus.publish(Numbered(number)) }
                try await schedule.clock.sleep(for: .seconds(2))
                #expect(log.entries == Array(0..<50), "seed \(schedule.seed)")
            }
        }
    }
}
