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

/// What is read of the log is a little old when it arrives; no delivery may be handled twice for that.
@Suite("Reads that are overtaken", .timeLimit(.minutes(15)))
struct StaleReadTests {
    @Test("letters without a key that are sent back one by one, while others are handled, are handled once each")
    func redrives() async throws {
        try await exploreSchedules(seeds: 0..<40) { schedule in
            let count = 60
            let log = schedule.makeLog()
            let works = Flag()
            let runs = Guarded<[Int: Int]>([:])
            // Its answers take a while to arrive.
            let slow = HookedLog(log, afterReadingDeliveries: { for _ in 0..<20 { await Task.yield() } })
            try await withDurableBus(slow, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, _ in
                    guard works.isSet else { throw Disposition.permanentFailure("not yet") }
                    runs.withLock { $0[event.number, default: 0] += 1 }
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<count).map { Numbered($0) })
                await schedule.idle()
                works.set()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for start in 0..<4 {
                        group.addTask {
                            for index in stride(from: start, to: count, by: 4) {
                                try await bus.deadLetters.redrive(
                                    DeadLetter.ID(subscription: "s", offset: receipts[index].offset))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                await schedule.idle()
                #expect(runs.withLock { $0.count } == count, "seed \(schedule.seed)")
                #expect(runs.withLock { $0.values.max() } == 1, "seed \(schedule.seed)")
                #expect(await bus.statistics(of: "s").completed == count, "seed \(schedule.seed)")
            }
        }
    }
}
