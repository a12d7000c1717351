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

/// Where a durable subscription begins that the log does not know yet. One that it knows goes on where it was.
public enum SubscriptionStart: Sendable, Hashable {
    /// With what is published from now on. This is the default.
    case now
    /// With the oldest event that the log still has.
    case beginning
    /// With the first event after an offset, which is that of the log's end if it lies beyond that.
    case after(Offset)
}

/// What a bus wants of a log that it opens.
public struct LogOpening: Sendable {
    /// A subscription that the bus serves.
    public struct Subscription: Sendable {
        /// Its name, which is its durable identity.
        public let name: String
        /// The names of the events that it takes.
        public let eventNames: [String]
        /// Where it begins if it is new.
        public let start: SubscriptionStart
        /// The last offset that it takes, of every type; `nil` is no end. One that the log knows keeps what it takes.
        public let end: Offset?
        /// The order of its deliveries, by which a log can tell what waits for what while nobody serves it.
        public let order: DeliveryOrder

        /// A subscription.
        public init(
            name: String, eventNames: [String], start: SubscriptionStart, end: Offset? = nil, order: DeliveryOrder = .perKey
        ) {
            self.end = end
            self.order = order
            self.name = name
            self.eventNames = eventNames
            self.start = start
        }
    }

    /// The subscriptions that the bus serves. Others that the log knows stay as they are.
    public let subscriptions: [Subscription]
    /// The time of day.
    public let time: Date
    /// How many deliveries can run at once, for ``EventLog/noteStart(slot:subscription:offset:)``.
    public let flightSlots: Int
    /// Told when the log takes nothing more because of something that it did by itself, such as tidying up. A failure of a change is
    /// told by its completion.
    public let onFailure: @Sendable (LogFailure) -> Void

    /// An opening.
    public init(
        subscriptions: [Subscription], time: Date, flightSlots: Int,
        onFailure: @escaping @Sendable (LogFailure) -> Void = { _ in }
    ) {
        self.onFailure = onFailure
        self.subscriptions = subscriptions
        self.time = time
        self.flightSlots = flightSlots
    }
}

/// What a log has when it is opened.
public struct LogOpened: Sendable {
    /// How often the log was opened before, plus one.
    public let epoch: Int64
    /// The offset of the latest event; 0 when there was never one.
    public let head: Offset
    /// All subscriptions that the log knows, those that nobody registered included.
    public let subscriptions: [LogSubscription]
    /// Deliveries that were running when the process that owned the log ended, and have had no outcome since, by offset. Those that
    /// were running in the epoch before have one crash more than they had. They all have rows.
    public let suspects: [Suspect]
    /// When the next scheduled event is due.
    public let nextScheduled: ScheduledTime?
    /// When the latest of what waits for a time was decided: retries, of registered subscriptions at least, and scheduled events. The
    /// bus's clock goes on from there, if the system's was set back since.
    public let lastDecision: Date?

    /// A delivery that may have ended a process.
    public struct Suspect: Sendable, Hashable {
        /// The subscription.
        public let subscription: SubscriptionKey
        /// The offset of the event.
        public let offset: Offset

        /// A suspect.
        public init(subscription: SubscriptionKey, offset: Offset) {
            self.subscription = subscription
            self.offset = offset
        }
    }

    /// What a log has.
    public init(
        epoch: Int64, head: Offset, subscriptions: [LogSubscription], suspects: [Suspect], nextScheduled: ScheduledTime?,
        lastDecision: Date?
    ) {
        self.lastDecision = lastDecision
        self.epoch = epoch
        self.head = head
        self.subscriptions = subscriptions
        self.suspects = suspects
        self.nextScheduled = nextScheduled
    }
}

/// A subscription as a log knows it.
public struct LogSubscription: Sendable {
    /// A type of event that it takes, and from when to when.
    public struct Interest: Sendable, Hashable {
        /// The event's name.
        public let eventName: String
        /// Events of greater offsets are taken.
        public let after: Offset
        /// Up to this offset; `nil` for a type that is still registered.
        public let through: Offset?

        /// An interest.
        public init(eventName: String, after: Offset, through: Offset? = nil) {
            self.eventName = eventName
            self.after = after
            self.through = through
        }
    }

    /// Deliveries with rows that share an ordering key and are not finished; those that nobody handles do not count.
    public struct Lane: Sendable {
        /// The ordering key; `nil` for all events without one together.
        public let orderingKey: String?
        /// How many there are.
        public let count: Int
        /// The offset of the first.
        public let first: Offset
        /// The latest offset of those that wait for another attempt, `nil` when none does. There is one at most where order holds.
        public let retrying: Offset?
        /// How many of them wait for another attempt.
        public let retries: Int

        /// A lane.
        public init(orderingKey: String?, count: Int, first: Offset, retrying: Offset?, retries: Int) {
            self.orderingKey = orderingKey
            self.count = count
            self.first = first
            self.retrying = retrying
            self.retries = retries
        }
    }

    /// A dead letter that holds up its key.
    public struct Parking: Sendable, Hashable {
        /// The letter's offset.
        public let offset: Offset
        /// The ordering key; `nil` when its event had none.
        public let orderingKey: String?

        /// A letter that parks.
        public init(offset: Offset, orderingKey: String?) {
            self.offset = offset
            self.orderingKey = orderingKey
        }
    }

    /// What the log calls it.
    public let key: SubscriptionKey
    /// Its name.
    public let name: String
    /// Whether the bus that opened the log registered it.
    public let isRegistered: Bool
    /// What it takes.
    public let interests: [Interest]
    /// What is settled: finished, or with a row of its own.
    public let settled: OffsetRanges
    /// Its deliveries with rows, by ordering key.
    public let lanes: [Lane]
    /// The dead letters that hold up keys, ascending.
    public let parking: [Parking]
    /// How many dead letters it has.
    public let deadLetters: Int
    /// When the first of its deliveries is due that wait for another attempt.
    public let nextRetry: ScheduledTime?

    /// A subscription.
    public init(
        key: SubscriptionKey, name: String, isRegistered: Bool, interests: [Interest], settled: OffsetRanges, lanes: [Lane],
        parking: [Parking], deadLetters: Int, nextRetry: ScheduledTime?
    ) {
        self.key = key
        self.name = name
        self.isRegistered = isRegistered
        self.interests = interests
        self.settled = settled
        self.lanes = lanes
        self.parking = parking
        self.deadLetters = deadLetters
        self.nextRetry = nextRetry
    }
}
