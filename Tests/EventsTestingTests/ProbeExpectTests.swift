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

@Suite("EventProbe.expect", .timeLimit(.minutes(10)))
struct ProbeExpectTests {
    @Test("it returns an event that has come already, without a wait")
    func alreadyThere() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        let receipt = try await bus.publish(Ping(1))
        let envelope = try await probe.expect(Ping.self, within: .zero)
        #expect(envelope.event.number == 1)
        #expect(envelope.metadata.id == receipt.id)
    }

    @Test("it waits for an event that a handler publishes later")
    func waits() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { handlers in
                try handlers.subscribe("answer", to: Ping.self) { ping, context in
                    try await schedule.clock.sleep(for: .milliseconds(900))
                    try context.emit(Pong(ping.number))
                }
            } _: { bus, probe in
                try await bus.publish(Ping(7))
                #expect(try await probe.expect(Pong.self, within: .seconds(1)).event.number == 7)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 900_000_000))
            }
        }
    }

    @Test("when the time is up it throws, on the bus's clock, and says what came instead")
    func timeUp() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { bus, probe in
                try await bus.publish(contentsOf: [Ping(1), Ping(2)])
                let error = await #expect(throws: ProbeError.self) {
                    try await probe.expect(Pong.self, within: .seconds(3))
                }
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 3_000_000_000))
                #expect(error?.code == .missing)
                #expect(
                    error?.message == "probe.pong was not published within 3.0 seconds; published were 2 × probe.ping.")
            }
        }
    }

    @Test("on an empty record the error says that nothing came")
    func nothingCame() async throws {
        let bus = try EventBus()
        let error = await #expect(throws: ProbeError.self) {
            try await EventProbe(bus).expect(Ping.self, within: .zero)
        }
        #expect(error?.message == "probe.ping was not published within 0.0 seconds; nothing was published.")
    }

    @Test("where chooses among the events of the type, and the error counts those it refused")
    func condition() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withProbedBus(on: schedule) { bus, probe in
                try await bus.publish(contentsOf: [Ping(1), Ping(2), Ping(3)])
                #expect(try await probe.expect(Ping.self, where: { $0.number == 2 }).event.number == 2)
                let error = await #expect(throws: ProbeError.self) {
                    try await probe.expect(Ping.self, where: { $0.number == 2 })
                }
                #expect(
                    error?.message.hasSuffix(
                        "published were 3 × probe.ping (of probe.ping, `where` refused 2 of them, "
                            + "1 had answered other expectations).") == true)
            }
        }
    }

    @Test("what where throws comes through")
    func conditionThrows() async throws {
        struct Refused: Error {}
        let bus = try EventBus()
        let probe = EventProbe(bus)
        try await bus.publish(Ping(1))
        await #expect(throws: Refused.self) { try await probe.expect(Ping.self, where: { _ in throw Refused() }) }
    }

    @Test("each event answers one call, the earliest first")
    func oneAnswerEach() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withProbedBus(on: schedule) { bus, probe in
                try await bus.publish(contentsOf: [Ping(1), Ping(2)])
                #expect(try await probe.expect(Ping.self).event.number == 1)
                #expect(try await probe.expect(Ping.self).event.number == 2)
                await #expect(throws: ProbeError.self) { try await probe.expect(Ping.self) }
            }
        }
    }

    @Test("calls at the same time get different events, whatever the order of things")
    func concurrent() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            try await withProbedBus(on: schedule) { bus, probe in
                let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 { group.addTask { try await probe.expect(Ping.self).event.number } }
                    for number in 0..<4 { try await bus.publish(Ping(number)) }
                    return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
                }
                #expect(numbers == [0, 1, 2, 3])
            }
        }
    }

    @Test("when the bus closes it throws at once, because nothing can come any more")
    func closed() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            let bus = try EventBus(configuration: configuration)
            let probe = EventProbe(bus)
            async let report = bus.run()
            let expected = Task(executorPreference: schedule.executor) {
                try await probe.expect(Ping.self, within: .seconds(100))
            }
            await schedule.idle()
            bus.beginShutdown()
            let error = await #expect(throws: ProbeError.self) { _ = try await expected.value }
            #expect(error?.message == "probe.ping was not published before the bus closed; nothing was published.")
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
            _ = try await report
        }
    }

    @Test("a probe made on a closed bus does not wait either")
    func madeAfterClose() async throws {
        let bus = try EventBus()
        bus.beginShutdown()
        try await bus.run()
        await #expect(throws: ProbeError.self) { try await EventProbe(bus).expect(Ping.self, within: .seconds(100)) }
    }

    @Test("cancellation ends it", arguments: [true, false])
    func cancelled(beforeTheWait: Bool) async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { _, probe in
                let task = Task(executorPreference: schedule.executor) {
                    _ = try await probe.expect(Ping.self, within: .seconds(100))
                }
                if !beforeTheWait { for _ in 0..<(schedule.seed % 10) { await Task.yield() } }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
            }
        }
    }

    @Test("an event that comes when the time is up may answer or not, but is never lost")
    func atTheDeadline() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            try await withProbedBus(on: schedule) { bus, probe in
                async let publishing: Void = {
                    try await schedule.clock.sleep(for: .seconds(1))
                    try await bus.publish(Ping(1))
                }()
                let first = try? await probe.expect(Ping.self, within: .seconds(1))
                try await publishing
                if first == nil { #expect(try await probe.expect(Ping.self, within: .zero).event.number == 1) }
            }
        }
    }

    @Test("in real time it returns when the event comes")
    func realTime() async throws {
        try await withEventBus { handlers in
            try handlers.subscribe("answer", to: Ping.self) { ping, context in try context.emit(Pong(ping.number)) }
        } _: { bus in
            let probe = EventProbe(bus)
            try await bus.publish(Ping(1))
            try await probe.expect(Pong.self, within: .seconds(600))
        }
    }

    @Test("an error never shows what an event holds")
    func noContent() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        try await bus.publish(Ping(987_654))
        for error in [
            await #expect(throws: ProbeError.self) { try await probe.expect(Pong.self, within: .zero) },
            await #expect(throws: ProbeError.self) { try await probe.expectNone(of: Ping.self) },
        ] {
            #expect(error.map { "\($0) \(String(reflecting: $0))".contains("987") } == false)
        }
    }
}
