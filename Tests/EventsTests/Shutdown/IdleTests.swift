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

@Suite("An idle bus", .timeLimit(.minutes(10)))
struct IdleTests {
    /// Runs the bus in manual time, so that deadlines stay visible, and checks that none is left 20 ms after the work.
    private static func check(
        _ schedule: SeededSchedule, timeout: Duration? = nil, retry: RetryPolicy = .none,
        _ handler: @escaping @Sendable (Numbered, EventContext) async throws -> Void
    ) async throws {
        try await withRunningBus(on: schedule) { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: retry, timeout: timeout, handler: handler)
        } _: { bus in
            await schedule.idle()
            #expect(schedule.clock.pendingDeadlines.isEmpty, "before anything is published")
            for number in 0..<100 { try await bus.publish(Numbered(number)) }
            await schedule.advance(by: .milliseconds(20))
            #expect(schedule.clock.pendingDeadlines.isEmpty, "seed \(schedule.seed)")
            #expect(await bus.statistics().idleWorkers == 4)
            // One by one there is no progress check whose ring would clear a deadline that is no more.
            for number in 100..<103 {
                try await bus.publish(Numbered(number))
                await schedule.advance(by: .milliseconds(20))
                #expect(schedule.clock.pendingDeadlines.isEmpty, "seed \(schedule.seed), after \(number)")
            }
        }
    }

    @Test("has no deadline pending when its work is done")
    func afterWork() async throws {
        try await exploreSchedules(seeds: fewSeeds, time: .manual) { schedule in
            try await Self.check(schedule) { _, _ in }
        }
    }

    @Test("has no deadline pending when its retries are done")
    func afterRetries() async throws {
        try await exploreSchedules(seeds: fewSeeds, time: .manual) { schedule in
            try await Self.check(schedule, retry: .constant(.milliseconds(5), maxAttempts: 3)) { _, context in
                if context.attempt < 3 { throw TestFault() }
            }
        }
    }

    @Test("has no deadline pending for a timeout that did not come")
    func afterTimeouts() async throws {
        try await exploreSchedules(seeds: fewSeeds, time: .manual) { schedule in
            try await Self.check(schedule, timeout: .seconds(3_600)) { _, _ in }
        }
    }

    @Test("has exactly one deadline pending while any number of retries wait")
    func oneAlarm() async throws {
        try await exploreSchedules(seeds: fewSeeds, time: .manual) { schedule in
            let result = try await withRunningBus(on: schedule, configure: { $0.shutdownDeadline = .seconds(50) }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(40), maxAttempts: 2)) { _, context in
                    if context.attempt == 1 { throw TestFault() }
                }
            } _: { bus in
                for number in 0..<50 { try await bus.publish(Numbered(number)) }
                await schedule.advance(by: .seconds(1))
                #expect(schedule.clock.pendingDeadlines.count == 1, "seed \(schedule.seed)")
                await schedule.advance(by: .seconds(40))
                #expect(schedule.clock.pendingDeadlines.isEmpty, "seed \(schedule.seed)")
            }
            #expect(result.report.completed == 50)
        }
    }

    @Test("leaves no deadline behind when it has closed")
    func closed() async throws {
        try await exploreSchedules(seeds: fewSeeds, time: .manual) { schedule in
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(40)), timeout: .seconds(90)) { _, _ in
                    throw TestFault()
                }
            }
            let run = Task(executorPreference: schedule.executor) { try await bus.run() }
            for number in 0..<50 { try await bus.publish(Numbered(number)) }
            await schedule.idle()
            run.cancel()
            let report = try await run.value
            #expect(report.released == 50, "seed \(schedule.seed)")
            #expect(schedule.clock.pendingDeadlines.isEmpty)
        }
    }
}
