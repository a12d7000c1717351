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

@Suite("Followers of a redriven letter in a queue that drops", .timeLimit(.minutes(10)))
struct FollowersInFullQueueTests {
    @Test("a new event drops no more of them than it takes up, however far past its capacity they fill the queue")
    func dropsOne() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let isBroken = Counter()
            try await withRunningBus(on: schedule, configure: { $0.queue = QueuePolicy(capacity: 4, overflow: .dropOldest) }) {
                try $0.subscribe("s", to: Numbered.self, retry: .none) { event, _ in
                    if event.number == 0, isBroken.value == 0 { throw TestFault() }
                    try await schedule.clock.sleep(for: .milliseconds(10))
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(0, key: "k")))
                for number in 1...20 { try await bus.publish(Numbered(number, key: "k")) }
                #expect(await bus.statistics(of: "s").parked == 20, "seed \(schedule.seed)")
                isBroken.increment()
                let receipt = try await bus.deadLetters.redrive(DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 1)))
                _ = try await bus.outcome(of: receipt)
                try await bus.publish(Numbered(99, key: "other"))
                #expect(await bus.statistics(of: "s").dropped == 1, "seed \(schedule.seed)")
            }
        }
    }
}
