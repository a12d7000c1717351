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

/// A subscription of a durable bus that was cancelled while something of it runs.
@Suite("A cancelled subscription in a log", .timeLimit(.minutes(15)))
struct CancelledSubscriptionTests {
    @Test("keeps no alarm ringing for a retry that is due, while its handler still runs")
    func alarm() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let isSecond = Flag()
            for _ in 0..<2 {
                try await withDurableBus(log, on: schedule) { _ in
                } _: { bus in
                    let options = SubscriptionOptions(start: .beginning)
                    let handle = try await bus.subscribe("s", to: Numbered.self, options: options) { _, _ in
                        if !isSecond.isSet { throw Disposition.retry(after: .seconds(100)) }
                        try await schedule.clock.sleep(for: .seconds(600))
                    }
                    try await bus.publish(Numbered(1))
                    try await schedule.clock.sleep(for: .seconds(1))
                    await handle.cancel()
                    // With an alarm that rings at once, and again, the clock would never get there.
                    if isSecond.isSet { try await schedule.clock.sleep(for: .seconds(200)) }
                }
                isSecond.set()
            }
        }
    }

    @Test("is removed from the log before it is made anew, or not at all")
    func removal() async throws {
        try await exploreSchedules(seeds: 0..<200) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule) {
                try $0.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { _ in
            }
            let handled = Guarded<[Int]>([])
            try await withDurableBus(log, on: schedule) {
                try $0.subscribe("other", to: Numbered.self) { _, _ in }
            } _: { bus in
                let removing = schedule.environment.spawn("remove") { _ = try? await bus.removeSubscription("s") }
                let subscribing = schedule.environment.spawn("subscribe") {
                    _ = try? await bus.subscribe("s", to: Numbered.self) { event, _ in
                        handled.withLock { $0.append(event.number) }
                    }
                }
                await removing.value
                await subscribing.value
                for number in 0..<3 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
                let absent = await bus.statistics().absentSubscriptions
                #expect(absent == [], "seed \(schedule.seed)")
            }
            #expect(handled.withLock { $0.sorted() } == [0, 1, 2], "seed \(schedule.seed)")
        }
    }

    @Test("runs by itself what ended the process, when it is served again after it was cancelled before that")
    func suspects() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let first = schedule.makeLog()
            let bus = try await makeDurableBus(first, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(1_000)) }
            }
            try await bus.publish(contentsOf: (0..<3).map { Numbered($0) })
            let running = schedule.environment.spawn("run") { _ = try? await bus.run() }
            try await schedule.clock.sleep(for: .seconds(1))
            let survivor = first.crash()
            running.cancel()
            _ = await running.value

            let together = Guarded(0)
            let most = Guarded(0)
            let handled = Guarded<Set<Int>>([])
            let handler: @Sendable (Numbered, EventContext) async throws -> Void = { event, _ in
                let count = together.withLock {
                    $0 += 1
                    return $0
                }
                most.withLock { $0 = max($0, count) }
                try await schedule.clock.sleep(for: .seconds(1))
                together.withLock { $0 -= 1 }
                handled.withLock { _ = $0.insert(event.number) }
            }
            try await withDurableBus(survivor, on: schedule) { _ in
            } _: { bus in
                let handle = try await bus.subscribe("s", to: Numbered.self, handler: handler)
                await handle.cancel()
                await schedule.idle()
                try await bus.subscribe("s", to: Numbered.self, handler: handler)
                try await schedule.clock.sleep(for: .seconds(30))
                await schedule.idle()
            }
            #expect(handled.withLock { $0 } == [0, 1, 2], "seed \(schedule.seed)")
            #expect(most.withLock { $0 } == 1, "seed \(schedule.seed)")
        }
    }
}
