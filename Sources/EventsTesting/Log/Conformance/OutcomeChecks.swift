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
    static let outcomes: [Check] = [
        Check("an outcome counts each subscription that takes the event, by what became of it") { bench in
            let names = ["none", "completed", "dead", "retry", "waiting", "discarded"]
            let session = try await bench.open(names.map { .named($0) })
            try await session.append(bench.events(1))
            try await session.settle("completed", completed: [.at(1)])
            try await session.settle("dead", [.at(1, .dead())])
            try await session.settle("retry", [.at(1, .retry(at: 1))])
            try await session.settle("waiting", [.at(1, .waiting)])
            try await session.settle("discarded", [.at(1, .discarded(reason: ""))])
            let outcome = try await session.outcome(of: 1)
            try requireEqual(outcome.outcome, Outcome(completed: 1, dead: 1, discarded: 1))
            try requireEqual(outcome.pending, 3)
        },
        Check("a subscription that does not take the event does not count") { bench in
            let session = try await bench.open([.named("other", ["b"])])
            try await session.append(bench.events(1))
            try await session.subscribe(.named("late", from: .now))
            let outcome = try await session.outcome(of: 1)
            try requireEqual(outcome.outcome, Outcome())
            try requireEqual(outcome.pending, 0)
        },
        Check("a discarded letter counts as discarded, a redriven one as pending") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(1))
            for name in ["s", "t"] { try await session.settle(name, [.at(1, .dead())]) }
            try await session.discard(.matching(DeadLetterFilter(subscription: "s")))
            try await session.redrive(.matching(DeadLetterFilter(subscription: "t")))
            let outcome = try await session.outcome(of: 1)
            try requireEqual(outcome.outcome, Outcome(discarded: 1))
            try requireEqual(outcome.pending, 1)
        },
        Check("a delivery behind a letter that holds up its key counts as parked") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(["k", "k", "m", "m"].map { bench.event(key: $0) })
            try await session.settle(
                "s",
                [
                    .at(1, key: "k", .dead(parks: true)), .at(2, key: "k", .waiting), .at(3, key: "m", .dead()),
                    .at(4, key: "m", .waiting),
                ])
            try requireEqual(try await session.outcome(of: 2).outcome, Outcome(parked: 1))
            try requireEqual(try await session.outcome(of: 2).pending, 0)
            try requireEqual(try await session.outcome(of: 4).pending, 1, "behind a letter that holds up nothing")
            let key = try session.key("s")
            try requireEqual(try await session.outcome(of: 4, orders: [key: .serial]).outcome, Outcome(parked: 1))
            try requireEqual(try await session.outcome(of: 2, orders: [key: .unordered]).pending, 1)
        },
        Check("a delivery before a letter that holds up its key is not parked") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2, key: "k"))
            try await session.settle("s", [.at(1, key: "k", .waiting), .at(2, key: "k", .dead(parks: true))])
            try requireEqual(try await session.outcome(of: 1).pending, 1)
        },
        Check("subscriptions that nobody registered, and types that nobody handles, are absent") { bench in
            let session = try await bench.open([.named("gone"), .named("done"), .named("s", ["a", "b"])])
            try await session.append(bench.events(2))
            try await session.settle("gone", [.at(1, .retry(at: 1))])
            try await session.settle("done", completed: [.at(1)])
            let reopened = try await bench.open([.named("s", ["b"])])
            try await reopened.settle("s", [.at(1, .noHandler)])
            let outcome = try await reopened.outcome(of: 1)
            try requireEqual(outcome.outcome, Outcome(completed: 1, absent: ["gone": 1, "s": 1]))
            try requireEqual(outcome.pending, 0)
            try requireEqual(try await reopened.outcome(of: 2).outcome.absent["gone"], 1)
        },
        Check("a removed subscription does not count") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(1))
            try await session.unsubscribe("t")
            try requireEqual(try await session.outcome(of: 1).pending, 1)
        },
    ]

    static let descendants: [Check] = [
        Check("descendants are the events that an event caused, directly or through others") { bench in
            let root = bench.event("root")
            let child = bench.event("b", correlation: root.id, causation: root.id)
            let grandchild = bench.event("b", correlation: root.id, causation: child.id)
            // Of the same correlation, but caused by something that is no event of this log.
            let stranger = bench.event("b", correlation: root.id, causation: bench.makeID())
            let session = try await bench.open([.named("s", ["root", "b"])])
            try await session.append([root, bench.event("b"), child, stranger, grandchild])
            try await session.settle("s", completed: [.at(1)])
            try requireEqual(try await session.outcome(of: 1, .handlers).pending, 0)
            try requireEqual(try await session.outcome(of: 1, .handlers).outcome, Outcome(completed: 1))
            try requireEqual(try await session.outcome(of: 1, .descendants).pending, 2)
            try await session.settle("s", completed: [.at(3)], [.at(5, .dead())])
            let all = try await session.outcome(of: 1, .descendants)
            try requireEqual(all.outcome, Outcome(completed: 2, dead: 1))
            try requireEqual(try await session.outcome(of: 3, .descendants).outcome, Outcome(completed: 1, dead: 1))
            try requireEqual(try await session.outcome(of: 5, .descendants).outcome, Outcome(dead: 1))
        },
        Check("scheduled events that an event caused are counted with its descendants") { bench in
            let root = bench.event("root")
            let child = bench.event("b", correlation: root.id, causation: root.id)
            let session = try await bench.open([.named("s", ["root"])])
            try await session.append([root, child])
            let scheduled = [
                bench.event("b", correlation: root.id, causation: root.id),
                bench.event("b", correlation: root.id, causation: child.id), bench.event("b"),
            ]
            try await session.schedule(scheduled.map { session.later($0, due: 60) })
            try requireEqual(try await session.outcome(of: 1, .descendants).outcome, Outcome(scheduled: 2))
            try requireEqual(try await session.outcome(of: 2, .descendants).outcome, Outcome(scheduled: 1))
            _ = try await session.release(at: 60)
            try requireEqual(try await session.outcome(of: 1, .descendants).outcome, Outcome())
        },
    ]
}
