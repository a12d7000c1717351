//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A subscription as the log in memory has it.
struct MemorySubscription: Sendable {
    let key: SubscriptionKey
    let name: String
    /// The epoch in which it was registered last.
    var epoch: Int64
    var interests: [LogSubscription.Interest]
    var settled: OffsetRanges
    /// The deliveries that are not finished and that are settled, by offset.
    var rows = OffsetTable<MemoryRow>()
    /// The arrival numbers of its dead letters, by offset.
    var letters = OffsetTable<Int64>()
    /// The attempts that did not complete, of finished deliveries too, by offset.
    var attempts: [Int64: [Attempt]] = [:]

    /// Whether it takes an event. One that is not intact may have any name, so only its offset can rule it out.
    func takes(_ name: String, at offset: Int64, isIntact: Bool) -> Bool {
        interests.contains { interest in
            interest.after.rawValue < offset && offset <= interest.through?.rawValue ?? .max
                && (!isIntact || interest.eventName == name)
        }
    }

    /// Lists an attempt. Past 256 the oldest but the first makes room, because the first says how it began.
    mutating func note(_ attempt: Attempt, of offset: Int64) {
        var list = attempts[offset, default: []]
        list.removeAll { $0.number == attempt.number }
        let position = list.firstIndex { $0.number > attempt.number } ?? list.endIndex
        list.insert(attempt, at: position)
        if list.count > 256 { list.remove(at: 1) }
        attempts[offset] = list
    }
}

/// A delivery that is not finished and that its subscription's cursor or a range has passed.
struct MemoryRow: Sendable {
    enum State: Sendable {
        case waiting
        case retry(ScheduledTime)
        case noHandler
    }

    var orderingKey: String?
    var state: State
    var counts: LogCounts
    /// Whether it ran when the process ended and has had no outcome since.
    var isSuspect = false

    var isHandled: Bool {
        if case .noHandler = state { false } else { true }
    }

    var retry: ScheduledTime? {
        if case .retry(let time) = state { time } else { nil }
    }
}

/// A dead letter with what is looked for in it.
struct MemoryLetter: Sendable {
    let subscription: SubscriptionKey
    let id: DeadLetter.ID
    let orderingKey: String?
    let eventName: String
    let eventID: EventID
    let correlationID: EventID
    let letter: LogLetter
    let counts: LogCounts
}

/// A delivery that was given up.
struct MemoryDiscard: Sendable {
    let subscription: SubscriptionKey
    let discard: DeadLetterDiscard
    /// Whether it was a dead letter; otherwise a handler gave it up.
    let wasDead: Bool
}

extension Date {
    /// The time to the nearest microsecond, which is what logs keep.
    var inMicroseconds: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1_000_000).rounded() / 1_000_000)
    }
}

extension ScheduledTime {
    /// Whether it is due at a time.
    func isDue(at time: Date) -> Bool {
        due <= time
    }
}

extension LogEvent {
    /// The identity that everything with the same first cause shares.
    var correlation: EventID { correlationID ?? id }
}
