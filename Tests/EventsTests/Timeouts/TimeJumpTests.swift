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

/// Time that jumps while everything is on its way: on a loaded machine a deadline may come between any two steps of a worker,
/// which virtual time that only moves when nothing can run would never show.
@Suite("Time that jumps", .timeLimit(.minutes(10)))
struct TimeJumpTests {
    private static let count = 40

    /// Runs a subscription with timeouts, retries and keys while another task moves the time at random moments.
    private static func run(
        _ schedule: SeededSchedule, shutdownMidway: Bool
    ) async throws -> (report: ShutdownReport, bus: EventBus, log: HandlingLog, receipts: [Receipt]) {
        let log = HandlingLog(schedule)
        let bus = try makeBus(
            on: schedule,
            configure: { configuration in
                configuration.workers = 3
                configuration.shutdownDeadline = shutdownMidway ? .milliseconds(200) : .seconds(1_000_000)
                configuration.grace = .seconds(1_000_000)
            }
        ) { handlers in
            try handlers.subscribe(
                "s", to: Numbered.self, retry: .constant(.milliseconds(20), maxAttempts: 3), timeout: .milliseconds(50)
            ) { event, context in
                try await log.handle(event, context) {
                    switch event.number % 4 {
                    case 0: try await schedule.clock.sleep(for: .milliseconds(40))
                    case 1: if context.attempt == 1 { throw TestFault() }
                    case 2: await Task.yield()
                    default: break
                    }
                }
            }
        }
        let jumper = Task(executorPreference: schedule.executor) {
            var random = SplitMix64(seed: schedule.seed, purpose: 77)
            while !Task.isCancelled {
                for _ in 0..<random.next(below: 12) { await Task.yield() }
                schedule.clock.advance(by: .milliseconds(random.next(below: 30)))
                await Task.yield()
            }
        }
        let running = Task(executorPreference: schedule.executor) { try await bus.run() }
        var receipts: [Receipt] = []
        for start in stride(from: 0, to: count, by: 8) {
            receipts += try await bus.publish(
                contentsOf: (start..<start + 8).map { Numbered($0, key: $0 % 3 == 0 ? nil : "\($0 % 3)") })
            await Task.yield()
        }
        if !shutdownMidway {
            for receipt in receipts { _ = try await bus.outcome(of: receipt) }
        }
        bus.beginShutdown()
        let report = try await running.value
        jumper.cancel()
        await jumper.value
        return (report, bus, log, receipts)
    }

    @Test("every delivery comes to its end, with at most the attempts it has, and a key's never overlap")
    func resolves() async throws {
        let timedOut = Counter()
        try await exploreSchedules(seeds: 0..<300) { schedule in
            let result = try await Self.run(schedule, shutdownMidway: false)
            var total = Outcome()
            for receipt in result.receipts {
                let outcome = try await result.bus.outcome(of: receipt)
                total.completed += outcome.completed
                total.dead += outcome.dead
                total.parked += outcome.parked
                #expect(outcome.completed + outcome.dead + outcome.parked == 1, "seed \(schedule.seed)")
            }
            let statistics = await result.bus.statistics(of: "s")
            #expect(result.report.completed == total.completed, "seed \(schedule.seed)")
            #expect(result.report.isClean, "seed \(schedule.seed): \(result.report)")
            #expect(statistics.completed == total.completed)
            #expect(statistics.deadLetters == total.dead)
            #expect(statistics.parked == total.parked)
            #expect(statistics.unfinished == 0)
            #expect(statistics.ready == 0)
            #expect(statistics.retrying == 0)
            #expect(statistics.workers == 0)
            if statistics.timedOut > 0 { timedOut.increment() }
            #expect(result.log.overlaps.isEmpty, "seed \(schedule.seed)")
            #expect(result.log.starts.count == total.completed + statistics.failedAttempts, "seed \(schedule.seed)")
            let attempts = Dictionary(grouping: result.log.starts, by: \.number).mapValues { $0.map(\.attempt) }
            for (number, attempts) in attempts {
                #expect(attempts == Array(1...attempts.count), "seed \(schedule.seed): \(number)")
                #expect(attempts.count <= 3)
            }
        }
        #expect(timedOut.value > 30, "the time jumped past some limits")
    }

    @Test("a shutdown in the middle accounts for every delivery exactly once")
    func shutdown() async throws {
        try await exploreSchedules(seeds: 0..<300) { schedule in
            let result = try await Self.run(schedule, shutdownMidway: true)
            let statistics = await result.bus.statistics(of: "s")
            #expect(result.report.abandoned.isEmpty, "seed \(schedule.seed)")
            #expect(
                result.report.completed + result.report.released + statistics.deadLetters + statistics.parked == Self.count,
                "seed \(schedule.seed): \(result.report), \(statistics)")
            #expect(result.log.overlaps.isEmpty, "seed \(schedule.seed)")
            #expect(result.log.running == 0)
        }
    }
}
