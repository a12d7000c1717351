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

@Suite("Cancelling run()", .timeLimit(.minutes(10)))
struct RunCancellationTests {
    private static func seconds(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    /// Runs a bus in a task of its own whose handler sleeps for 1,000 s and honours cancellation.
    private static func start(_ schedule: SeededSchedule) throws -> (bus: EventBus, run: Task<ShutdownReport, any Error>) {
        let bus = try makeBus(on: schedule) { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in
                try await schedule.clock.sleep(for: .seconds(1_000))
            }
        }
        return (bus, Task(executorPreference: schedule.executor) { try await bus.run() })
    }

    @Test("cancelling while handlers run cancels them without waiting for the deadline")
    func during() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let (bus, run) = try Self.start(schedule)
            for number in 0..<10 { try await bus.publish(Numbered(number)) }
            await schedule.idle()
            run.cancel()
            let report = try await run.value
            #expect(report.released == 10, "seed \(schedule.seed)")
            #expect(report.completed == 0)
            #expect(report.abandoned.isEmpty)
            #expect(schedule.clock.now == Self.seconds(0))
        }
    }

    @Test("cancelling before run() has begun closes the bus; nothing is handled")
    func before() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let (bus, run) = try Self.start(schedule)
            run.cancel()
            _ = try? await bus.publish(Numbered(0))
            let report = try await run.value
            #expect(report.completed == 0, "seed \(schedule.seed)")
            #expect(await rejection { try await bus.publish(Numbered(1)) } == .closed)
        }
    }

    @Test("cancelling an idle bus closes it at once")
    func idle() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let (_, run) = try Self.start(schedule)
            await schedule.idle()
            run.cancel()
            let report = try await run.value
            #expect(report == ShutdownReport.completed(0), "seed \(schedule.seed)")
        }
    }

    @Test("cancelling after run() has returned changes nothing")
    func after() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let (bus, run) = try Self.start(schedule)
            bus.beginShutdown()
            let report = try await run.value
            run.cancel()
            #expect(report.isClean)
        }
    }

    @Test("cancelling while the bus drains ends the draining")
    func whileDraining() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let (bus, run) = try Self.start(schedule)
            try await bus.publish(Numbered(0))
            await schedule.idle()
            bus.beginShutdown()
            try await schedule.clock.sleep(for: .seconds(3))
            run.cancel()
            let report = try await run.value
            #expect(report.released == 1, "seed \(schedule.seed)")
            #expect(schedule.clock.now == Self.seconds(3))
        }
    }

    @Test("cancelling while the bus cancels already does not begin the grace anew")
    func whileCancelling() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
            }
            let run = Task(executorPreference: schedule.executor) { try await bus.run() }
            try await bus.publish(Numbered(0))
            await schedule.idle()
            bus.beginShutdown()
            try await schedule.clock.sleep(for: .seconds(32))
            run.cancel()
            let report = try await run.value
            #expect(report.abandoned.count == 1)
            #expect(schedule.clock.now == Self.seconds(35), "seed \(schedule.seed)")
        }
    }

    @Test("withEventBus: an error of the body cancels what runs, and the error comes through")
    func bodyThrows() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            let ends = Counter()
            await #expect(throws: TestFault("from the body")) {
                try await withEventBus(
                    configuration: configuration,
                    handlers: { handlers in
                        try handlers.subscribe("s", to: Numbered.self) { _, _ in
                            defer { ends.increment() }
                            try await schedule.clock.sleep(for: .seconds(1_000))
                        }
                    }
                ) { bus in
                    try await bus.publish(Numbered(0))
                    await schedule.idle()
                    throw TestFault("from the body")
                }
            }
            #expect(ends.value == 1, "seed \(schedule.seed)")
            #expect(schedule.clock.now == Self.seconds(0))
        }
    }

    @Test("withEventBus: the body's value comes back when the bus has drained")
    func bodyReturns() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            let ends = Counter()
            let value = try await withEventBus(
                configuration: configuration,
                handlers: { handlers in
                    try handlers.subscribe("s", to: Numbered.self) { _, _ in
                        try await schedule.clock.sleep(for: .seconds(1))
                        ends.increment()
                    }
                }
            ) { bus in
                try await bus.publish(Numbered(0))
                return 7
            }
            #expect(value == 7)
            #expect(ends.value == 1, "seed \(schedule.seed)")
        }
    }

    @Test("withEventBus: cancelling the caller cancels the body and what runs")
    func callerCancelled() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            let bounds = configuration
            let task = Task(executorPreference: schedule.executor) {
                try await withEventBus(configuration: bounds) { _ in
                    try await schedule.clock.sleep(for: .seconds(1_000))
                }
            }
            await schedule.idle()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(schedule.clock.now == Self.seconds(0), "seed \(schedule.seed)")
        }
    }
}
