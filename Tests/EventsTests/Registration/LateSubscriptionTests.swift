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

@Suite("subscriptions that come and go while the bus lives", .timeLimit(.minutes(10)))
struct LateSubscriptionTests {
    @Test("one gets what is published from then on, and says from where")
    func fromThenOn() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("early", to: Numbered.self) { _, _ in }
            } _: { bus in
                try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
                let handle = try await bus.subscribe("late", to: Numbered.self, options: SubscriptionOptions(order: .serial)) {
                    event, _ in handled.append(event.number)
                }
                #expect(handle.name == "late")
                #expect(handle.startsAfter == Offset(rawValue: 2))
                try await bus.publish(contentsOf: [Numbered(3), Numbered(4)])
                try await EventProbe(bus).settle()
                #expect(handled.entries == [3, 4])
            }
        }
    }

    @Test("under a stream of events, one gets exactly those after the offset it names")
    func exactly() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            let handled = Journal<Int64>()
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                async let publishing: Void = { for number in 0..<20 { try await bus.publish(Numbered(number)) } }()
                for _ in 0..<(schedule.seed % 30) { await Task.yield() }
                let handle = try await bus.subscribe("late", to: Numbered.self, options: SubscriptionOptions(order: .serial)) {
                    handled.append($1.metadata.offset.rawValue)
                }
                try await publishing
                try await EventProbe(bus).settle()
                #expect(handled.entries == Array((handle.startsAfter.rawValue + 1)..<21))
            }
        }
    }

    @Test("one may subscribe before the bus runs, to several types, or to one nobody knew")
    func beforeRun() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<String>()
            let bus = try makeBus(on: schedule)
            try await bus.subscribe("both") {
                On(Numbered.self) { event, _ in handled.append("\(event.number)") }
                On(Lettered.self) { event, _ in handled.append(event.letter) }
            }
            try await bus.publish(Numbered(1))
            try await bus.publish(Lettered("a"))
            bus.beginShutdown()
            try await bus.run()
            #expect(handled.entries.sorted() == ["1", "a"])
        }
    }

    @Test("once a shutdown was asked for, nobody may subscribe")
    func shuttingDown() async throws {
        let bus = try EventBus()
        bus.beginShutdown()
        #expect(await errorCode { try await bus.subscribe("late", to: Numbered.self) { _, _ in } } == .shuttingDown)
        try await bus.run()
        #expect(await errorCode { try await bus.subscribe("late", to: Numbered.self) { _, _ in } } == .shuttingDown)
    }

    @Test("a handler may subscribe another")
    func fromHandler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let buses = Journal<EventBus>()
            let handled = Journal<String>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("first", to: Numbered.self) { _, context in
                    try await buses.entries[0].subscribe("second", to: Lettered.self) { event, _ in handled.append(event.letter) }
                    try context.emit(Lettered("a"))
                }
            } _: { bus in
                buses.append(bus)
                _ = try await bus.outcome(of: bus.publish(Numbered(1)), including: .descendants)
                #expect(handled.entries == ["a"])
            }
        }
    }

    // MARK: - Cancelling

    @Test("cancelled, it gets nothing new, and what it has not started is discarded")
    func cancelled() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            let started = Journal<Int>()
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                let handle = try await bus.subscribe("late", to: Numbered.self) { event, _ in
                    started.append(event.number)
                    try await schedule.clock.sleep(for: .seconds(1))
                }
                let receipts = try await bus.publish(contentsOf: (0..<12).map { Numbered($0, key: $0 % 2 == 0 ? "even" : nil) })
                for _ in 0..<(schedule.seed % 25) { await Task.yield() }
                await handle.cancel()
                let begun = started.count
                let after = try await bus.publish(Numbered(99))
                var completed = 0
                for receipt in receipts {
                    let outcome = try await bus.outcome(of: receipt)
                    #expect(outcome.completed + outcome.discarded == 1)
                    completed += outcome.completed
                }
                #expect(try await bus.outcome(of: after) == Outcome())
                #expect(completed == started.count)
                // A worker that has claimed a delivery starts it, even when the cancellation comes between the two.
                #expect(started.count <= begun + 4)
                #expect(!started.entries.contains(99))
                #expect(await bus.statistics().subscriptions["late"] == nil)
                try await EventProbe(bus).settle()
            }
        }
    }

    @Test("cancelled, one that waits for a retry is discarded at once")
    func cancelledRetry() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                let handle = try await bus.subscribe(
                    "late", to: Numbered.self, options: SubscriptionOptions(retry: .constant(.seconds(60)))
                ) { _, _ in throw TestFault() }
                let receipts = try await bus.publish(contentsOf: [Numbered(1, key: "k"), Numbered(2, key: "k")])
                await schedule.idle()
                await handle.cancel()
                for receipt in receipts { #expect(try await bus.outcome(of: receipt) == Outcome(discarded: 1)) }
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
            }
        }
    }

    @Test("cancelling twice does nothing more, and the name is free again")
    func cancelledTwice() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<String>()
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                let first = try await bus.subscribe("name", to: Numbered.self) { _, _ in handled.append("first") }
                await first.cancel()
                try await bus.subscribe("name", to: Numbered.self) { _, _ in handled.append("second") }
                await first.cancel()
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(handled.entries == ["second"])
            }
        }
    }

    @Test("the others do not notice when one goes")
    func othersGoOn() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("stays", to: Numbered.self) { _, _ in await Task.yield() }
            } _: { bus in
                let handle = try await bus.subscribe("goes", to: Numbered.self) { _, _ in await Task.yield() }
                async let publishing: Void = { for number in 0..<20 { try await bus.publish(Numbered(number)) } }()
                for _ in 0..<schedule.seed { await Task.yield() }
                await handle.cancel()
                try await publishing
                try await EventProbe(bus).settle()
                #expect(await bus.statistics(of: "stays").completed == 20)
            }
        }
    }

    @Test("a handler may cancel its own subscription")
    func cancelsItself() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handles = Journal<SubscriptionHandle>()
            let handled = Journal<Int>()
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                handles.append(
                    try await bus.subscribe("once", to: Numbered.self, options: SubscriptionOptions(order: .serial)) { event, _ in
                        handled.append(event.number)
                        await handles.entries.first?.cancel()
                    })
                try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
                try await EventProbe(bus).settle()
                #expect(handled.entries == [0])
            }
        }
    }
}
