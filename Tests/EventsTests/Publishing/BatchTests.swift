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

@Suite("publish(contentsOf:)", .timeLimit(.minutes(10)))
struct BatchTests {
    @Test("the receipts are those of the events, in order, and their offsets follow each other")
    func receipts() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule)
            let probe = EventProbe(bus)
            let batches = try await withThrowingTaskGroup(of: [Receipt].self) { group in
                for batch in 0..<4 {
                    group.addTask { try await bus.publish(contentsOf: (0..<3).map { Numbered(10 * batch + $0) }) }
                    group.addTask { [try await bus.publish(Numbered(100 + batch))] }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for batch in batches {
                let offsets = batch.map(\.offset.rawValue)
                #expect(offsets == Array((offsets.first ?? 0)..<(offsets.first ?? 0) + Int64(batch.count)))
                for receipt in batch {
                    #expect(probe.events[Int(receipt.offset.rawValue) - 1].metadata.id == receipt.id)
                }
            }
            let numbers = probe.events(of: Numbered.self).map(\.event.number).filter { $0 < 10 }
            #expect(numbers == [0, 1, 2])
        }
    }

    @Test("an empty batch publishes nothing, whatever state the bus is in")
    func empty() async throws {
        let bus = try EventBus()
        #expect(try await bus.publish(contentsOf: [Numbered]()).isEmpty)
        bus.beginShutdown()
        #expect(try await bus.publish(contentsOf: [Numbered]()).isEmpty)
        #expect(await bus.statistics().published == 0)
    }

    @Test("headers travel with each event, and each has a correlation of its own")
    func headers() async throws {
        let bus = try EventBus()
        let probe = EventProbe(bus)
        let receipts = try await bus.publish(contentsOf: [Numbered(1), Numbered(2)], headers: ["a": "b"])
        #expect(probe.events.map(\.metadata.headers) == [["a": "b"], ["a": "b"]])
        #expect(receipts.map(\.correlationID) == receipts.map(\.id))
    }

    @Test("a batch that one of several queues rejects is in none of them")
    func allOrNothing() async throws {
        let bus = try EventBus { handlers in
            try handlers.subscribe("wide", to: Numbered.self) { _, _ in }
            try handlers.subscribe("narrow", to: Numbered.self, queue: QueuePolicy(capacity: 3, overflow: .reject)) { _, _ in }
            try handlers.subscribe("dropping", to: Numbered.self, queue: QueuePolicy(capacity: 1, overflow: .dropNewest)) {
                _, _ in
            }
        }
        try await bus.publish(Numbered(0))
        let probe = EventProbe(bus)
        let error = await #expect(throws: PublishError.self) {
            try await bus.publish(contentsOf: (1..<4).map { Numbered($0) })
        }
        #expect(error?.reason == .queueFull)
        #expect(error?.result == .rejected)
        #expect(probe.events.isEmpty)
        for name in ["wide", "narrow", "dropping"] {
            #expect(await bus.statistics(of: name).unfinished == 1)
            #expect(await bus.statistics(of: name).dropped == 0)
        }
        #expect(try await bus.publish(contentsOf: (1..<3).map { Numbered($0) }).map(\.offset.rawValue) == [2, 3])
    }

    @Test("a batch waits until there is room for all of it, and enters whole")
    func waitsWhole() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Numbered.self, order: .serial, queue: QueuePolicy(capacity: 3)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            } _: { bus in
                await schedule.idle()
                try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
                try await bus.publish(contentsOf: [Numbered(3), Numbered(4), Numbered(5)])
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 2_000_000_000))
                #expect(await bus.statistics(of: "slow").unfinished == 3)
            }
        }
    }

    @Test(
        "a batch that can never enter a queue whole is rejected as too large, also where it could wait",
        arguments: [1, 3], [QueuePolicy.Overflow.suspend, .reject])
    func tooLarge(capacity: Int, overflow: QueuePolicy.Overflow) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("small", to: Numbered.self, queue: QueuePolicy(capacity: capacity, overflow: overflow)) {
                    _, _ in
                }
            } _: { bus in
                let error = await #expect(throws: PublishError.self) {
                    try await bus.publish(contentsOf: (0...capacity).map { Numbered($0) })
                }
                #expect(error?.reason == .batchTooLarge)
                #expect(await bus.statistics().published == 0)
            }
        }
    }

    @Test("queues that drop take of a batch what their policy says")
    func dropping() async throws {
        let bus = try EventBus { handlers in
            for (name, overflow) in [("oldest", QueuePolicy.Overflow.dropOldest), ("newest", .dropNewest)] {
                try handlers.subscribe(name, to: Numbered.self, queue: QueuePolicy(capacity: 2, overflow: overflow)) { _, _ in }
            }
        }
        try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
        for name in ["oldest", "newest"] {
            #expect(await bus.statistics(of: name).unfinished == 2)
            #expect(await bus.statistics(of: name).dropped == 3)
        }
    }
}
