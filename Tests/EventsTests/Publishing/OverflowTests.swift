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

@Suite("full queues", .timeLimit(.minutes(10)))
struct OverflowTests {
    /// A bus that does not run, with one subscription, "full", of a capacity and a policy.
    private func idleBus(_ overflow: QueuePolicy.Overflow, capacity: Int = 2) throws -> EventBus {
        try EventBus { handlers in
            try handlers.subscribe("full", to: Numbered.self, queue: QueuePolicy(capacity: capacity, overflow: overflow)) {
                _, _ in
            }
        }
    }

    @Test(
        "up to its capacity a queue takes everything, also before the bus runs",
        arguments: [
            QueuePolicy.Overflow.suspend, .reject, .dropOldest, .dropNewest,
        ])
    func withinCapacity(overflow: QueuePolicy.Overflow) async throws {
        let bus = try idleBus(overflow, capacity: 5)
        for number in 0..<5 { try await bus.publish(Numbered(number)) }
        let statistics = await bus.statistics(of: "full")
        #expect(statistics.unfinished == 5)
        #expect(statistics.ready == 5)
        #expect(statistics.dropped == 0)
    }

    @Test("a publish that would wait before the bus runs throws, and stores nothing")
    func waitBeforeRun() async throws {
        let bus = try idleBus(.suspend)
        try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
        let probe = EventProbe(bus)
        #expect(await rejection { try await bus.publish(Numbered(3)) } == .wouldWaitBeforeRun)
        #expect(await rejection { try await bus.publish(contentsOf: [Numbered(3)]) } == .wouldWaitBeforeRun)
        #expect(probe.events.isEmpty)
        #expect(await bus.statistics(of: "full").unfinished == 2)
        try await bus.publish(Lettered("another type has room"))
    }

    @Test("reject: the publish throws and no subscription gets the event")
    func reject() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("wide", to: Numbered.self) { event, _ in handled.append(event.number) }
                try handlers.subscribe("full", to: Numbered.self, queue: QueuePolicy(capacity: 2, overflow: .reject)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            } _: { bus in
                try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
                #expect(await rejection { try await bus.publish(Numbered(3)) } == .queueFull)
                try await schedule.clock.sleep(for: .seconds(2))
                try await bus.publish(Numbered(4))
                try await EventProbe(bus).settle()
                #expect(handled.entries.sorted() == [1, 2, 4])
                #expect(await bus.statistics(of: "full").completed == 3)
                #expect(await bus.statistics(of: "full").dropped == 0)
            }
        }
    }

    @Test("drop newest: the new event is not delivered there, is counted, and others get it")
    func dropNewest() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let narrow = Journal<Int>()
            let wide = Journal<Int>()
            let signals = Journal<Signal>()
            try await withRunningBus(on: schedule) {
                $0.hooks.observe = { signals.append($0) }
            } handlers: { handlers in
                try handlers.subscribe("wide", to: Numbered.self) { event, _ in wide.append(event.number) }
                try handlers.subscribe(
                    "full", to: Numbered.self, order: .serial, queue: QueuePolicy(capacity: 2, overflow: .dropNewest)
                ) { event, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                    narrow.append(event.number)
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
                try await EventProbe(bus).settle()
                #expect(narrow.entries == [0, 1])
                #expect(wide.entries.sorted() == [0, 1, 2, 3, 4])
                #expect(await bus.statistics(of: "full").dropped == 3)
                let drops = signals.entries.filter { $0.kind == .dropped }
                #expect(drops.map(\.eventID) == receipts.dropFirst(2).map(\.id))
                #expect(drops.allSatisfy { $0.subscription == "full" && $0.eventName == "test.numbered" })
                #expect(try await bus.outcome(of: receipts[4]) == Outcome(completed: 1, dropped: 1))
            }
        }
    }

    @Test("drop oldest: what waits longest makes room, what runs stays, and others keep all")
    func dropOldest() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let narrow = Journal<Int>()
            let signals = Journal<Signal>()
            try await withRunningBus(on: schedule) {
                $0.hooks.observe = { signals.append($0) }
            } handlers: { handlers in
                try handlers.subscribe(
                    "full", to: Numbered.self, order: .serial, queue: QueuePolicy(capacity: 3, overflow: .dropOldest)
                ) { event, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                    narrow.append(event.number)
                }
            } _: { bus in
                try await bus.publish(Numbered(0))
                await schedule.idle()
                let receipts = try await bus.publish(contentsOf: (1..<6).map { Numbered($0) })
                try await EventProbe(bus).settle()
                #expect(narrow.entries == [0, 4, 5])
                #expect(await bus.statistics(of: "full").dropped == 3)
                #expect(signals.entries.filter { $0.kind == .dropped }.map(\.eventID) == receipts.prefix(3).map(\.id))
                #expect(try await bus.outcome(of: receipts[0]) == Outcome(dropped: 1))
            }
        }
    }

    @Test("drop oldest: when nothing waits that could go, the new event is the one that is dropped")
    func dropOldestAllRunning() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("full", to: Numbered.self, queue: QueuePolicy(capacity: 2, overflow: .dropOldest)) {
                    _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            } _: { bus in
                try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
                await schedule.idle()
                let receipt = try await bus.publish(Numbered(3))
                #expect(try await bus.outcome(of: receipt) == Outcome(dropped: 1))
                try await EventProbe(bus).settle()
                #expect(await bus.statistics(of: "full").completed == 2)
            }
        }
    }

    @Test("drop oldest keeps the order of a key and the keys apart")
    func dropOldestKeys() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("full", to: Numbered.self, queue: QueuePolicy(capacity: 4, overflow: .dropOldest)) {
                    event, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                    handled.append(event.number)
                }
            } _: { bus in
                // Odd and even numbers have a key each: 0 and 1 run, 2 and 3 wait behind them.
                try await bus.publish(contentsOf: (0..<4).map { Numbered($0, key: $0 % 2 == 0 ? "even" : "odd") })
                await schedule.idle()
                try await bus.publish(contentsOf: (4..<8).map { Numbered($0, key: $0 % 2 == 0 ? "even" : "odd") })
                try await EventProbe(bus).settle()
                #expect(Set(handled.entries.prefix(2)) == [0, 1])
                #expect(Set(handled.entries.dropFirst(2)) == [6, 7])
                #expect(await bus.statistics(of: "full").dropped == 4)
                #expect(await bus.statistics(of: "full").unfinished == 0)
            }
        }
    }

    @Test("deliveries that are due for a retry count as much as those that wait")
    func heldCount() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe(
                    "full", to: Numbered.self, retry: .constant(.seconds(10), maxAttempts: 2),
                    queue: QueuePolicy(capacity: 1, overflow: .reject)
                ) { _, context in
                    if context.attempt == 1 { throw TestFault() }
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                await schedule.idle()
                #expect(await bus.statistics(of: "full").retrying == 1)
                #expect(await rejection { try await bus.publish(Numbered(2)) } == .queueFull)
                _ = try await bus.outcome(of: receipt)
                try await bus.publish(Numbered(3))
            }
        }
    }
}
