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
@Suite("Reads that are overtaken", .timeLimit(.minutes(5)))
struct StaleReadTests {
    @Test("letters without a key that are sent back one by one, while others are handled, are handled once each")
    func redrives() async throws {
        try await exploreSchedules(seeds: 0..<40) { schedule in
            let count = 60
            let log = schedule.makeLog()
            let works = Flag()
            let runs = Guarded<[Int: Int]>([:])
            try await withDurableBus(SlowReads(log: log), on: schedule) { handlers in
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

/// A log whose answers take a while to arrive.
private struct SlowReads: EventLog {
    let log: MemoryEventLog

    func deliveries(_ selection: DeliverySelection) async throws -> [StoredDelivery] {
        let found = try await log.deliveries(selection)
        for _ in 0..<20 { await Task.yield() }
        return found
    }

    func open(_ opening: LogOpening) async throws -> LogOpened { try await log.open(opening) }
    func submit(_ change: LogChange) { log.submit(change) }
    func events(_ selection: EventSelection) async throws -> EventPage { try await log.events(selection) }
    func deadLetters(_ selection: DeadLetterSelection) async throws -> [StoredDeadLetter] { try await log.deadLetters(selection) }
    func deadLetterCounts() async throws -> [DeadLetterCount] { try await log.deadLetterCounts() }
    func discards(limit: Int) async throws -> [DeadLetterDiscard] { try await log.discards(limit: limit) }
    func outcome(of offset: Offset, including scope: Outcome.Scope) async throws -> StoredOutcome {
        try await log.outcome(of: offset, including: scope)
    }
    func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset) {
        log.noteStart(slot: slot, subscription: subscription, offset: offset)
    }
    func noteEnd(slot: Int) { log.noteEnd(slot: slot) }
    func close() async { await log.close() }
}
