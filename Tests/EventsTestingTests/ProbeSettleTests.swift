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

@Suite("EventProbe.settle and expectNone", .timeLimit(.minutes(10)))
struct ProbeSettleTests {
    private struct Failure: Error {}

    @Test("expectNone waits for what handlers still publish")
    func waitsForHandlers() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("answer", to: Ping.self) { ping, context in
                    if ping.number > 0 { try context.emit(Ping(ping.number - 1)) } else { try context.emit(Pong(0)) }
                }
            } _: { bus, probe in
                try await bus.publish(Ping(5))
                let error = await #expect(throws: ProbeError.self) { try await probe.expectNone(of: Pong.self) }
                #expect(error?.code == .unexpected)
                #expect(
                    error?.message
                        == "probe.pong should not have been published, but was once, first at offset 7 "
                        + "by the subscription 'answer'")
            }
        }
    }

    @Test("expectNone returns when nothing of the type came, at the time at which the bus came to rest")
    func none() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Ping.self) { _, _ in try await schedule.clock.sleep(for: .seconds(2)) }
            } _: { bus, probe in
                try await bus.publish(Ping(5))
                try await probe.expectNone(of: Pong.self)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 2_000_000_000))
            }
        }
    }

    @Test("expectNone counts events that answered an expectation, and those that where means only")
    func strict() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        try await bus.publish(contentsOf: [Ping(1), Ping(2)])
        try await probe.expect(Ping.self)
        try await probe.expectNone(of: Ping.self, where: { $0.number == 3 })
        let error = await #expect(throws: ProbeError.self) { try await probe.expectNone(of: Ping.self) }
        #expect(error?.message == "probe.ping should not have been published, but was 2 times, first at offset 1")
    }

    @Test("settle waits for deliveries that are due for a retry")
    func retries() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("flaky", to: Ping.self, retry: .constant(.seconds(10))) { ping, context in
                    if context.attempt < 3 { throw Failure() }
                    try context.emit(Pong(ping.number))
                }
            } _: { bus, probe in
                try await bus.publish(Ping(1))
                try await probe.settle()
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 20_000_000_000))
                #expect(probe.events(of: Pong.self).count == 1)
            }
        }
    }

    @Test("settle waits for commands")
    func commands() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.handle(Serve.self) { command, context in
                    try await schedule.clock.sleep(for: .seconds(1))
                    try context.emit(Pong(command.number))
                }
            } _: { bus, probe in
                async let sent: Void = bus.send(Serve(number: 1))
                await schedule.idle()
                try await probe.settle()
                #expect(probe.events(of: Pong.self).count == 1)
                try await sent
            }
        }
    }

    @Test("dead letters and what is parked behind them are nothing to wait for")
    func parked() async throws {
        struct Keyed: Event {
            static let name = "probe.keyed"
            var orderingKey: String? { "k" }
        }
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("broken", to: Keyed.self, retry: .none) { _, _ in throw Failure() }
            } _: { bus, probe in
                try await bus.publish(contentsOf: [Keyed(), Keyed()])
                try await probe.settle()
                let statistics = await bus.statistics().subscriptions["broken"]
                #expect(statistics?.deadLetters == 1)
                #expect(statistics?.parked == 1)
            }
        }
    }

    @Test("settle waits for publishers that wait for room")
    func waitingPublishers() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("narrow", to: Ping.self, queue: QueuePolicy(capacity: 1)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            } _: { bus, probe in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    await schedule.idle()
                    for number in 0..<4 { group.addTask { try await bus.publish(Ping(number)) } }
                    await schedule.idle()
                    try await probe.settle()
                    #expect(probe.events.count == 4)
                    #expect(await bus.statistics().subscriptions["narrow"]?.completed == 4)
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("settle throws when the time is up, and names who is busy")
    func unsettled() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("endless", to: Ping.self, retry: .constant(.seconds(7), maxAttempts: 100)) { _, _ in
                    throw Failure()
                }
                try handlers.handle(Serve.self) { _, _ in try await schedule.clock.sleep(for: .seconds(100)) }
            } _: { bus, probe in
                try await bus.publish(Ping(1))
                async let sent: Void = bus.send(Serve(number: 1))
                await schedule.idle()
                let error = await #expect(throws: ProbeError.self) { try await probe.settle() }
                #expect(error?.code == .unsettled)
                #expect(
                    error?.message
                        == "the bus has not settled within 60.0 seconds: 'endless' has 1 unfinished deliveries, 1 of them due for a "
                        + "retry, 1 commands are running")
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 60_000_000_000))
                try await sent
            }
        }
    }

    @Test("settle on a bus that does nothing returns at once, also before it runs and after it closed")
    func atRest() async throws {
        let bus = try EventBus { handlers in
            try handlers.subscribe("released", to: Ping.self) { _, _ in try await ManualClock().sleep(for: .seconds(1)) }
        }
        let probe = EventProbe(bus)
        try await probe.settle()
        try await bus.publish(Ping(1))
        let run = Task { try await bus.run() }
        run.cancel()
        let report = try await run.value
        #expect(report.released == 1)
        try await probe.settle()
    }

    @Test("settle inside a handler throws instead of waiting for itself")
    func insideHandler() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            let codes = Log<EventBusError.Code?>()
            let probes = Log<EventProbe>()
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("curious", to: Ping.self) { _, _ in
                    do { try await probes.values.first?.settle() } catch { codes.append((error as? EventBusError)?.code) }
                }
            } _: { bus, probe in
                probes.append(probe)
                try await bus.publish(Ping(1))
                try await probe.settle()
                #expect(codes.values == [.wouldDeadlock])
            }
        }
    }

    @Test("cancellation ends the wait")
    func cancelled() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Ping.self) { _, _ in try await schedule.clock.sleep(for: .seconds(9)) }
            } _: { bus, probe in
                try await bus.publish(Ping(1))
                let task = Task(executorPreference: schedule.executor) { try await probe.settle() }
                for _ in 0..<(schedule.seed % 10) { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }
}
