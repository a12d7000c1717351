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
    private static func attempt(_ number: Int, text: String = "it failed", isCounted: Bool = true) -> Attempt {
        Attempt(
            number: number, startedAt: LogBench.time(number), duration: .milliseconds(number), errorType: "Fault",
            errorText: text, isCounted: isCounted)
    }

    static let attempts: [Check] = [
        Check("attempts are listed with the dead letter, oldest first, as they were") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try await session.settle("s", [.at(1, .retry(at: 1), attempt: attempt(1, text: "naïve ' text"))])
            try await session.settle("s", [.at(1, .retry(at: 2), attempt: attempt(2, isCounted: false))])
            try await session.settle("s", [.at(1, .dead(), attempt: attempt(3))])
            let letter = try requireSome(try await bench.open([.named("s")]).deadLetters().first, "letter")
            try requireEqual(
                letter.attempts, [attempt(1, text: "naïve ' text"), attempt(2, isCounted: false), attempt(3)])
        },
        Check("of more than 256 attempts the first and the newest are listed") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            for number in 1..<300 { try await session.settle("s", [.at(1, .retry(at: 1), attempt: attempt(number))]) }
            try await session.settle("s", [.at(1, .dead(), counts: LogCounts(attempts: 300), attempt: attempt(300))])
            let letter = try requireSome(try await session.deadLetters().first, "letter")
            try requireEqual(letter.attempts.map(\.number), [1] + Array(46...300))
            try requireEqual(letter.counts.attempts, 300)
        },
        Check("a redriven delivery that dies again lists the attempts of both lives") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(1))
            try await session.settle("s", [.at(1, .dead(), counts: LogCounts(attempts: 1), attempt: attempt(1))])
            let first = try requireSome(try await session.deadLetters().first, "letter")
            try await session.redrive(.matching(.all))
            try await session.settle("s", [.at(1, .dead(), counts: LogCounts(attempts: 2, redrives: 1), attempt: attempt(2))])
            let again = try requireSome(try await session.deadLetters().first, "letter")
            try requireEqual(again.attempts.map(\.number), [1, 2])
            try requireEqual(again.counts.redrives, 1)
            try require(again.arrival > first.arrival, "it arrives anew")
        },
    ]

    static let letters: [Check] = [
        Check("a dead letter is read as it was written, also after a restart") { bench in
            let counts = LogCounts(attempts: 4, failedAttempts: 3, crashes: 2, redrives: 1, isDepthReset: true)
            let event = bench.event(key: "k")
            let session = try await bench.open([.named("s")])
            try await session.append([event])
            try await session.settle(
                "s",
                [.at(1, key: "k", .dead(.permanent, type: "MailFault", text: "no %_' mail", at: 9, parks: true), counts: counts)])
            let letter = try requireSome(try await bench.open([.named("s")]).deadLetters().first, "letter")
            try requireEqual(letter.id, DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 1)))
            try requireSame(letter.event, event)
            try requireEqual(letter.letter.reason, .permanent)
            try requireEqual(letter.letter.errorType, "MailFault")
            try requireEqual(letter.letter.errorText, "no %_' mail")
            try requireEqual(letter.letter.time, LogBench.time(9))
            try requireEqual(letter.letter.parksKey, true)
            try requireEqual(letter.counts, counts)
        },
        Check("every reason for a dead letter is kept") { bench in
            let reasons: [DeadLetter.Reason] = [.exhausted, .permanent, .tooDeep, .crashed, .undecodable, .corrupt]
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(reasons.count))
            try await session.settle("s", zip(Int64(1)..., reasons).map { .at($0, .dead($1)) })
            try requireEqual(try await session.deadLetters().map(\.letter.reason), reasons)
        },
        Check("letters are read in order of arrival, page by page") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(4))
            try await session.settle("s", [4, 2, 3, 1].map { .at($0, .dead()) })
            let first = try await session.deadLetters(limit: 3)
            try requireEqual(first.offsets, [4, 2, 3])
            let second = try await session.deadLetters(after: first[2].arrival, limit: 3)
            try requireEqual(second.offsets, [1])
            try requireEqual((first + second).map(\.arrival), (first + second).map(\.arrival).sorted())
        },
        Check("arrival numbers are not used again") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            try await session.settle("s", [.at(1, .dead())])
            let first = try await session.deadLetters()[0].arrival
            try await session.discard(.matching(.all))
            let reopened = try await bench.open([.named("s")])
            try await reopened.settle("s", [.at(2, .dead())])
            try require(try await reopened.deadLetters()[0].arrival > first, "the second arrives after the first")
        },
        Check("letters are counted by subscription and error type") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(3))
            try await session.settle("s", [.at(1, .dead(type: "A")), .at(2, .dead(type: "B")), .at(3, .dead(type: "B"))])
            try await session.settle("t", [.at(1, .dead(type: "A"))])
            try requireEqual(
                Set(try await session.log.deadLetterCounts()),
                [
                    DeadLetterCount(subscription: "s", errorType: "A", count: 1),
                    DeadLetterCount(subscription: "s", errorType: "B", count: 2),
                    DeadLetterCount(subscription: "t", errorType: "A", count: 1),
                ])
        },
        Check("one letter, or those of a key, can be selected") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(2, key: "k") + bench.events(1, key: "other") + bench.events(1))
            for name in ["s", "t"] {
                try await session.settle(
                    name, [.at(1, key: "k", .dead()), .at(2, key: "k", .dead()), .at(3, key: "other", .dead()), .at(4, .dead())])
            }
            let id = DeadLetter.ID(subscription: "t", offset: Offset(rawValue: 2))
            try requireEqual(try await session.log.deadLetters(.init(.one(id), limit: 9)).map(\.id), [id])
            let ofKey = try await session.log.deadLetters(
                .init(.matching(DeadLetterFilter(subscription: "s", orderingKey: "k")), limit: 9))
            try requireEqual(ofKey.map(\.id.description), ["s/1", "s/2"])
        },
        Check("a discard removes the letter and is remembered") { bench in
            let session = try await bench.open([.named("s")])
            let events = bench.events(3, key: "k")
            try await session.append(events)
            try await session.settle("s", [3, 1, 2].map { .at($0, key: "k", .dead(parks: $0 == 1)) })
            let done = try await session.discard(
                .matching(DeadLetterFilter(orderingKey: "k")), reason: "hopeless", at: 7)
            try requireEqual(done.map(\.discard.id.offset.rawValue), [3, 1, 2])
            try requireEqual(done.map(\.parkedKey), [false, true, false])
            try requireEqual(done.map(\.orderingKey), ["k", "k", "k"])
            try requireEqual(done.map(\.subscription), Array(repeating: try session.key("s"), count: 3))
            let reopened = try await bench.open([.named("s")])
            try requireEqual(try await reopened.deadLetters().offsets, [])
            try requireEqual(try await reopened.log.discards(limit: 9), done.map(\.discard))
            try requireEqual(
                try await reopened.log.discards(limit: 2).last,
                DeadLetterDiscard(
                    id: DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 2)), eventName: "a", eventID: events[1].id,
                    reason: "hopeless", time: LogBench.time(7)))
            try requireEqual(try await reopened.log.discards(limit: 2).map(\.id.offset.rawValue), [1, 2], "the latest")
        },
        Check("a discard keeps to the subscriptions that it is given") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(1))
            for name in ["s", "t"] { try await session.settle(name, [.at(1, .dead())]) }
            try requireEqual(
                try await session.discard(.matching(.all), handled: ["t": ["a"]]).map(\.discard.id.subscription), ["t"])
            try requireEqual(try await session.deadLetters().map(\.id.subscription), ["s"])
        },
    ]

    static let letterFilters: [Check] = [
        Check("each field of a filter must match") { bench in
            let cause = bench.makeID()
            let event = bench.event("a", key: "k", correlation: cause)
            let other = bench.event("b")
            let session = try await bench.open([.named("s", ["a", "b"]), .named("t", ["a", "b"])])
            try await session.append([event, other])
            try await session.settle("s", [.at(1, key: "k", .dead(type: "Mail", text: "it has 5%_x", at: 10))])
            try await session.settle("t", [.at(2, .dead(type: "Tax", text: "It hAs 50x", at: 20))])
            func found(_ filter: DeadLetterFilter) async throws -> String {
                try await session.deadLetters(filter).map(\.id.description).joined(separator: " ")
            }
            try requireEqual(try await found(.all), "s/1 t/2")
            try requireEqual(try await found(.init(subscription: "s")), "s/1")
            try requireEqual(try await found(.init(subscription: "S")), "")
            try requireEqual(try await found(.init(eventName: "b")), "t/2")
            try requireEqual(try await found(.init(orderingKey: "k")), "s/1")
            try requireEqual(try await found(.init(errorType: "Tax")), "t/2")
            try requireEqual(try await found(.init(errorContains: "it has")), "s/1")
            try requireEqual(try await found(.init(errorContains: "5%_")), "s/1")
            try requireEqual(try await found(.init(errorContains: "5%x")), "")
            try requireEqual(try await found(.init(correlationID: cause)), "s/1")
            try requireEqual(try await found(.init(correlationID: other.id)), "t/2", "an event's own correlation")
            try requireEqual(try await found(.init(since: LogBench.time(20))), "t/2")
            try requireEqual(try await found(.init(before: LogBench.time(20))), "s/1")
            try requireEqual(try await found(.init(subscription: "s", eventName: "b")), "")
        }
    ]

    static let redrives: [Check] = [
        Check("a redrive takes the letter away and gives the delivery a row that waits") { bench in
            let session = try await bench.open([.named("s")])
            let event = bench.event(key: "k", correlation: bench.makeID())
            try await session.append([event])
            let counts = LogCounts(attempts: 6, failedAttempts: 5, crashes: 4, redrives: 2)
            try await session.settle("s", [.at(1, key: "k", .dead(parks: true), counts: counts)])
            let id = DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 1))
            let done = try await session.redrive(.one(id))
            try requireEqual(done.map(\.id), [id])
            try requireEqual(done.map(\.subscription), [try session.key("s")])
            try requireEqual(done.map(\.orderingKey), ["k"])
            try requireEqual(done.map(\.parkedKey), [true])
            try requireEqual(done.map(\.eventName), ["a"])
            try requireEqual(done.map(\.publication.id), [event.id])
            try requireEqual(done.map(\.publication.offset.rawValue), [1])
            try requireEqual(done.map(\.publication.correlationID), [event.correlationID])
            let reopened = try await bench.open([.named("s")])
            try requireEqual(try await reopened.deadLetters().offsets, [])
            let row = try requireSome(try await reopened.deliveries().first, "row")
            try requireEqual(row.counts, LogCounts(attempts: 6, redrives: 3))
            try requireEqual(row.retry, nil)
        },
        Check("a redrive of a chain that was too deep resets its depth, once and for all") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2))
            try await session.settle("s", [.at(1, .dead(.tooDeep)), .at(2, .dead(), counts: LogCounts(isDepthReset: true))])
            try await session.redrive(.matching(.all))
            try requireEqual(try await session.deliveries().map(\.counts.isDepthReset), [true, true])
        },
        Check("redrives come oldest first and keep to the subscriptions that they are given") { bench in
            let session = try await bench.open([.named("s"), .named("t")])
            try await session.append(bench.events(3))
            try await session.settle("s", [3, 1, 2].map { .at($0, .dead()) })
            try await session.settle("t", [.at(1, .dead())])
            try requireEqual(
                try await session.redrive(.matching(.all), handled: ["s": ["a"]]).map(\.id.offset.rawValue), [3, 1, 2])
            try requireEqual(try await session.redrive(.matching(.all), handled: ["t": ["b"]]).count, 0, "nobody handles it")
            try requireEqual(try await session.deadLetters().map(\.id.subscription), ["t"])
        },
        Check("a redrive of nothing is no failure") { bench in
            let session = try await bench.open([.named("s")])
            let id = DeadLetter.ID(subscription: "nobody", offset: Offset(rawValue: 5))
            try requireEqual(try await session.redrive(.one(id)).count, 0)
            try requireEqual(try await session.discard(.one(id)).count, 0)
            try requireEqual(try await session.redrive(.matching(DeadLetterFilter(subscription: "s", orderingKey: "k"))).count, 0)
        },
        Check("a redrive of a key takes the letters of that key alone") { bench in
            let session = try await bench.open([.named("s")])
            try await session.append(bench.events(2, key: "k") + bench.events(1, key: "m"))
            try await session.settle("s", [.at(1, key: "k", .dead()), .at(2, key: "k", .dead()), .at(3, key: "m", .dead())])
            try requireEqual(
                try await session.redrive(.matching(DeadLetterFilter(subscription: "s", orderingKey: "k"))).map(
                    \.id.offset.rawValue), [1, 2])
            try requireEqual(try await session.deadLetters().offsets, [3])
        },
    ]
}
