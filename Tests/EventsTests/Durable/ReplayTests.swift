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

@Suite("Replay and history", .timeLimit(.minutes(10)))
struct ReplayTests {
    @Test("the history of a log is read in order, by name, key, correlation and offset")
    func history() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("s", to: Lettered.self) { event, context in
                    if event.letter == "a" { try context.emit(Numbered(100, key: "k")) }
                }
                try handlers.subscribe("t", to: Numbered.self) { _, _ in }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<600).map { Numbered($0, key: $0 % 2 == 0 ? "k" : nil) })
                let letter = try await bus.publish(Lettered("a"))
                _ = try await bus.outcome(of: letter, including: .descendants)
                @Sendable func offsets(_ filter: HistoryFilter) async throws -> [Int64] {
                    var offsets: [Int64] = []
                    for try await recorded in try bus.history(filter) { offsets.append(recorded.metadata.offset.rawValue) }
                    return offsets
                }
                #expect(try await offsets(.all) == Array(1...602))
                #expect(try await offsets(HistoryFilter(names: ["test.lettered"])) == [601])
                #expect(try await offsets(HistoryFilter(orderingKey: "k")).count == 301)
                #expect(try await offsets(HistoryFilter(correlationID: letter.correlationID)) == [601, 602])
                #expect(
                    try await offsets(HistoryFilter(after: Offset(rawValue: 10), through: Offset(rawValue: 12))) == [11, 12])
                for try await recorded in try bus.history(HistoryFilter(names: ["test.lettered"])) {
                    #expect((recorded.event as? Lettered)?.letter == "a")
                    #expect(recorded.isIntact)
                    #expect(try await bus.outcome(of: recorded.receipt) == Outcome(completed: 1))
                }
            }
        }
    }

    @Test("a replay handles the past again, drops what is emitted, and leaves nothing behind")
    func replay() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            let replayed = HandlingLog(schedule)
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    try context.emit(Lettered("x"))
                    try await (context.isReplay ? replayed : handled).handle(event, context) {
                        try await schedule.pause(event.number, upTo: 10)
                    }
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<40).map { Numbered($0, key: "k\($0 % 3)") })
                for receipt in receipts { _ = try await bus.outcome(of: receipt) }
                let report = try await bus.replay("s", through: receipts[29].offset)
                #expect(report == ReplayReport(completed: 30), "seed \(schedule.seed)")
                #expect(await bus.statistics().subscriptions.keys.sorted() == ["s"])
                #expect(try await bus.removeSubscription("s@replay") == nil)
                #expect(await bus.statistics().published == 80)
            }
            #expect(replayed.numbers.sorted() == Array(0..<30))
            for key in ["k0", "k1", "k2"] {
                #expect(replayed.numbers(of: key) == replayed.numbers(of: key).sorted())
            }
            #expect(handled.numbers.count == 40)
        }
    }

    @Test(
        "a replay through an offset that does not exist yet ends at the end of the log, and one that begins there has nothing to do"
    )
    func replayBeyondTheEnd() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                for receipt in try await bus.publish(contentsOf: (0..<5).map { Numbered($0) }) {
                    _ = try await bus.outcome(of: receipt)
                }
                #expect(try await bus.replay("s", through: Offset(rawValue: 1_000)).completed == 5)
                #expect(try await bus.replay("s", from: .after(Offset(rawValue: .max))).completed == 0)
                #expect(try await bus.replay("s", from: .after(Offset(rawValue: 9)), through: Offset(rawValue: 3)).completed == 0)
            }
        }
    }

    @Test("a key is never handled by a subscription and its replay at the same time", arguments: [2_000, 4])
    func sharedLanes(capacity: Int) async throws {
        try await exploreSchedules(seeds: 0..<200) { schedule in
            let both = HandlingLog(schedule)
            try await withDurableBus(schedule.makeLog(), on: schedule) { configuration in
                configuration.queue.capacity = capacity
            } handlers: { handlers in
                let retry = RetryPolicy.constant(.milliseconds(5), maxAttempts: 10)
                try handlers.subscribe("s", to: Numbered.self, retry: retry) { event, context in
                    try await both.handle(event, context) {
                        try await schedule.pause(event.number &+ context.attempt, upTo: 10)
                        if (event.number &+ context.attempt) % 5 == 0 { throw TestFault() }
                    }
                }
            } _: { bus in
                let first = try await bus.publish(contentsOf: (0..<20).map { Numbered($0, key: "k\($0 % 3)") })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await bus.replay("s", through: first[19].offset) }
                    group.addTask {
                        for number in 20..<60 {
                            let receipt = try await bus.publish(Numbered(number, key: "k\(number % 3)"))
                            if number % 7 == 0 { _ = try await bus.outcome(of: receipt) }
                        }
                    }
                    try await group.waitForAll()
                }
                await schedule.idle()
                try await schedule.clock.sleep(for: .seconds(10))
                await schedule.idle()
                #expect(await bus.statistics(of: "s").completed == 60, "seed \(schedule.seed)")
            }
            #expect(both.overlaps == [], "seed \(schedule.seed)")
        }
    }

    @Test("a replay does not take the name of a subscription that the log keeps for later")
    func nameOfAbsent() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
                try handlers.subscribe("billing", to: Numbered.self) { _, _ in throw Disposition.retry(after: .seconds(10_000)) }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
                await schedule.idle()
            }
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                #expect(
                    await errorCode { _ = try await bus.replay("s", as: "billing") } == .duplicateSubscription,
                    "seed \(schedule.seed)")
                let removed = try await bus.removeSubscription("billing")
                #expect(removed?.unfinished == 5, "seed \(schedule.seed)")
            }
        }
    }

    @Test("a replay that failed in part keeps its dead letters, and goes on when it is asked for again")
    func replayWithLetters() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let works = Flag()
            @Sendable func handlers(_ handlers: inout HandlerRegistry) throws {
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, context in
                    if context.isReplay, event.number == 2, !works.isSet { throw TestFault() }
                }
            }
            try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                let receipts = try await bus.publish(contentsOf: (0..<5).map { Numbered($0, key: "k") })
                for receipt in receipts { _ = try await bus.outcome(of: receipt) }
                let report = try await bus.replay("s")
                #expect(report == ReplayReport(completed: 2, dead: 1, parked: 2), "seed \(schedule.seed)")
                let letters = try await bus.deadLetters.list().letters
                #expect(letters.map(\.id.description) == ["s@replay/3"])
            }
            works.set()
            try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                let report = try await bus.replay("s")
                let left = try await bus.removeSubscription("s@replay")
                #expect(report == ReplayReport(completed: 3), "seed \(schedule.seed)")
                #expect(left == nil)
            }
        }
    }

    @Test("a log that fails ends a replay as well, and the bus without waiting for what cannot be committed")
    func failingLog() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let bus = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    if context.isReplay { try await schedule.clock.sleep(for: .seconds(1)) }
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await bus.run() }
                let receipts = try await bus.publish(contentsOf: (0..<8).map { Numbered($0, key: "k\($0)") })
                for receipt in receipts { _ = try await bus.outcome(of: receipt) }
                group.addTask {
                    await #expect(throws: (any Error).self) { try await bus.replay("s") }
                }
                try await schedule.clock.sleep(for: .milliseconds(500))
                log.failNext(.io(indeterminate: false))
                try await group.waitForAll()
            }
            #expect(schedule.clock.now < MonotonicTime(nanoseconds: 4_000_000_000), "seed \(schedule.seed)")
        }
    }
}
