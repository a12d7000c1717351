//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

/// What is in the log when the program comes back with other types, or other keys.
@Suite("A type that changed while the log had something of it", .timeLimit(.minutes(15)))
struct ChangedTypeTests {
    private struct ByOrder: Event {
        static let name = "test.changed"
        var order: String
        var customer: String
        var orderingKey: String? { order }
    }

    private struct ByCustomer: Event {
        static let name = "test.changed"
        var order: String
        var customer: String
        var orderingKey: String? { customer }
    }

    private struct ByNothing: Event {
        static let name = "test.changed"
        var order: String
        var customer: String
    }

    /// Lets three events fail and come back with another key.
    private func handled<Before: Event, After: Event>(
        _ schedule: SeededSchedule, events: [Before], as after: After.Type, order: @escaping @Sendable (After) -> String
    ) async throws -> [String] {
        let log = schedule.makeLog()
        try await withDurableBus(log, on: schedule) { handlers in
            try handlers.subscribe("s", to: Before.self) { _, _ in throw Disposition.retry(after: .seconds(5)) }
        } _: { bus in
            try await bus.publish(contentsOf: events)
            try await schedule.clock.sleep(for: .seconds(1))
        }
        let seen = Guarded<[String]>([])
        try await withDurableBus(log, on: schedule) { handlers in
            try handlers.subscribe("s", to: After.self) { event, _ in seen.withLock { $0.append(order(event)) } }
        } _: { bus in
            try await schedule.clock.sleep(for: .seconds(60))
            await schedule.idle()
            let left = await bus.statistics(of: "s")
            #expect(left.stored == 0 && left.unfinished == 0, "seed \(schedule.seed): \(left)")
        }
        return seen.withLock { $0.sorted() }
    }

    @Test("what waits for a retry is handled when its type has another ordering key now, or the first one, or none")
    func otherKey() async throws {
        let orders = ["a", "b", "c"]
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let toAnother = try await handled(
                schedule, events: orders.map { ByOrder(order: $0, customer: "c") }, as: ByCustomer.self, order: \.order)
            #expect(toAnother == orders, "seed \(schedule.seed)")
        }
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let toOne = try await handled(
                schedule, events: orders.map { ByNothing(order: $0, customer: "c") }, as: ByCustomer.self, order: \.order)
            #expect(toOne == orders, "seed \(schedule.seed)")
        }
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let toNone = try await handled(
                schedule, events: orders.map { ByOrder(order: $0, customer: "c") }, as: ByNothing.self, order: \.order)
            #expect(toNone == orders, "seed \(schedule.seed)")
        }
    }

    @Test("a letter whose type nobody handles any more stays when all are sent back, and goes on holding up its key")
    func lettersOfNobody() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", options: SubscriptionOptions(retry: .none)) {
                    On(Numbered.self) { _, _ in throw TestFault() }
                    On(Lettered.self) { _, _ in }
                }
            } _: { bus in
                try await bus.publish(Numbered(1, key: "k"))
                await schedule.idle()
                try await bus.publish(Lettered("behind", key: "k"))
                await schedule.idle()
            }
            let seen = Guarded(0)
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Lettered.self) { _, _ in seen.withLock { $0 += 1 } }
            } _: { bus in
                let sent = try await bus.deadLetters.redrive(matching: .all)
                await schedule.idle()
                #expect(sent == [], "seed \(schedule.seed)")
                #expect(try await bus.deadLetters.list().letters.count == 1, "seed \(schedule.seed)")
                #expect(await bus.statistics(of: "s").parked == 1, "seed \(schedule.seed)")
            }
            #expect(seen.withLock { $0 } == 0, "seed \(schedule.seed)")
        }
    }
}
