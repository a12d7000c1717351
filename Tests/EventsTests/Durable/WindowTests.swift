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

@Suite("The window over the log", .timeLimit(.minutes(10)))
struct WindowTests {
    static let capacity = 50

    private func configure(_ configuration: inout EventBusConfiguration) {
        configuration.queue.capacity = Self.capacity
    }

    /// How long the text of a subscription's ranges is in the log, and how much it has in rows.
    private func stored(_ log: MemoryEventLog, _ schedule: SeededSchedule) async throws -> (bytes: Int, rows: Int) {
        let opened = try await log.open(
            LogOpening(
                subscriptions: [LogOpening.Subscription(name: "s", eventNames: [Numbered.name], start: .now)],
                time: ManualClock.defaultStart, flightSlots: 1))
        await log.close()
        let subscription = try #require(opened.subscriptions.first)
        return (subscription.settled.rangesText.utf8.count, subscription.lanes.reduce(0) { $0 + $1.count })
    }

    @Test("one delivery that is stuck for ever is one row while everything else passes, and memory stays within the window")
    func oneStuck() async throws {
        try await exploreSchedules(seeds: 0..<4) { schedule in
            let log = schedule.makeLog()
            let most = Guarded(0)
            try await withDurableBus(log, on: schedule, configure: configure) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, _ in
                    if event.number == 0 { throw Disposition.retry(after: .seconds(1_000_000)) }
                }
            } _: { bus in
                for batch in 0..<100 {
                    try await bus.publish(contentsOf: (0..<50).map { Numbered(batch * 50 + $0, key: "\($0)-\(batch)") })
                    await schedule.idle()
                    let statistics = await bus.statistics(of: "s")
                    most.withLock { $0 = max($0, statistics.unfinished) }
                }
                #expect(await bus.statistics(of: "s").completed == 4_999, "seed \(schedule.seed)")
            }
            #expect(most.withLock { $0 } <= Self.capacity)
            let left = try await stored(log, schedule)
            #expect(left.rows == 1)
            #expect(left.bytes == 0, "the cursor has passed it")
        }
    }

    @Test("one key that is stuck with a hundredth of all events is left to the log, and the others pass")
    func oneKeyStuck() async throws {
        try await exploreSchedules(seeds: 0..<4) { schedule in
            let log = schedule.makeLog()
            let most = Guarded(0)
            let works = Flag()
            let handled = HandlingLog(schedule)
            try await withDurableBus(log, on: schedule, configure: configure) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    if event.key == "stuck" {
                        if !works.isSet { throw Disposition.retry(after: .seconds(1_000)) }
                        try await handled.handle(event, context)
                    }
                }
            } _: { bus in
                for batch in 0..<100 {
                    try await bus.publish(
                        contentsOf: (0..<100).map { Numbered(batch * 100 + $0, key: $0 == 50 ? "stuck" : "\($0 % 20)") })
                    await schedule.idle()
                    let statistics = await bus.statistics(of: "s")
                    most.withLock { $0 = max($0, statistics.unfinished) }
                }
                #expect(await bus.statistics(of: "s").completed == 9_900, "seed \(schedule.seed)")
                works.set()
                try await schedule.clock.sleep(for: .seconds(2_000))
                await schedule.idle()
                #expect(await bus.statistics(of: "s").completed == 10_000, "seed \(schedule.seed)")
            }
            #expect(most.withLock { $0 } <= Self.capacity)
            #expect(handled.numbers == (0..<100).map { $0 * 100 + 50 })
            let left = try await stored(log, schedule)
            #expect(left.rows == 0)
            #expect(left.bytes == 0)
        }
    }

    @Test("a subscription that handles nothing keeps no more in memory than its window, however long its backlog")
    func backlog() async throws {
        try await exploreSchedules(seeds: 0..<4) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule, configure: configure) { handlers in
                try handlers.subscribe("s", to: Numbered.self, maxConcurrency: 1) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1_000_000))
                }
            } _: { bus in
                for batch in 0..<100 {
                    try await bus.publish(contentsOf: (0..<50).map { Numbered(batch * 50 + $0) })
                    #expect(await bus.statistics(of: "s").unfinished <= Self.capacity)
                }
                await schedule.idle()
                let statistics = await bus.statistics(of: "s")
                #expect(statistics.unfinished <= Self.capacity)
                #expect(statistics.lag >= 5_000 - Self.capacity - 1)
            }
        }
    }

    @Test("a stuck key that fills a window bounded by bytes is left to the log as well")
    func stuckBytes() async throws {
        try await exploreSchedules(seeds: 0..<4) { schedule in
            try await withDurableBus(schedule.makeLog(), on: schedule) { configuration in
                configuration.queue = QueuePolicy(capacity: 1_000, byteCapacity: 10 * MemoryLayout<Numbered>.stride)
            } handlers: { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, _ in
                    if event.key == "stuck" { throw Disposition.retry(after: .seconds(1_000_000)) }
                }
            } _: { bus in
                for number in 0..<400 {
                    try await bus.publish(Numbered(number, key: number % 4 == 0 ? "stuck" : "\(number)"))
                }
                await schedule.idle()
                #expect(await bus.statistics(of: "s").completed == 300, "seed \(schedule.seed)")
            }
        }
    }
}
