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

@Suite("EventProbe's record", .timeLimit(.minutes(10)))
struct ProbeRecordingTests {
    @Test("an event is in the record when its publish returns")
    func atOnce() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        let receipt = try await bus.publish(Ping(1))
        #expect(probe.events(of: Ping.self).map(\.event.number) == [1])
        #expect(probe.events(of: Ping.self).first?.metadata.id == receipt.id)
    }

    @Test("events lie in offset order and are told apart by type")
    func order() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        try await bus.publish(contentsOf: [Ping(1), Ping(2)])
        try await bus.publish(Pong(3))
        try await bus.publish(Ping(4))
        #expect(probe.events(of: Ping.self).map(\.event.number) == [1, 2, 4])
        #expect(probe.events(of: Pong.self).map(\.event.number) == [3])
        #expect(probe.events.map(\.metadata.name) == ["probe.ping", "probe.ping", "probe.pong", "probe.ping"])
        #expect(probe.events.map(\.metadata.offset.rawValue) == [1, 2, 3, 4])
    }

    @Test("publishers at the same time leave a record without gaps, in offset order")
    func concurrent() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            try await withProbedBus(on: schedule) { bus, probe in
                await withTaskGroup(of: Void.self) { group in
                    for publisher in 0..<5 {
                        group.addTask { for number in 0..<5 { _ = try? await bus.publish(Ping(10 * publisher + number)) } }
                    }
                }
                #expect(probe.events.map(\.metadata.offset.rawValue) == Array(1...25))
            }
        }
    }

    @Test("what was published before the probe is not in its record")
    func fromThenOn() async throws {
        let bus = try EventBus()
        try await bus.publish(Ping(1))
        let probe = EventProbe(bus)
        try await bus.publish(Ping(2))
        #expect(probe.events(of: Ping.self).map(\.event.number) == [2])
    }

    @Test("each of several probes has its own record")
    func several() async throws {
        let bus = try EventBus()
        let first = EventProbe(bus)
        try await bus.publish(Ping(1))
        let second = EventProbe(bus)
        try await bus.publish(Ping(2))
        #expect(first.events.count == 2)
        #expect(second.events.count == 1)
    }

    @Test("clear forgets what came, and what comes is recorded again")
    func clears() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        try await bus.publish(Ping(1))
        probe.clear()
        #expect(probe.events.isEmpty)
        try await bus.publish(Ping(2))
        #expect(probe.events(of: Ping.self).map(\.event.number) == [2])
        #expect(try await probe.expect(Ping.self).event.number == 2)
    }

    @Test("a rejected event is not in the record")
    func rejected() async throws {
        let bus = try EventBus { handlers in
            try handlers.subscribe("full", to: Ping.self, queue: QueuePolicy(capacity: 1, overflow: .reject)) { _, _ in }
        }
        let probe = EventProbe(bus)
        try await bus.publish(Ping(1))
        await #expect(throws: PublishError.self) { try await bus.publish(Ping(2)) }
        #expect(probe.events(of: Ping.self).map(\.event.number) == [1])
    }
}
