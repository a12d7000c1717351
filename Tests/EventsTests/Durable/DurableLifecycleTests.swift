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

@Suite("Subscriptions and shutdown of a bus with a log", .timeLimit(.minutes(10)))
struct DurableLifecycleTests {
    @Test("a shutdown finishes what runs and leaves the rest to the log")
    func shutdown() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            @Sendable func handlers(_ handlers: inout HandlerRegistry) throws {
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    try await handled.handle(event, context) { try await schedule.clock.sleep(for: .seconds(1)) }
                }
            }
            let first = try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                try await bus.publish(contentsOf: (0..<20).map { Numbered($0) })
                try await schedule.clock.sleep(for: .milliseconds(500))
            }
            #expect(first.report.completed == 4, "one for each worker; seed \(schedule.seed)")
            #expect(first.report.released == 0)
            try await withDurableBus(log, on: schedule, handlers: handlers) { _ in
                try await schedule.clock.sleep(for: .seconds(30))
                await schedule.idle()
            }
            #expect(handled.numbers.sorted() == Array(0..<20), "each of them once; seed \(schedule.seed)")
        }
    }

    @Test("a subscription that nobody registers stays visible, keeps its place, and goes only when it is removed")
    func absent() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            let both = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("old", to: Numbered.self) { _, _ in }
                try handlers.subscribe("kept", to: Numbered.self) { _, _ in }
            }
            try await both.publish(Numbered(1))
            both.beginShutdown()
            _ = try await both.run()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("kept", to: Numbered.self) { _, _ in }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(2))
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1, absent: ["old": 1]))
                #expect(await bus.statistics().absentSubscriptions == ["old"])
                #expect(await errorCode { try await bus.removeSubscription("kept") } == .stillRegistered)
            }
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("old", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { bus in
                await schedule.idle()
                #expect(handled.numbers.sorted() == [1, 2], "seed \(schedule.seed)")
                let removed = try await bus.removeSubscription("kept")
                #expect(removed == RemovedSubscription(name: "kept", unfinished: 0, deadLetters: 0))
                let again = try await bus.removeSubscription("kept")
                #expect(again == nil)
            }
        }
    }

    @Test("a subscription that comes later begins now or at the beginning, and one that is cancelled keeps its place")
    func late() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let now = HandlingLog(schedule)
            let all = HandlingLog(schedule)
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
                let handle = try await bus.subscribe("now", to: Numbered.self) { try await now.handle($0, $1) }
                #expect(handle.startsAfter.rawValue == 5)
                var options = SubscriptionOptions()
                options.start = .beginning
                try await bus.subscribe("all", to: Numbered.self, options: options) { try await all.handle($0, $1) }
                let receipt = try await bus.publish(Numbered(5))
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 3))
                await handle.cancel()
                let after = try await bus.publish(Numbered(6))
                #expect(try await bus.outcome(of: after) == Outcome(completed: 2, absent: ["now": 1]), "seed \(schedule.seed)")
                await schedule.idle()
                try await bus.subscribe("now", to: Numbered.self) { try await now.handle($0, $1) }
                #expect(try await bus.outcome(of: after) == Outcome(completed: 3), "seed \(schedule.seed)")
            }
            #expect(now.numbers == [5, 6], "seed \(schedule.seed)")
            #expect(all.numbers.sorted() == Array(0...6), "seed \(schedule.seed)")
        }
    }

    @Test("a command's emissions and commit actions are committed before send returns, or not at all")
    func command() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.handle(Store.self) { command, context in
                    try context.emit(Numbered(command.number))
                    try context.addCommitAction { transaction, source in
                        let transaction = try #require(transaction as? MemoryTransaction)
                        if command.fails { throw TestFault() }
                        try transaction.setValue("stored", for: "\(command.number)")
                        _ = try transaction.append([
                            source.logEvent(Numbered(command.number + 1), headers: [:], idempotencyKey: nil)
                        ])
                    }
                }
                try handlers.subscribe("s", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { bus in
                try await bus.send(Store(number: 1, fails: false))
                #expect(log.values == ["1": "stored"])
                #expect(await bus.statistics().published <= 2)
                await #expect(throws: TestFault.self) { try await bus.send(Store(number: 10, fails: true)) }
                await schedule.idle()
                #expect(log.values == ["1": "stored"])
                #expect(handled.numbers.sorted() == [1, 2], "seed \(schedule.seed)")
            }
        }
    }

    @Test("retention removes what is finished by count, in steps, and nothing that is not")
    func retention() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule) { configuration in
                configuration.retention = RetentionPolicy(maxCount: 10, interval: .seconds(60))
            } handlers: { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, _ in
                    if event.number == 3 { throw TestFault() }
                }
            } _: { bus in
                for start in stride(from: 0, to: 3_000, by: 500) {
                    try await bus.publish(contentsOf: (start..<start + 500).map { Numbered($0) })
                }
                await schedule.idle()
                try await schedule.clock.sleep(for: .seconds(200))
                await schedule.idle()
                var offsets: [Int64] = []
                for try await recorded in try bus.history() { offsets.append(recorded.metadata.offset.rawValue) }
                #expect(offsets == [4] + Array(2_991...3_000), "the dead letter's event stays; seed \(schedule.seed)")
                let receipt = try await bus.publish(Numbered(0))
                #expect(receipt.offset.rawValue == 3_001)
            }
        }
    }

    @Test("a bus is idle when the log has nothing left for it to do")
    func idle() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule) { configuration in
                configuration.queue.capacity = 5
            } handlers: { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(10), maxAttempts: 2)) { event, context in
                    if event.number % 7 == 0, context.attempt == 1 { throw TestFault() }
                }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<100).map { Numbered($0, key: "k\($0 % 4)") })
                try await bus.idle()
                #expect(await bus.statistics(of: "s").completed == 100, "seed \(schedule.seed)")
            }
        }
    }

    struct Store: Command {
        var number: Int
        var fails: Bool
    }
}
