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

@Suite("A log that fails", .timeLimit(.minutes(10)))
struct FailingLogTests {
    @Test("a full disk rejects publishes and holds settlements, and no finished handler runs again")
    func full() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    try await handled.handle(event, context) { try await schedule.clock.sleep(for: .seconds(1)) }
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: [Numbered(1, key: "k"), Numbered(2, key: "k")])
                // Nothing of the first handler's success can be written when it ends.
                try await schedule.clock.sleep(for: .milliseconds(500))
                log.failNext(.full, commits: .max)
                let error = await publishError { try await bus.publish(Numbered(3)) }
                #expect(error?.reason == .logFull)
                #expect(error?.result == .rejected)
                try await schedule.clock.sleep(for: .seconds(10))
                await schedule.idle()
                #expect(handled.numbers == [1], "its key waits for the commit, seed \(schedule.seed)")
                log.stopFailing()
                log.commit()
                for receipt in receipts { #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1)) }
                #expect(handled.numbers == [1, 2])
                #expect(await bus.statistics().published == 2)
            }
        }
    }

    @Test("a log that cannot be written to ends the bus, and whoever published is told that the fate is unknown")
    func poisoned() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let bus = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(100)) }
            }
            let failure = try await withThrowingTaskGroup(of: LogFailure?.self) { group in
                group.addTask {
                    do {
                        try await bus.run()
                        return nil
                    } catch let failure as LogFailure {
                        return failure
                    }
                }
                try await bus.publish(Numbered(1))
                await schedule.idle()
                log.failNext(.io(indeterminate: true, isStored: true))
                let error = await publishError { try await bus.publish(Numbered(2), idempotencyKey: "two") }
                #expect(error?.result == .indeterminate)
                #expect(error?.reason == .logFailed)
                let later = await publishError { try await bus.publish(Numbered(3)) }
                #expect(later != nil)
                bus.beginShutdown()
                return try await group.next() ?? nil
            }
            #expect(failure?.reason == .io, "seed \(schedule.seed)")
            let late = await publishError { try await bus.publish(Numbered(9)) }
            #expect(late?.reason == .logFailed, "the shutdown is not what it is about, seed \(schedule.seed)")
            let next = log
            try await withDurableBus(next, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                let again = try await bus.publish(Numbered(2), idempotencyKey: "two")
                #expect(again.offset.rawValue == 2, "the same key finds what was stored after all")
                #expect(try await bus.outcome(of: again) == Outcome(completed: 1))
            }
        }
    }

    @Test("a log that tells of its failure by itself ends the bus, whatever kind of failure it is", arguments: [true, false])
    func told(isUsual: Bool) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let tell = Guarded<(@Sendable (LogFailure) -> Void)?>(nil)
            let log = HookedLog(schedule.makeLog(), onOpen: { opening in tell.withLock { $0 = opening.onFailure } })
            let bus = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            }
            let failure = LogFailure(isUsual ? .io : .invalid, "it broke")
            let ended = try await withThrowingTaskGroup(of: LogFailure?.self) { group in
                group.addTask {
                    do {
                        try await bus.run()
                        return nil
                    } catch let failure as LogFailure {
                        return failure
                    }
                }
                try await bus.publish(Numbered(1))
                tell.withLock { $0 }?(failure)
                return try await group.next() ?? nil
            }
            #expect(ended == failure, "seed \(schedule.seed)")
        }
    }

    @Test("an empty idempotency key is refused: it would be that of all who have none")
    func emptyKey() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                let errors = [
                    await publishError { try await bus.publish(Numbered(1), idempotencyKey: "") },
                    await publishError { try await bus.publish(Numbered(1), after: .seconds(1), idempotencyKey: "") },
                    await publishError {
                        try await bus.publish(
                            contentsOf: [Numbered(1), Numbered(2)], idempotencyKey: { $0.number == 2 ? "" : "k" })
                    },
                ]
                #expect(errors.map { $0?.reason } == [.invalidKey, .invalidKey, .invalidKey])
                #expect(await bus.statistics().published == 0)
            }
        }
    }

    @Test(
        "a backlog limit rejects what would exceed it, or makes it wait until the slowest has caught up",
        arguments: [true, false])
    func backlogLimit(rejecting: Bool) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Flag()
            try await withDurableBus(schedule.makeLog(), on: schedule) { configuration in
                configuration.backlog = BacklogPolicy(limit: 5, overflow: rejecting ? .reject : .suspend)
            } handlers: { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 1_000)) { _, _ in
                    if !gate.isSet { throw Disposition.retry(after: .seconds(1)) }
                }
                try handlers.subscribe("quiet", to: Lettered.self) { _, _ in }
            } _: { bus in
                // Before the bus runs nobody may wait.
                await schedule.idle()
                _ = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<12 {
                        group.addTask { await publishError { try await bus.publish(Numbered(number, key: "k")) } == nil }
                    }
                    await schedule.idle()
                    try await schedule.clock.sleep(for: .milliseconds(100))
                    let stored = await bus.statistics().published
                    #expect(stored >= 5 && stored <= 6, "a retry has a row, so its place is not held up; seed \(schedule.seed)")
                    gate.set()
                    var published = 0
                    while let isPublished = try await group.next() { if isPublished { published += 1 } }
                    #expect(rejecting ? published == stored : published == 12, "seed \(schedule.seed)")
                }
            }
        }
    }

    @Test("a publish at the backlog limit before the bus runs is rejected: nothing would ever make room")
    func backlogBeforeRun() async throws {
        try await exploreSchedules(seeds: 0..<1) { schedule in
            let bus = try await makeDurableBus(schedule.makeLog(), on: schedule) {
                $0.backlog = BacklogPolicy(limit: 2, overflow: .suspend)
            } handlers: {
                try $0.subscribe("s", to: Numbered.self) { _, _ in }
            }
            try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
            #expect(await publishError { try await bus.publish(Numbered(3)) }?.reason == .wouldWaitBeforeRun)
            bus.beginShutdown()
            _ = try await bus.run()
        }
    }

    /// The publish error of a call, if it throws one.
}
