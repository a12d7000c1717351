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
    static let registrations: [Check] = [
        Check("a new log is empty, and its first epoch is 1") { bench in
            let opened = try await bench.open().opened
            try requireEqual(opened.epoch, 1)
            try requireEqual(opened.head.rawValue, 0)
            try require(opened.subscriptions.isEmpty && opened.suspects.isEmpty, "there is nothing")
        },
        Check("the epoch rises by one with each opening, and the head stays") { bench in
            try await bench.open().append(bench.events(3))
            for epoch in Int64(2)...4 {
                let opened = try await bench.open().opened
                try requireEqual(opened.epoch, epoch)
                try requireEqual(opened.head.rawValue, 3)
            }
        },
        Check("a new subscription starts now, at the beginning or after an offset") { bench in
            try await bench.open().append(bench.events(5))
            let session = try await bench.open([
                .named("now", from: .now), .named("beginning", from: .beginning),
                .named("after", from: .after(Offset(rawValue: 3))),
            ])
            for (name, offset) in [("now", 5), ("beginning", 0), ("after", 3)] {
                let subscription = try session.subscription(name)
                try requireEqual(subscription.settled, OffsetRanges(cursor: Offset(rawValue: Int64(offset))), name)
                try requireEqual(
                    subscription.interests, [.init(eventName: "a", after: Offset(rawValue: Int64(offset)))], name)
                try require(subscription.isRegistered, "\(name) is registered")
            }
        },
        Check("a known subscription goes on where it was, whatever its start") { bench in
            let session = try await bench.open([.named("s", from: .now)])
            try await session.append(bench.events(5))
            try await session.settle("s", completed: [.at(1)])
            for start in [SubscriptionStart.now, .beginning, .after(Offset(rawValue: 4))] {
                let again = try await bench.open([.named("s", from: start)]).subscription("s")
                try requireEqual(again.key, try session.key("s"))
                try requireEqual(again.settled.cursor.rawValue, 1)
                try requireEqual(again.interests, [.init(eventName: "a", after: Offset(rawValue: 0))])
            }
        },
        Check("a subscription that nobody registered is listed, and goes on when it is registered again") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(3))
            try await session.settle("s", completed: [.at(1)], [.at(2, .waiting)])
            let without = try await bench.open([.named("t")])
            try requireEqual(try without.subscription("s").isRegistered, false)
            try requireEqual(try without.subscription("t").isRegistered, true)
            try requireEqual(try without.subscription("s").interests.map(\.through), [nil], "what it takes")
            try await without.append(bench.events(1))
            let with = try await bench.open([.named("s"), .named("t")])
            try requireEqual(try with.subscription("s").isRegistered, true)
            try requireEqual(try with.subscription("s").settled.cursor.rawValue, 2)
            try requireEqual(try await with.deliveries().offsets, [2])
            try requireEqual(try await with.outcome(of: 4).pending, 2)
        },
        Check("a subscription can be registered while the log is open") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            let new = try await session.subscribe(.named("late", ["a", "b"], from: .now))
            try requireEqual(new.settled.cursor.rawValue, 2)
            try requireEqual(new.interests.map(\.eventName).sorted(), ["a", "b"])
            try require(new.isRegistered && new.key != (try session.key("s")), "it is one of its own")
            try await session.append(bench.events(1))
            try await session.settle(new.key, completed: [.at(3)])
            try requireEqual(try await bench.open([.named("late")]).subscription("late").settled.cursor.rawValue, 3)
        },
        Check("registering a known subscription while the log is open goes on where it was") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(3))
            try await session.settle("s", completed: [.at(1)], [.at(2, .dead(parks: true))])
            let without = try await bench.open()
            let known = try await without.subscribe(.named("s", from: .now))
            try requireEqual(known.key, try session.key("s"))
            try requireEqual(known.settled.cursor.rawValue, 2)
            try requireEqual(known.parking.map(\.offset.rawValue), [2])
            try require(known.isRegistered, "it is registered")
        },
        Check("a removed subscription is gone with all that was its own") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(6) + bench.events(1, "b"))
            for name in ["s", "t"] {
                try await session.settle(
                    name, completed: [.at(1)], [.at(2, .retry(at: 5)), .at(3, .waiting), .at(4, .dead()), .at(5, .dead())])
            }
            let removed = try await session.discard(.one(DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 5))))
            try requireEqual(removed.count, 1)
            try requireEqual(
                try await session.unsubscribe("s"), RemovedSubscription(name: "s", unfinished: 3, deadLetters: 1))
            try requireEqual(try await session.deadLetters().map(\.id.subscription), ["t", "t"])
            try requireEqual(try await session.log.discards(limit: 9), [])
            try requireEqual(try await session.deliveries(of: "s").offsets, [])
            try requireEqual(try await bench.open([.named("t")]).opened.subscriptions.map(\.name), ["t"])
        },
        Check("a removed subscription's name starts anew, under another key") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            try await session.unsubscribe("s")
            let again = try await bench.open([.named("s", from: .now)]).subscription("s")
            try requireEqual(again.settled.cursor.rawValue, 2)
            try require(again.key != (try session.key("s")), "keys are not used again")
        },
        Check("a subscription that is to begin past the end of the log begins there, with types that are added later as well") {
            bench in
            let far = SubscriptionStart.after(Offset(rawValue: .max))
            _ = try await bench.open([.named("s", from: far)]).append(bench.events(2))
            _ = try await bench.open([.named("s", ["a", "b"], from: far)]).append(bench.events(1, "b"))
            try requireEqual(
                try await bench.open().unsubscribe("s"), RemovedSubscription(name: "s", unfinished: 3, deadLetters: 0))
        },
        Check("removing a subscription that is not there removes nothing") { bench in
            try requireEqual(try await bench.open([.named("s")]).unsubscribe("t"), nil)
        },
        Check("a subscription that nobody registered can be removed") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            try requireEqual(
                try await bench.open().unsubscribe("s"), RemovedSubscription(name: "s", unfinished: 2, deadLetters: 0))
        },
    ]

    static let types: [Check] = [
        Check("a type that is added is taken from the next event on") { bench in
            let session = try await bench.open([.named("s", ["a"])])
            try await session.append(bench.events(2) + bench.events(2, "b"))
            let interests = try await bench.open([.named("s", ["a", "b"])]).subscription("s").interests
            try requireEqual(
                Set(interests),
                [.init(eventName: "a", after: Offset(rawValue: 0)), .init(eventName: "b", after: Offset(rawValue: 4))])
        },
        Check("a type that is left out is taken up to the latest event") { bench in
            let session = try await bench.open([.named("s", ["a", "b"])])
            try await session.append(bench.events(3))
            let without = try await bench.open([.named("s", ["b"])])
            let zero = Offset(rawValue: 0)
            let wanted: Set<LogSubscription.Interest> = [
                .init(eventName: "a", after: zero, through: Offset(rawValue: 3)), .init(eventName: "b", after: zero),
            ]
            try requireEqual(Set(try without.subscription("s").interests), wanted)
            try await without.append(bench.events(1))
            try requireEqual(Set(try await bench.open([.named("s", ["b"])]).subscription("s").interests), wanted)
        },
        Check("a type that comes back is taken from the next event on, beside what is left of before") { bench in
            let session = try await bench.open([.named("s", ["a"])])
            try await session.append(bench.events(2))
            try await bench.open([.named("s", ["b"])]).append(bench.events(2))
            let interests = try await bench.open([.named("s", ["a", "b"])]).subscription("s").interests
            try requireEqual(
                Set(interests.filter { $0.eventName == "a" }),
                [
                    .init(eventName: "a", after: Offset(rawValue: 0), through: Offset(rawValue: 2)),
                    .init(eventName: "a", after: Offset(rawValue: 4)),
                ])
        },
        Check("a delivery that nobody handles waits again when its type comes back") { bench in
            let session = try await bench.open([.named("s", ["a", "c"])])
            try await session.append(bench.events(1, "a") + bench.events(1, "c"))
            let without = try await bench.open([.named("s", ["b"])])
            try await without.settle("s", [.at(1, .noHandler), .at(2, .noHandler)])
            try requireEqual(try await without.deliveries().offsets, [])
            let with = try await bench.open([.named("s", ["a", "b"])])
            try requireEqual(try await with.deliveries().offsets, [1])
            try requireEqual(try with.subscription("s").lanes.map(\.count), [1])
        },
    ]

    static let reports: [Check] = [
        Check("rows are reported by ordering key, those that nobody handles left out") { bench in
            let session = try await bench.open([.named("s")])
            let keys = ["k", "k", nil, "k", nil, "m", "n"]
            try await session.append(keys.map { bench.event(key: $0) })
            let ends: [LogSettlement.End] = [
                .completed, .retry(at: 5), .waiting, .waiting, .retry(at: 3), .noHandler, .waiting,
            ]
            try await session.settle("s", zip(zip(Int64(1)..., keys), ends).map { .at($0.0, key: $0.1, $1) })
            let subscription = try await bench.open([.named("s", ["b"])]).subscription("s")
            var lanes: [String: [Int64]] = [:]
            for lane in subscription.lanes {
                lanes[lane.orderingKey ?? "-"] = [Int64(lane.count), lane.first.rawValue, lane.retrying?.rawValue ?? 0]
            }
            try requireEqual(lanes, ["k": [2, 2, 2], "-": [2, 3, 5], "n": [1, 7, 0]])
            try requireEqual(subscription.lanes.count, 3)
        },
        Check("the first retry that is due is reported") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(3))
            try await session.settle("s", [.at(1, .retry(at: 50)), .at(2, .retry(at: 20)), .at(3, .waiting)], at: 4)
            let reopened = try await bench.open([.named("s"), .named("t")])
            try requireEqual(
                try reopened.subscription("s").nextRetry,
                ScheduledTime(due: LogBench.time(20), decided: LogBench.time(4)))
            try requireEqual(try reopened.subscription("t").nextRetry, nil)
        },
        Check("the letters that hold up keys are reported, ascending") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2, key: "k") + bench.events(1) + bench.events(1, key: "m"))
            try await session.settle(
                "s",
                [
                    .at(4, key: "m", .dead(parks: true)), .at(2, key: "k", .dead(parks: true)), .at(1, key: "k", .dead()),
                    .at(3, .dead(parks: true)),
                ])
            let subscription = try await bench.open([.named("s")]).subscription("s")
            try requireEqual(subscription.parking.map(\.offset.rawValue), [2, 3, 4])
            try requireEqual(subscription.parking.map(\.orderingKey), ["k", nil, "m"])
            try requireEqual(subscription.deadLetters, 4)
        },
        Check("a letter that was redriven or discarded holds up nothing") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2, key: "k"))
            try await session.settle("s", [1, 2].map { .at($0, key: "k", .dead(parks: true)) })
            try await session.redrive(.one(DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 1))))
            try await session.discard(.one(DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 2))))
            let subscription = try await bench.open([.named("s")]).subscription("s")
            try requireEqual(subscription.parking, [])
            try requireEqual(subscription.deadLetters, 0)
        },
    ]
}
