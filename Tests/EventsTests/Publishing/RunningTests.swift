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

@Suite("a bus's life", .timeLimit(.minutes(10)))
struct RunningTests {
    private struct Ask: Command {}

    @Test("what was published before run() is handled by it, and a shutdown asked for before lets it finish that")
    func shutdownBeforeRun() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Counter()
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.subscribe("count", to: Numbered.self) { _, _ in handled.increment() }
                })
            try await bus.publish(contentsOf: (0..<10).map { Numbered($0) })
            bus.beginShutdown()
            bus.beginShutdown()
            let report = try await bus.run()
            #expect(report.completed == 10)
            #expect(report.isClean)
            #expect(handled.value == 10)
        }
    }

    @Test("a bus runs once: at the same time and afterwards run() throws")
    func runsOnce() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule)
            async let report = bus.run()
            await schedule.idle()
            #expect(await errorCode { try await bus.run() } == .alreadyRunning)
            bus.beginShutdown()
            _ = try await report
            #expect(await errorCode { try await bus.run() } == .closed)
        }
    }

    @Test("after a shutdown was asked for, nobody outside may publish; handlers still may")
    func draining() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.subscribe("first", to: Numbered.self) { _, context in
                        await gate.wait()
                        try await context.publish(Lettered("published"))
                        try context.emit(Lettered("emitted"))
                    }
                    try handlers.subscribe("second", to: Lettered.self) { _, _ in }
                })
            async let report = bus.run()
            try await bus.publish(Numbered(1))
            await schedule.idle()
            bus.beginShutdown()
            #expect(await rejection { try await bus.publish(Numbered(2)) } == .shuttingDown)
            #expect(await rejection { try await bus.publish(contentsOf: [Numbered(2)]) } == .shuttingDown)
            #expect(await errorCode { try await bus.send(Ask()) } == .shuttingDown)
            gate.open()
            #expect(try await report.completed == 3)
            #expect(await rejection { try await bus.publish(Numbered(3)) } == .closed)
            #expect(await errorCode { try await bus.send(Ask()) } == .closed)
        }
    }

    @Test("a shutdown waits for retries")
    func retriesDrain() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.subscribe("flaky", to: Numbered.self, retry: .constant(.seconds(10))) { _, context in
                        if context.attempt == 1 { throw TestFault() }
                    }
                })
            try await bus.publish(Numbered(1))
            bus.beginShutdown()
            let report = try await bus.run()
            #expect(report.completed == 1)
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 10_000_000_000))
        }
    }

    @Test("a bus without anything to do closes when told to")
    func nothingToDo() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule)
            async let report = bus.run()
            for _ in 0..<(schedule.seed % 5) { await Task.yield() }
            bus.beginShutdown()
            let ended = try await report
            #expect(ended.isClean && ended.completed == 0)
        }
    }

    // MARK: - withEventBus

    private func configuration(_ schedule: SeededSchedule, capacity: Int = 2_000) -> EventBusConfiguration {
        var configuration = EventBusConfiguration(queue: QueuePolicy(capacity: capacity))
        configuration.environment = schedule.environment
        return configuration
    }

    @Test("withEventBus returns what its body returns, when everything is handled")
    func scoped() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Counter()
            let result = try await withEventBus(configuration: configuration(schedule)) { handlers in
                try handlers.subscribe("tree", to: Numbered.self) { event, context in
                    handled.increment()
                    if event.number > 0 { try context.emit(Numbered(event.number - 1)) }
                }
            } _: { bus in
                try await bus.publish(Numbered(5))
                return "done"
            }
            #expect(result == "done")
            #expect(handled.value == 6)
        }
    }

    @Test("in withEventBus the bus runs before its body does, so a publish may wait for room")
    func scopedRuns() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            let handled = Counter()
            try await withEventBus(configuration: configuration(schedule, capacity: 1)) { handlers in
                try handlers.subscribe("count", to: Numbered.self) { _, _ in handled.increment() }
            } _: { bus in
                for number in 0..<5 { try await bus.publish(Numbered(number)) }
            }
            #expect(handled.value == 5)
        }
    }

    @Test("an error of the body comes through, and what still runs is cancelled")
    func scopedError() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let cancelled = Counter()
            await #expect(throws: TestFault("from the body")) {
                try await withEventBus(configuration: configuration(schedule)) { handlers in
                    try handlers.subscribe("endless", to: Numbered.self) { _, _ in
                        do { try await schedule.clock.sleep(for: .seconds(9_999)) } catch { cancelled.increment() }
                    }
                } _: { bus in
                    try await bus.publish(Numbered(1))
                    await schedule.idle()
                    throw TestFault("from the body")
                }
            }
            #expect(cancelled.value == 1)
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
        }
    }

    @Test("cancelling the task cancels the body and the bus")
    func scopedCancelled() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let task = Task(executorPreference: schedule.executor) {
                try await withEventBus(configuration: configuration(schedule)) { handlers in
                    try handlers.subscribe("endless", to: Numbered.self) { _, _ in
                        try await schedule.clock.sleep(for: .seconds(9_999))
                    }
                } _: { bus in
                    try await bus.publish(Numbered(1))
                    try await schedule.clock.sleep(for: .seconds(9_999))
                }
            }
            for _ in 0..<schedule.seed { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: (any Error).self) { try await task.value }
            // A body that comes to its publish after the cancellation finds the bus shutting down.
            #expect(error is CancellationError || (error as? PublishError)?.reason == .shuttingDown)
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
        }
    }

    @Test("an error of the registration comes through before the body is called")
    func scopedRegistration() async throws {
        await #expect(throws: TestFault.self) {
            try await withEventBus { _ in
                throw TestFault()
            } _: { _ in
                Issue.record("the body ran")
            }
        }
    }

    // MARK: - Statistics

    @Test("statistics say what is where")
    func statistics() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule) {
                $0.workers = 3
            } handlers: { handlers in
                try handlers.subscribe("gated", to: Numbered.self, maxConcurrency: 2) { _, _ in await gate.wait() }
                try handlers.subscribe("fails", to: Lettered.self, retry: .constant(.seconds(1), maxAttempts: 2)) { _, _ in
                    throw TestFault()
                }
                try handlers.handle(Ask.self) { _, _ in await gate.wait() }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
                try await bus.publish(contentsOf: [Lettered("a", key: "k"), Lettered("b", key: "k")])
                async let asked: Void = bus.send(Ask())
                await schedule.idle()
                var statistics = await bus.statistics()
                #expect(statistics.published == 7)
                #expect(statistics.workers == 3)
                #expect(statistics.idleWorkers == 1)
                #expect(statistics.runningCommands == 1)
                #expect(statistics.subscriptions.keys.sorted() == ["fails", "gated"])
                let gated = await bus.statistics(of: "gated")
                #expect(gated.unfinished == 5)
                #expect(gated.workers == 2)
                #expect(gated.completed == 0)
                let fails = await bus.statistics(of: "fails")
                #expect(fails.unfinished == 2)
                #expect(fails.retrying == 1)
                #expect(fails.failedAttempts == 1)
                try await schedule.clock.sleep(for: .seconds(2))
                gate.open()
                try await asked
                try await EventProbe(bus).settle()
                await schedule.idle()
                statistics = await bus.statistics()
                #expect(statistics.idleWorkers == 3)
                #expect(statistics.runningCommands == 0)
                #expect(await bus.statistics(of: "gated").completed == 5)
                let after = await bus.statistics(of: "fails")
                #expect(after.unfinished == 0)
                #expect(after.parked == 1)
                #expect(after.deadLetters == 1)
                #expect(after.deadLettered == 1)
                #expect(after.failedAttempts == 2)
            }
        }
    }
}
