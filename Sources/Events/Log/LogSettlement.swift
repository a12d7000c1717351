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

/// Records what became of deliveries of one subscription.
///
/// Settling covers a delivery's claim. What else it does depends on its end: a completed one leaves nothing, others leave a row of
/// their own. A delivery that has a row loses or replaces it.
public struct LogSettlement: Sendable {
    /// The subscription.
    public let subscription: SubscriptionKey
    /// When this was decided, for the history.
    public let time: Date
    /// Deliveries that completed and leave nothing behind, ascending.
    public var completed: [LogClaim]
    /// Deliveries with more to record, in the order in which they ended.
    public var items: [Item]
    /// Told what was committed. An item whose commit action failed was not done, and its error is here by the item's index; the
    /// other items are none the worse for it. The events of the items that were done come with their offsets, in order.
    public let completion: @Sendable (Result<[Int: any Error], LogFailure>, [StoredEvent]) -> Void

    /// A settlement.
    public init(
        subscription: SubscriptionKey, time: Date, completed: [LogClaim], items: [Item],
        completion: @escaping @Sendable (Result<[Int: any Error], LogFailure>, [StoredEvent]) -> Void
    ) {
        self.subscription = subscription
        self.time = time
        self.completed = completed
        self.items = items
        self.completion = completion
    }

    /// How one delivery ended, for now or for good.
    public enum End: Sendable {
        /// Finished: the handler succeeded.
        case completed
        /// Finished: given up without a dead letter, by a handler or because its subscription is gone.
        case discarded(reason: String)
        /// Finished: it became a dead letter.
        case dead(LogLetter)
        /// Not finished: another attempt is due at a time.
        case retry(due: Date)
        /// Not finished, and not tried: it waits for its key, or for room.
        case waiting
        /// Not finished: nobody handles its type any more.
        case noHandler
    }

    /// One delivery's end, and what is committed with it.
    public struct Item: Sendable {
        /// The delivery.
        public var claim: LogClaim
        /// The event's ordering key, by which its row is found again.
        public var orderingKey: String?
        /// How it ended.
        public var end: End
        /// The counts that go on with it. They are stored with its row, if it has one.
        public var counts: LogCounts
        /// The attempt that ended so, for the history; `nil` when none ran.
        public var attempt: Attempt?
        /// Events that the attempt emitted, appended before its commit actions run.
        public var events: [LogEvent] = []
        /// Events that the attempt scheduled.
        public var scheduled: [ScheduledEvent] = []
        /// What else the attempt wants committed with its success, in order.
        public var actions: [CommitAction] = []

        /// An item.
        public init(claim: LogClaim, orderingKey: String?, end: End, counts: LogCounts = LogCounts(), attempt: Attempt? = nil) {
            self.claim = claim
            self.orderingKey = orderingKey
            self.end = end
            self.counts = counts
            self.attempt = attempt
        }
    }
}

/// The part of the log that settling a delivery accounts for: its offset, and before it what its subscription does not take.
///
/// A subscription's deliveries claim the log without a gap, so what is settled adds up to few ranges: see ``OffsetRanges``.
public struct LogClaim: Sendable, Hashable {
    /// The first offset after the subscription's delivery before.
    public let from: Offset
    /// The delivery's own offset.
    public let offset: Offset

    /// A claim.
    public init(from: Offset, offset: Offset) {
        self.from = from
        self.offset = offset
    }
}

/// What is counted of a delivery over its attempts.
public struct LogCounts: Sendable, Hashable {
    /// Attempts so far, over the delivery's whole life.
    public var attempts = 0
    /// Failed attempts since it began or was last redriven.
    public var failedAttempts = 0
    /// Attempts since then during which the process ended.
    public var crashes = 0
    /// How often it was redriven.
    public var redrives = 0
    /// Whether a redrive took it out of the chain of causes that was too deep.
    public var isDepthReset = false

    /// Counts, all zero unless given.
    public init(attempts: Int = 0, failedAttempts: Int = 0, crashes: Int = 0, redrives: Int = 0, isDepthReset: Bool = false) {
        self.attempts = attempts
        self.failedAttempts = failedAttempts
        self.crashes = crashes
        self.redrives = redrives
        self.isDepthReset = isDepthReset
    }
}

/// A dead letter as it is handed to a log.
public struct LogLetter: Sendable {
    /// Why the delivery died.
    public let reason: DeadLetter.Reason
    /// The last error's type name.
    public let errorType: String
    /// The last error's text.
    public let errorText: String
    /// When it died.
    public let time: Date
    /// Whether later events of its key wait for it.
    public let parksKey: Bool

    /// A letter.
    public init(reason: DeadLetter.Reason, errorType: String, errorText: String, time: Date, parksKey: Bool) {
        self.reason = reason
        self.errorType = errorType
        self.errorText = errorText
        self.time = time
        self.parksKey = parksKey
    }
}
