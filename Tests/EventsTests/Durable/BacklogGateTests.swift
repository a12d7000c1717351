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

/// The backlog limit of a bus that has nothing before it keeps nobody waiting.
@Suite("The backlog limit", .timeLimit(.minutes(15)))
struct BacklogGateTests {
    @Test("is not held up by a subscription that has only events of others before it")
    func eventsOfOthers() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            let log = schedule.makeLog()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("others", to: Lettered.self) { _, _ in }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<200).map { _ in Lettered("a") })
                await schedule.idle()
            }
            try await withDurableBus(log, on: schedule) { configuration in
                configuration.backlog = BacklogPolicy(limit: 100)
            } handlers: { handlers in
                try handlers.subscribe("others", to: Lettered.self) { _, _ in }
                try handlers.subscribe("new", to: Numbered.self, start: .beginning) { _, _ in }
            } _: { bus in
                await schedule.idle()
                try await bus.publish(Numbered(1))
            }
        }
    }

    @Test("takes a batch that is larger than it when nothing is before that, whatever was repeated or committed by other ways")
    func repeats() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            try await withDurableBus(schedule.makeLog(), on: schedule) { configuration in
                configuration.backlog = BacklogPolicy(limit: 5)
            } handlers: { handlers in
                try handlers.subscribe("s", to: Lettered.self) { _, _ in }
            } _: { bus in
                try await bus.publish(Numbered(0), idempotencyKey: "k")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { try await bus.publish(Numbered(0), idempotencyKey: "k") } }
                    for number in 0..<3 {
                        group.addTask {
                            try await bus.transact { transaction, source in
                                _ = try transaction.append([
                                    try source.logEvent(Numbered(number), headers: [:], idempotencyKey: nil)
                                ])
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                await schedule.idle()
                try await bus.publish(contentsOf: (0..<20).map { Numbered($0) })
                await schedule.idle()
                #expect(await bus.statistics().published == 24, "seed \(schedule.seed)")
            }
        }
    }

    @Test("counts what enters and what is in the log once each, and never lets in more than it says")
    func accounting() async throws {
        let gate = BacklogGate(policy: BacklogPolicy(limit: 3, overflow: .reject))
        gate.open()
        func enters(_ count: Int = 1) async -> Bool {
            await publishError { try await gate.enter(count, eventName: "e") } == nil
        }
        #expect(await enters(3))
        #expect(await !enters())
        // One was there before, one is in the log, one failed.
        gate.leave(1, end: nil)
        #expect(await enters())
        #expect(await !enters())
        gate.leave(1, end: Offset(rawValue: 1))
        #expect(await !enters())
        gate.update(slowest: Offset(rawValue: 1), end: Offset(rawValue: 1))
        #expect(await enters())
        // Three came by another way.
        gate.leave(2, end: nil)
        gate.leave(1, end: nil)
        gate.update(slowest: Offset(rawValue: 1), end: Offset(rawValue: 4))
        #expect(await !enters())
        gate.update(slowest: Offset(rawValue: 4), end: Offset(rawValue: 4))
        #expect(await enters(10), "nothing is before it")
        #expect(await !enters(), "now something is")
    }
}
