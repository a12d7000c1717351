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
import Foundation
import Testing

@Suite("envelopes and receipts", .timeLimit(.minutes(10)))
struct EnvelopeTests {
    private struct Versioned: Event {
        static let name = "test.versioned"
        static let schemaVersion = 3
        var orderingKey: String? { "k" }
    }

    @Test("an event from outside is its own first cause")
    func outside() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule)
            let probe = EventProbe(bus)
            try await schedule.clock.sleep(for: .seconds(5))
            let receipt = try await bus.publish(Versioned(), headers: ["trace": "1"])
            let metadata = try #require(probe.events.first?.metadata)
            #expect(metadata.id == receipt.id)
            #expect(metadata.offset == receipt.offset)
            #expect(metadata.name == "test.versioned")
            #expect(metadata.schemaVersion == 3)
            #expect(metadata.orderingKey == "k")
            #expect(metadata.correlationID == receipt.id)
            #expect(receipt.correlationID == receipt.id)
            #expect(metadata.causationID == nil)
            #expect(metadata.depth == 0)
            #expect(metadata.emittedBy == nil)
            #expect(metadata.headers == ["trace": "1"])
            #expect(metadata.publishedAt == ManualClock.defaultStart.addingTimeInterval(5))
        }
    }

    @Test("a handler sees the same metadata as the receipt and the streams")
    func handler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Journal<EventMetadata>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("look", to: Numbered.self) { _, context in seen.append(context.metadata) }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1, key: "k"), headers: ["a": "b"])
                _ = try await bus.outcome(of: receipt)
                let metadata = try #require(seen.entries.first)
                #expect(metadata.id == receipt.id)
                #expect(metadata.offset == receipt.offset)
                #expect(metadata.headers == ["a": "b"])
                #expect(metadata.orderingKey == "k")
            }
        }
    }

    @Test("a correlation that the publisher gives is kept")
    func givenCorrelation() async throws {
        let bus = try EventBus()
        let first = try await bus.publish(Numbered(1))
        let second = try await bus.publish(Numbered(2), correlationID: first.id)
        #expect(second.correlationID == first.id)
        #expect(second.id != first.id)
        let batch = try await bus.publish(contentsOf: [Numbered(3), Numbered(4)], correlationID: first.id)
        #expect(batch.map(\.correlationID) == [first.id, first.id])
    }

    @Test("offsets count up from 1 without gaps, over all types")
    func offsets() async throws {
        let bus = try EventBus()
        var offsets = [try await bus.publish(Numbered(1)).offset.rawValue]
        offsets.append(try await bus.publish(Lettered("a")).offset.rawValue)
        offsets += try await bus.publish(contentsOf: [Numbered(2), Numbered(3)]).map(\.offset.rawValue)
        offsets.append(try await bus.publish(Lettered("b")).offset.rawValue)
        #expect(offsets == [1, 2, 3, 4, 5])
    }

    @Test("a rejected publish uses no offset")
    func noGap() async throws {
        let bus = try EventBus { handlers in
            try handlers.subscribe("full", to: Numbered.self, queue: QueuePolicy(capacity: 1, overflow: .reject)) { _, _ in }
        }
        try await bus.publish(Numbered(1))
        await #expect(throws: PublishError.self) { try await bus.publish(Numbered(2)) }
        #expect(try await bus.publish(Lettered("a")).offset.rawValue == 2)
    }

    @Test("the ordering key is read once, when the event is published")
    func keyReadOnce() async throws {
        struct Counting: Event {
            static let name = "test.counting"
            static let reads = Counter()
            var orderingKey: String? { String(Self.reads.increment()) }
        }
        try await exploreSchedules(seeds: [0]) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("a", to: Counting.self) { _, context in _ = context.metadata.orderingKey }
                try handlers.subscribe("b", to: Counting.self) { _, _ in }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Counting()))
            }
        }
        #expect(Counting.reads.value == 1)
    }
}
