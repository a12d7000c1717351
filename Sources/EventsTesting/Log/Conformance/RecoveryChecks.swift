//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

extension LogConformance {
    private static func suspects(_ session: LogSession) -> [Int64] {
        session.opened.suspects.map(\.offset.rawValue)
    }

    private static func fly(_ session: LogSession, _ offset: Int64, slot: Int = 0) throws {
        session.log.noteStart(slot: slot, subscription: try session.key("s"), offset: Offset(rawValue: offset))
    }

    static let recovery: [Check] = [
        Check("what was committed survives the end of the process", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(3))
            try await session.settle("s", completed: [.at(1)], [.at(2, .retry(at: 5)), .at(3, .dead())])
            let after = try await bench.kill([.named("s")])
            try requireEqual(try await after.offsets(), [1, 2, 3])
            try requireEqual(try await after.deliveries().offsets, [2])
            try requireEqual(try await after.deadLetters().offsets, [3])
            try requireEqual(suspects(after), [])
        },
        Check("a delivery that ran when the process ended is a suspect with a crash and a row", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(3, key: "k"))
            try fly(session, 2)
            let after = try await bench.kill([.named("s")])
            try requireEqual(suspects(after), [2])
            let rows = try await after.deliveries()
            try requireEqual(rows.offsets, [2])
            try requireEqual(rows[0].counts.crashes, 1)
            try requireEqual(try after.subscription("s").settled.ranges, [2...2])
            try requireEqual(try after.subscription("s").lanes.map(\.orderingKey), ["k"])
        },
        Check("several suspects come by offset", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(3))
            for (slot, offset) in [Int64(3), 1, 2].enumerated() { try fly(session, offset, slot: slot) }
            session.log.noteEnd(slot: 1)
            try requireEqual(suspects(try await bench.kill([.named("s")])), [2, 3])
        },
        Check("a slot holds what was noted last", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(3))
            for offset in Int64(1)...3 { try fly(session, offset) }
            try requireEqual(suspects(try await bench.kill([.named("s")])), [3])
        },
        Check("a delivery whose outcome was recorded is no suspect, whatever the note says", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            for offset in Int64(1)...2 { try fly(session, offset, slot: Int(offset)) }
            try await session.settle("s", completed: [.at(1)], [.at(2, .dead())])
            let after = try await bench.kill([.named("s")])
            try requireEqual(suspects(after), [])
            try requireEqual(try await after.deliveries().offsets, [])
        },
        Check("a crash is added to the counts that the delivery had", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try await session.settle("s", [.at(1, .retry(at: 1), counts: LogCounts(attempts: 2, failedAttempts: 2, crashes: 1))])
            try fly(session, 1)
            let rows = try await bench.kill([.named("s")]).deliveries()
            try requireEqual(rows.map(\.counts), [LogCounts(attempts: 2, failedAttempts: 2, crashes: 2)])
        },
        Check("a suspect stays one until an outcome is recorded, and its crash counts once", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try fly(session, 1)
            _ = try await bench.kill([.named("s")])
            let again = try await bench.kill([.named("s")])
            try requireEqual(suspects(again), [1])
            try requireEqual(try await again.deliveries().map(\.counts.crashes), [1])
            try await again.settle("s", [.at(1, .retry(at: 1), counts: LogCounts(attempts: 1, crashes: 1))])
            try requireEqual(suspects(try await bench.open([.named("s")])), [])
        },
        Check("each process that ends during a delivery is another crash", needsKill: true) { bench in
            var session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            for crashes in 1...3 {
                try fly(session, 1)
                session = try await bench.kill([.named("s")])
                try requireEqual(try await session.deliveries().map(\.counts.crashes), [crashes])
            }
        },
        Check("a redrive takes suspicion and crashes away", needsKill: true) { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try fly(session, 1)
            let after = try await bench.kill([.named("s")])
            try await after.settle("s", [.at(1, .dead(.crashed), counts: LogCounts(crashes: 1))])
            try await after.redrive(.matching(.all))
            try requireEqual(try await after.deliveries().map(\.counts), [LogCounts(redrives: 1)])
            try requireEqual(suspects(try await bench.open([.named("s")])), [])
        },
    ]

    static let pruning: [Check] = [
        Check("history that everybody finished is removed, and offsets go on, also after a restart") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(5))
            try await session.settle("s", completed: [.at(5, from: 1)])
            let (removed, isDone) = try await session.prune()
            try requireEqual(removed, 5)
            try require(isDone, "nothing is left to remove")
            try requireEqual(try await session.offsets(), [])
            let reopened = try await bench.open([.named("s")])
            try requireEqual(reopened.opened.head.rawValue, 5)
            try requireEqual(try await reopened.append(bench.events(1)).publications[0].offset.rawValue, 6)
        },
        Check("what is not finished stays, whoever it waits for") { bench in
            let session = try await bench.open([.named("s"), .named("gone")])
            try await session.append(bench.events(6))
            try await session.settle("gone", completed: [.at(5, from: 1)])
            try await session.settle(
                "s", completed: [.at(1), .at(6)], [.at(2, .retry(at: 1)), .at(3, .dead()), .at(4, .noHandler)])
            let reopened = try await bench.open([.named("s")])
            for _ in 0..<9 where try await !reopened.prune().isDone {}
            let left = Set(try await reopened.offsets())
            try require(left.isSuperset(of: [2, 3, 4, 5, 6]), "2 to 6 are needed, \(left.sorted()) are left")
            try require(!left.contains(1), "1 is finished")
        },
        Check("events of types that a subscription does not take do not keep anything") { bench in
            let session = try await bench.open([.named("s", ["a"])])
            try await session.append(bench.events(1, "a") + bench.events(3, "b"))
            try await session.settle("s", completed: [.at(1)])
            try await session.prune()
            try requireEqual(try await session.offsets(), [])
        },
        Check("events published at a time or later stay, and so many of the newest") { bench in
            let session = try await bench.open()
            try await session.append((1...6).map { bench.event(at: $0 * 10) })
            try requireEqual(try await session.prune(before: 30).removed, 2)
            try requireEqual(try await session.offsets(), [3, 4, 5, 6])
            try requireEqual(try await session.prune(keeping: 3).removed, 1)
            try requireEqual(try await session.offsets(), [4, 5, 6])
            try requireEqual(try await session.prune(before: 60, keeping: 2).removed, 1, "both bounds hold")
            try requireEqual(try await session.offsets(), [5, 6])
        },
        Check("a step removes no more than its limit, and says whether there is more") { bench in
            let session = try await bench.open()
            try await session.append(bench.events(5))
            let first = try await session.prune(limit: 3)
            try requireEqual(first.removed, 3)
            try require(!first.isDone, "there is more")
            try requireEqual(try await session.offsets(), [4, 5])
            try requireEqual(try await session.prune(limit: 3).removed, 2)
            let last = try await session.prune(limit: 3)
            try require(last.removed == 0 && last.isDone, "there is nothing more")
        },
        Check("an idempotency key is forgotten with its event") { bench in
            let session = try await bench.open()
            try await session.append([bench.event(idempotencyKey: "k")])
            try await session.prune()
            try require(
                !(try await session.append([bench.event("b", idempotencyKey: "k")]).publications[0].isRepeat), "it is new")
        },
        Check("an event stays while its dead letter does, and goes when that is discarded") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try await session.settle("s", [.at(1, .dead())])
            try requireEqual(try await session.prune().removed, 0)
            try await session.discard(.matching(.all))
            try requireEqual(try await session.prune().removed, 1)
        },
    ]

    static let closing: [Check] = [
        Check("what was handed in before the log closes is done") { bench in
            let session = try await bench.open()
            let done = Guarded(0)
            for _ in 0..<50 {
                session.log.submit(
                    .append(
                        LogAppend(events: bench.events(1)) { result in
                            let isDone = (try? result.get()) != nil
                            done.withLock { $0 += isDone ? 1 : 0 }
                        }))
            }
            await bench.close()
            try requireEqual(done.withLock { $0 }, 50)
            try requireEqual(try await bench.open().offsets().count, 50)
        },
        Check("changes after the log closed fail, and say that nothing was done") { bench in
            let session = try await bench.open()
            await bench.close()
            do {
                try await session.append(bench.events(1))
                throw ConformanceFailure(description: "an append to a closed log succeeded")
            } catch let failure as LogFailure {
                try requireEqual(failure.reason, .closed)
                try requireEqual(failure.isIndeterminate, false)
            }
            try requireEqual(try await bench.open().offsets(), [])
        },
    ]
}
