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
    static let settling: [Check] = [
        Check("completed deliveries move the cursor, also after a restart") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(5))
            try await session.settle("s", completed: [.at(1), .at(2), .at(3)])
            let settled = try await bench.open([.named("s")]).subscription("s").settled
            try requireEqual(settled.cursor.rawValue, 3)
            try requireEqual(settled.ranges, [])
        },
        Check("what completes out of order is remembered as ranges above the cursor") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(9))
            try await session.settle("s", completed: [.at(3), .at(4), .at(7)])
            try await session.settle("s", completed: [.at(1)])
            let settled = try await bench.open([.named("s")]).subscription("s").settled
            try requireEqual(settled.cursor.rawValue, 1)
            try requireEqual(settled.ranges, [3...4, 7...7])
        },
        Check("a claim settles what lies before its delivery, too") { bench in
            let session = try await bench.open([.named("s", ["b"])])
            try await session.append(bench.events(4, "a") + bench.events(1, "b") + bench.events(2, "a") + bench.events(1, "b"))
            try await session.settle("s", completed: [.at(8, from: 6)])
            var settled = try await bench.open([.named("s", ["b"])]).subscription("s").settled
            try requireEqual(settled.ranges, [6...8])
            _ = try await bench.open([.named("s", ["b"])]).settle("s", completed: [.at(5, from: 1)])
            settled = try await bench.open([.named("s", ["b"])]).subscription("s").settled
            try requireEqual(settled, OffsetRanges(cursor: Offset(rawValue: 8)))
        },
        Check("completing a delivery twice changes nothing") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            for _ in 0..<2 { try await session.settle("s", completed: [.at(1)]) }
            try requireEqual(try await session.outcome(of: 1).outcome, Outcome(completed: 1))
            try requireEqual(try await bench.open([.named("s")]).subscription("s").settled.cursor.rawValue, 1)
        },
        Check("nothing is committed with a delivery that was finished before, and it gets no row") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(3))
            try await session.settle("s", completed: [.at(1)], [.at(2, .completed), .at(3, .dead())])
            for offset in Int64(1)...3 {
                for end in [LogSettlement.End.completed, .retry(at: 9), .waiting, .dead()] {
                    let (errors, stored) = try await session.settle(
                        "s",
                        [
                            .at(
                                offset, end, events: bench.events(1, "late"),
                                scheduled: [session.later(bench.event("late"), due: 5)],
                                actions: [CommitAction { _ = try $0.append(bench.events(1, "late")) }])
                        ])
                    try require(errors.isEmpty && stored.isEmpty, "it is no failure, and nothing is done")
                }
            }
            let reopened = try await bench.open([.named("s")])
            try requireEqual(try await reopened.offsets(), [1, 2, 3])
            try requireEqual(try await reopened.deliveries().offsets, [])
            try requireEqual(try await reopened.deadLetters().offsets, [3])
            try requireEqual(try await reopened.release(at: 100).events.count, 0)
        },
        Check("a dead letter that was sent back is finished anew, with what is committed then") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try await session.settle("s", [.at(1, .dead())])
            try await session.redrive(.matching(.all))
            try await session.settle("s", [.at(1, .completed, events: bench.events(1, "now"))])
            try requireEqual(try await session.offsets(), [1, 2])
        },
        Check("a subscription's settlements leave others alone") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(2))
            try await session.settle("s", completed: [.at(1)], [.at(2, .dead())])
            let reopened = try await bench.open([.named("s"), .named("t")])
            try requireEqual(try reopened.subscription("t").settled.cursor.rawValue, 0)
            try requireEqual(try reopened.subscription("t").deadLetters, 0)
        },
        Check("a retry leaves a row with its counts, its time and when that was decided") { bench in
            let counts = LogCounts(attempts: 5, failedAttempts: 2, crashes: 1, redrives: 3, isDepthReset: true)
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1, key: "k"))
            try await session.settle("s", [.at(1, key: "k", .retry(at: 60), counts: counts)], at: 2)
            let row = try requireSome(try await bench.open([.named("s")]).deliveries().first, "row")
            try requireEqual(row.counts, counts)
            try requireEqual(row.retry, ScheduledTime(due: LogBench.time(60), decided: LogBench.time(2)))
            try requireEqual(row.event.event.orderingKey, "k")
        },
        Check("a delivery that waits has a row without a time") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            try await session.settle("s", [.at(2, .waiting)])
            let rows = try await session.deliveries()
            try requireEqual(rows.offsets, [2])
            try requireEqual(rows[0].retry, nil)
        },
        Check("every end settles the claim") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(6))
            let ends: [LogSettlement.End] = [
                .completed, .discarded(reason: ""), .dead(), .retry(at: 1), .waiting, .noHandler,
            ]
            try await session.settle("s", zip(Int64(1)..., ends).map { .at($0, $1) })
            try requireEqual(try await bench.open([.named("s")]).subscription("s").settled.cursor.rawValue, 6)
        },
        Check("every end of a delivery that has a row replaces or removes the row") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(6))
            try await session.settle("s", (1...6).map { .at($0, .retry(at: 1)) })
            let ends: [LogSettlement.End] = [
                .completed, .discarded(reason: ""), .dead(), .retry(at: 9), .waiting, .noHandler,
            ]
            try await session.settle("s", zip(Int64(1)..., ends).map { .at($0, $1) })
            let rows = try await session.deliveries()
            try requireEqual(rows.offsets, [4, 5])
            try requireEqual(rows.map { $0.retry?.due }, [LogBench.time(9), nil])
        },
        Check("a delivery with a row may complete without an item of its own") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            try await session.settle("s", [.at(1, .waiting)])
            try await session.settle("s", completed: [.at(1), .at(2)])
            try requireEqual(try await session.deliveries().offsets, [])
            try requireEqual(try await session.outcome(of: 1).outcome, Outcome(completed: 1))
        },
        Check("what a handler discards is no dead letter") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try await session.settle("s", [.at(1, .discarded(reason: "obsolete"))])
            try requireEqual(try await session.deadLetters().offsets, [])
            try requireEqual(try await session.log.discards(limit: 10), [])
            try requireEqual(try await session.outcome(of: 1).outcome, Outcome(discarded: 1))
        },
    ]

    struct Refusal: Error, Equatable {
        let number: Int
    }

    static let items: [Check] = [
        Check("emitted events are appended with their delivery's success and reported in order") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            let emitted = [bench.event("x", attachment: 1), bench.event("y", attachment: 2), bench.event("z", attachment: 3)]
            let (errors, stored) = try await session.settle(
                "s", [.at(1, .completed, events: [emitted[0], emitted[1]]), .at(2, .completed, events: [emitted[2]])])
            try require(errors.isEmpty, "nothing fails")
            try requireEqual(stored.map(\.offset.rawValue), [3, 4, 5])
            try requireEqual(stored.map { $0.event.attachment as? Int }, [1, 2, 3])
            try requireEqual(try await session.events().map(\.event.name), ["a", "a", "x", "y", "z"])
        },
        Check("events go before what actions append, and actions run in order") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            let actions = ["y", "z"].map { name in
                let event = bench.event(name)
                return CommitAction { _ = try $0.append([event]) }
            }
            let stored = try await session.settle("s", [.at(1, .completed, events: [bench.event("x")], actions: actions)]).stored
            try requireEqual(stored.map(\.event.name), ["x", "y", "z"])
        },
        Check("an action that throws undoes its item and nothing else") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(4))
            let event = bench.event("x")
            let failing = CommitAction {
                _ = try $0.append([event])
                throw Refusal(number: 7)
            }
            let (errors, stored) = try await session.settle(
                "s", completed: [.at(1)],
                [
                    .at(2, .completed, events: [bench.event("before")]),
                    .at(3, .completed, events: [bench.event("lost")], actions: [failing]),
                    .at(4, .completed, events: [bench.event("after")]),
                ])
            try requireEqual(errors.keys.sorted(), [1])
            try requireEqual(errors[1] as? Refusal, Refusal(number: 7))
            try requireEqual(stored.map(\.event.name), ["before", "after"])
            try requireEqual(stored.map(\.offset.rawValue), [5, 6])
            try requireEqual(try await session.outcome(of: 3).pending, 1)
            let settled = try await bench.open([.named("s")]).subscription("s").settled
            try requireEqual(settled.cursor.rawValue, 2)
            try requireEqual(settled.ranges, [4...4])
        },
        Check("an item that failed keeps the row that it had") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            let counts = LogCounts(attempts: 1, failedAttempts: 1)
            try await session.settle("s", [.at(1, .retry(at: 5), counts: counts)])
            let failing = CommitAction { _ in throw Refusal(number: 1) }
            try await session.settle("s", [.at(1, .completed, actions: [failing])])
            try requireEqual(try await session.deliveries().map(\.counts), [counts])
        },
        Check("a later action's error undoes what earlier ones of its item did") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            let event = bench.event("x", idempotencyKey: "k")
            let actions = [CommitAction { _ = try $0.append([event]) }, CommitAction { _ in throw Refusal(number: 1) }]
            try await session.settle("s", [.at(1, .completed, actions: actions)])
            let again = try await session.append([bench.event("y", idempotencyKey: "k")])
            try requireEqual(again.stored.map(\.offset.rawValue), [2], "the offset that was given back")
        },
        Check("an emitted event with a key of another name fails its item alone") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append([bench.event(idempotencyKey: "k"), bench.event()])
            let (errors, stored) = try await session.settle(
                "s",
                [
                    .at(1, .completed, events: [bench.event("x"), bench.event("x", idempotencyKey: "k")]),
                    .at(2, .completed, events: [bench.event("y")]),
                ])
            try requireEqual((errors[0] as? LogFailure)?.reason, .keyReused)
            try requireEqual(stored.map(\.event.name), ["y"])
            try requireEqual(try await session.offsets(), [1, 2, 3])
        },
        Check("an emitted event that is a repeat is not stored and not reported") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append([bench.event(idempotencyKey: "k")])
            let (errors, stored) = try await session.settle(
                "s", [.at(1, .completed, events: [bench.event(idempotencyKey: "k")])])
            try require(errors.isEmpty && stored.isEmpty, "it succeeds and stores nothing")
        },
        Check("what an item schedules is stored with it, or not at all") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            let failing = CommitAction { _ in throw Refusal(number: 1) }
            try await session.settle(
                "s",
                [
                    .at(1, .completed, scheduled: [session.later(bench.event("x"), due: 5)]),
                    .at(2, .completed, scheduled: [session.later(bench.event("y"), due: 5)], actions: [failing]),
                ])
            try requireEqual(try await session.release(at: 10).events.map(\.event.name), ["x"])
        },
        Check("events come with ends that are no success, too") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            let stored = try await session.settle("s", [.at(1, .retry(at: 1), events: [bench.event("x")])]).stored
            try requireEqual(stored.map(\.offset.rawValue), [2])
            try requireEqual(try await session.deliveries().offsets, [1])
        },
    ]
}
