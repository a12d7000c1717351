//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which events to read. Every field that is set must match.
public struct EventSelection: Sendable {
    /// Only events of greater offsets. The default is 0: from the beginning.
    public var after = Offset(rawValue: 0)
    /// Only events up to this offset. The default, `nil`, is no such bound.
    public var through: Offset?
    /// Only events that one of these takes. The default, `nil`, is all. Events that are not intact are read in any case, since
    /// nothing about them can be relied on.
    public var interests: [LogSubscription.Interest]?
    /// Only events with one of these names.
    public var names: Set<String>?
    /// Only events with this ordering key.
    public var orderingKey: String?
    /// Only events with this correlation.
    public var correlationID: EventID?
    /// Only events published at this time or later.
    public var since: Date?
    /// Only events published before this time.
    public var before: Date?
    /// The most events on the page. The default is 256.
    public var limit = 256
    /// About how many bytes of payload a page holds at most; one event is always read. The default is 1 MiB.
    public var byteLimit = 1 << 20

    /// Everything, unless told otherwise.
    public init() {}
}

/// Some events of a log, in offset order.
public struct EventPage: Sendable {
    /// The events that matched.
    public let events: [StoredEvent]
    /// The page holds every match up to this offset; the next begins after it.
    public let through: Offset
    /// Whether nothing comes after it, as far as the log had been written or the selection goes.
    public let isLast: Bool

    /// A page.
    public init(events: [StoredEvent], through: Offset, isLast: Bool) {
        self.events = events
        self.through = through
        self.isLast = isLast
    }
}

/// Which deliveries with rows to read. Those that nobody handles are not among them.
public struct DeliverySelection: Sendable {
    /// What they have in common.
    public enum Group: Sendable, Hashable {
        /// An ordering key; `nil` for having none. Retries that are due later included.
        case key(String?)
        /// Nothing: all of the subscription. Retries that are due later included.
        case all
        /// Another attempt is due at this time or before. By time.
        case due(Date)
        /// The one of an offset.
        case offset(Offset)
    }

    /// The subscription.
    public var subscription: SubscriptionKey
    /// What they have in common.
    public var group: Group
    /// Only greater offsets.
    public var after = Offset(rawValue: 0)
    /// Only lesser offsets; `nil` is no such bound.
    public var before: Offset?
    /// The most of them.
    public var limit: Int

    /// A selection.
    public init(
        _ group: Group, of subscription: SubscriptionKey, after: Offset = Offset(rawValue: 0), before: Offset? = nil, limit: Int
    ) {
        self.subscription = subscription
        self.group = group
        self.after = after
        self.before = before
        self.limit = limit
    }
}

/// A delivery with a row, and its event.
public struct StoredDelivery: Sendable {
    /// The event.
    public let event: StoredEvent
    /// What was counted so far.
    public let counts: LogCounts
    /// When another attempt is due; `nil` when it waits for something else than time.
    public let retry: ScheduledTime?

    /// A delivery.
    public init(event: StoredEvent, counts: LogCounts, retry: ScheduledTime?) {
        self.event = event
        self.counts = counts
        self.retry = retry
    }
}

/// Which dead letters to read.
public struct DeadLetterSelection: Sendable {
    /// Which letters.
    public var letters: LogLetterSelection
    /// Only those that arrived after this number.
    public var after: Int64 = 0
    /// The most of them.
    public var limit: Int

    /// A selection.
    public init(_ letters: LogLetterSelection, after: Int64 = 0, limit: Int) {
        self.letters = letters
        self.after = after
        self.limit = limit
    }
}

/// A dead letter as a log keeps it.
public struct StoredDeadLetter: Sendable {
    /// Its number in order of arrival, from 1.
    public let arrival: Int64
    /// The delivery's identity.
    public let id: DeadLetter.ID
    /// The event.
    public let event: StoredEvent
    /// What it died of.
    public let letter: LogLetter
    /// The counts when it died.
    public let counts: LogCounts
    /// The attempts that the log still lists, oldest first.
    public let attempts: [Attempt]

    /// A dead letter.
    public init(
        arrival: Int64, id: DeadLetter.ID, event: StoredEvent, letter: LogLetter, counts: LogCounts, attempts: [Attempt]
    ) {
        self.arrival = arrival
        self.id = id
        self.event = event
        self.letter = letter
        self.counts = counts
        self.attempts = attempts
    }
}

/// What became of the deliveries of an event, and of those that it caused, as a log knows it.
public struct StoredOutcome: Sendable {
    /// The counts.
    public var outcome: Outcome
    /// Deliveries that are not resolved yet and whose subscription is registered.
    public var pending: Int

    /// An outcome so far.
    public init(outcome: Outcome, pending: Int) {
        self.outcome = outcome
        self.pending = pending
    }
}
