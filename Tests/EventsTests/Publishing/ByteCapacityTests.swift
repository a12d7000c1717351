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

/// An event of a size that the test chooses.
private struct Heavy: Event {
    static let name = "test.heavy"
    var bytes: Int
    var payloadByteCount: Int { bytes }
}

@Suite("queues bounded by bytes", .timeLimit(.minutes(10)))
struct ByteCapacityTests {
    private func idleBus(_ overflow: QueuePolicy.Overflow) throws -> EventBus {
        try EventBus { handlers in
            let queue = QueuePolicy(capacity: 100, byteCapacity: 1_000, overflow: overflow)
            try handlers.subscribe("full", to: Heavy.self, queue: queue) { _, _ in }
        }
    }

    @Test("reject: the bytes count as well as the deliveries")
    func reject() async throws {
        let bus = try idleBus(.reject)
        try await bus.publish(Heavy(bytes: 600))
        #expect(await rejection { try await bus.publish(Heavy(bytes: 600)) } == .queueFull)
        try await bus.publish(Heavy(bytes: 300))
        #expect(await bus.statistics(of: "full").unfinished == 2)
    }

    @Test("drop oldest: as many go as the new event needs")
    func dropOldest() async throws {
        let bus = try idleBus(.dropOldest)
        for _ in 0..<4 { try await bus.publish(Heavy(bytes: 200)) }
        try await bus.publish(Heavy(bytes: 700))
        #expect(await bus.statistics(of: "full").dropped == 3)
        #expect(await bus.statistics(of: "full").unfinished == 2)
    }

    @Test("drop newest: a small event still enters where a large one does not")
    func dropNewest() async throws {
        let bus = try idleBus(.dropNewest)
        for bytes in [700, 700, 100] { try await bus.publish(Heavy(bytes: bytes)) }
        #expect(await bus.statistics(of: "full").dropped == 1)
        #expect(await bus.statistics(of: "full").unfinished == 2)
    }

    @Test(
        "a single event larger than the bound is let into an empty queue",
        arguments: [
            QueuePolicy.Overflow.suspend, .reject, .dropOldest, .dropNewest,
        ])
    func single(overflow: QueuePolicy.Overflow) async throws {
        let bus = try idleBus(overflow)
        try await bus.publish(Heavy(bytes: 5_000))
        #expect(await bus.statistics(of: "full").unfinished == 1)
    }

    @Test(
        "a batch larger than the bound is rejected, also by an empty queue",
        arguments: [
            QueuePolicy.Overflow.suspend, .reject,
        ])
    func batch(overflow: QueuePolicy.Overflow) async throws {
        let bus = try idleBus(overflow)
        let reason = await rejection { try await bus.publish(contentsOf: (0..<3).map { _ in Heavy(bytes: 500) }) }
        #expect(reason == .batchTooLarge)
        #expect(await bus.statistics().published == 0)
    }

    @Test("suspend: a publisher waits until there is room for its bytes")
    func suspend() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                let queue = QueuePolicy(capacity: 100, byteCapacity: 1_000)
                try handlers.subscribe("slow", to: Heavy.self, order: .serial, queue: queue) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            } _: { bus in
                await schedule.idle()
                for _ in 0..<3 { try await bus.publish(Heavy(bytes: 300)) }
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                try await bus.publish(Heavy(bytes: 500))
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 2_000_000_000))
            }
        }
    }

    @Test("a negative size counts as none")
    func negative() async throws {
        let bus = try idleBus(.reject)
        for _ in 0..<10 { try await bus.publish(Heavy(bytes: -1_000)) }
        #expect(await bus.statistics(of: "full").unfinished == 10)
    }
}
