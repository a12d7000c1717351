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
    static let schedules: [Check] = [
        Check("a scheduled event is not there before it is released") { bench in
            let session = try await bench.open()
            let event = bench.event()
            try requireEqual(try await session.schedule([session.later(event, due: 60)]), [event.id])
            try requireEqual(try await session.offsets(), [])
            try requireEqual(try await session.append(bench.events(1)).publications[0].offset.rawValue, 1)
        },
        Check("the time of the next scheduled event is known after a restart") { bench in
            let session = try await bench.open()
            try requireEqual(session.opened.nextScheduled, nil)
            try await session.schedule([90, 60, 120].map { session.later(bench.event(), due: $0, decided: 5) })
            try requireEqual(
                try await bench.open().opened.nextScheduled,
                ScheduledTime(due: LogBench.time(60), decided: LogBench.time(5)))
        },
        Check("what is due is released by time, the rest stays, and the next time is told") { bench in
            let session = try await bench.open()
            let events = [("c", 30), ("a", 10), ("d", 40), ("b", 20)]
            try await session.schedule(events.map { session.later(bench.event($0.0), due: $0.1) })
            try requireEqual(try await session.release(at: 9).events.count, 0)
            let (released, next) = try await session.release(at: 30)
            try requireEqual(released.map(\.event.name), ["a", "b", "c"])
            try requireEqual(released.map(\.offset.rawValue), [1, 2, 3])
            try requireEqual(next, ScheduledTime(due: LogBench.time(40), decided: LogBench.time))
            let last = try await session.release(at: 99)
            try requireEqual(last.events.map(\.event.name), ["d"])
            try requireEqual(last.next, nil)
            try requireEqual(try await session.offsets(), [1, 2, 3, 4])
        },
        Check("a release takes no more than its limit") { bench in
            let session = try await bench.open()
            try await session.schedule((1...5).map { session.later(bench.event("e\($0)"), due: $0) })
            let (released, next) = try await session.release(at: 99, limit: 2)
            try requireEqual(released.map(\.event.name), ["e1", "e2"])
            try requireEqual(next?.due, LogBench.time(3))
        },
        Check("what was scheduled by a clock that was ahead is due when it says, and opening tells how far ahead that was") {
            bench in
            let session = try await bench.open([.named("s")])
            try requireEqual(session.opened.lastDecision, nil)
            try await session.schedule([session.later(bench.event(), due: 2000, decided: 1000)])
            try requireEqual(try await session.release(at: 1999).events.count, 0)
            try requireEqual(try await bench.open([.named("s")]).opened.lastDecision, LogBench.time(1000))
            let again = try await bench.open([.named("s")])
            try await again.append(bench.events(2))
            try await again.settle("s", [.at(1, .retry(at: 4000)), .at(2, .retry(at: 3000))], at: 1500)
            try requireEqual(try await bench.open([.named("s")]).opened.lastDecision, LogBench.time(1500))
        },
        Check("a released event is the one that was scheduled, and a repeat finds it") { bench in
            var event = bench.event("order.due", key: "k", correlation: bench.makeID(), payload: "[1]", idempotencyKey: "once")
            event.headers = ["h": "1"]
            event.emittedBy = "s"
            let session = try await bench.open()
            try await session.schedule([session.later(event, due: 1)])
            try requireSame(try requireSome(try await session.release(at: 1).events.first, "event"), event)
            let reopened = try await bench.open()
            try requireSame(try requireSome(try await reopened.events().first, "event"), event)
            let again = try await reopened.append([bench.event("order.due", idempotencyKey: "once")]).publications[0]
            try requireEqual(
                again,
                Publication(
                    offset: Offset(rawValue: 1), id: event.id, correlationID: try requireSome(event.correlationID, "correlation"),
                    isRepeat: true))
        },
        Check("a cancelled event is never released, and can be cancelled once") { bench in
            let session = try await bench.open()
            let event = bench.event(idempotencyKey: "k")
            try await session.schedule([session.later(event, due: 1)])
            try require(try await session.cancelScheduled(event.id), "it was there")
            try require(!(try await session.cancelScheduled(event.id)), "it is not there any more")
            try requireEqual(try await session.release(at: 99).events.count, 0)
            try require(
                !(try await session.append([bench.event("b", idempotencyKey: "k")]).publications[0].isRepeat),
                "its key is free")
        },
        Check("a released event cannot be cancelled") { bench in
            let session = try await bench.open()
            let event = bench.event()
            try await session.schedule([session.later(event, due: 1)])
            _ = try await session.release(at: 1)
            try require(!(try await session.cancelScheduled(event.id)), "it is published")
            try requireEqual(try await session.offsets(), [1])
        },
        Check("scheduling with a key that was used returns the first, be it scheduled or published") { bench in
            let session = try await bench.open()
            let published = bench.event(idempotencyKey: "p")
            let scheduled = bench.event(idempotencyKey: "s")
            try await session.append([published])
            try await session.schedule([session.later(scheduled, due: 1)])
            let ids = try await session.schedule(
                ["p", "s"].map { session.later(bench.event(idempotencyKey: $0), due: 2) })
            try requireEqual(ids, [published.id, scheduled.id])
            try requireEqual(try await session.release(at: 99).events.map(\.event.id), [scheduled.id])
        },
        Check("scheduling with a key of another name stores none of the events") { bench in
            let session = try await bench.open()
            try await session.append([bench.event("a", idempotencyKey: "k")])
            try await requireFailure(.keyReused) {
                try await session.schedule(
                    [bench.event("b"), bench.event("b", idempotencyKey: "k")].map { session.later($0, due: 1) })
            }
            try requireEqual(try await session.release(at: 99).events.count, 0)
        },
    ]

    static let transactions: [Check] = [
        Check("what an action does is committed together and reported") { bench in
            let session = try await bench.open()
            let (now, later, gone) = (bench.event("now", attachment: 5), bench.event("later"), bench.event("gone"))
            try await session.schedule([session.later(gone, due: 1)])
            let scheduled = session.later(later, due: 1)
            let stored = try await session.transact { transaction in
                let publications = try transaction.append([now])
                try requireEqual(publications.map(\.id), [now.id])
                try requireEqual(publications.map(\.offset.rawValue), [1])
                try requireEqual(try transaction.schedule([scheduled]), [later.id])
                try require(try transaction.cancelScheduled(gone.id), "it was there")
                try require(!(try transaction.cancelScheduled(gone.id)), "it is gone within the transaction")
            }
            try requireEqual(stored.map(\.offset.rawValue), [1])
            try requireEqual(stored.map { $0.event.attachment as? Int }, [5])
            try requireEqual(try await session.release(at: 1).events.map(\.event.name), ["later"])
        },
        Check("an action that throws leaves nothing, and its error is told") { bench in
            let session = try await bench.open()
            let (now, later, kept) = (bench.event(idempotencyKey: "k"), bench.event(), bench.event("kept"))
            try await session.schedule([session.later(kept, due: 1)])
            let scheduled = session.later(later, due: 1)
            do {
                try await session.transact { transaction in
                    _ = try transaction.append([now])
                    _ = try transaction.schedule([scheduled])
                    _ = try transaction.cancelScheduled(kept.id)
                    throw Refusal(number: 3)
                }
                throw ConformanceFailure(description: "the action's error must be told")
            } catch let error as Refusal {
                try requireEqual(error, Refusal(number: 3))
            }
            let next = try await session.append([bench.event("other", idempotencyKey: "k")])
            try requireEqual(next.stored.map(\.offset.rawValue), [1])
            try requireEqual(try await session.release(at: 9).events.map(\.event.name), ["kept"])
        },
        Check("an action that failed harms none of the changes beside it") { bench in
            let session = try await bench.open()
            let results = Guarded<[Bool]>([])
            for isFailing in [false, true, false] {
                let event = bench.event()
                let action = CommitAction {
                    _ = try $0.append([event])
                    if isFailing { throw Refusal(number: 1) }
                }
                session.log.submit(
                    .transact(
                        LogTransact(action: action) { result in
                            let isDone = (try? result.get()) != nil
                            results.withLock { $0.append(isDone) }
                        }))
            }
            try await session.append(bench.events(1))
            try requireEqual(results.withLock { $0 }, [true, false, true])
            try requireEqual(try await session.offsets(), [1, 2, 3])
        },
        Check("a repeat within an action returns the first publication") { bench in
            let session = try await bench.open()
            let first = try await session.append([bench.event(idempotencyKey: "k")]).publications[0]
            let again = bench.event(idempotencyKey: "k")
            let stored = try await session.transact { transaction in
                let publication = try transaction.append([again])[0]
                try requireEqual(publication.id, first.id)
                try require(publication.isRepeat, "it is a repeat")
            }
            try requireEqual(stored.count, 0)
        },
        Check("an action that catches the failure of an append goes on without it") { bench in
            let session = try await bench.open()
            try await session.append([bench.event("a", idempotencyKey: "k")])
            let (bad, good) = ([bench.event("x"), bench.event("x", idempotencyKey: "k")], bench.event("y"))
            let stored = try await session.transact { transaction in
                do {
                    _ = try transaction.append(bad)
                    throw Refusal(number: 1)
                } catch let failure as LogFailure {
                    try requireEqual(failure.reason, .keyReused)
                }
                _ = try transaction.append([good])
            }
            try requireEqual(stored.map(\.event.name), ["y"])
            try requireEqual(try await session.offsets(), [1, 2])
        },
    ]
}
