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

/// A change to a log. Each has a completion, which is called exactly once, after the commit, from any thread; it must be quick.
public enum LogChange: Sendable {
    case append(LogAppend)
    case settle(LogSettlement)
    case redrive(LogLetterChange<[RedrivenDelivery]>)
    case discard(LogLetterChange<[DiscardedLetter]>)
    case schedule(LogScheduling)
    case cancelScheduled(LogCancellation)
    case releaseScheduled(LogRelease)
    case transact(LogTransact)
    case subscribe(LogSubscribe)
    case leave(LogLeave)
    case unsubscribe(LogUnsubscribe)
    case prune(LogPruning)
}

extension LogChange {
    /// Tells its completion that it was not done, for logs that refuse it.
    public func fail(_ failure: LogFailure) {
        switch self {
        case .append(let change): change.completion(.failure(failure), [])
        case .settle(let change): change.completion(.failure(failure), [])
        case .redrive(let change): change.completion(.failure(failure))
        case .discard(let change): change.completion(.failure(failure))
        case .schedule(let change): change.completion(.failure(failure))
        case .cancelScheduled(let change): change.completion(.failure(failure))
        case .releaseScheduled(let change): change.completion(.failure(failure), nil)
        case .transact(let change): change.completion(.failure(failure))
        case .subscribe(let change): change.completion(.failure(failure))
        case .leave(let change): change.completion(.failure(failure))
        case .unsubscribe(let change): change.completion(.failure(failure))
        case .prune(let change): change.completion(.failure(failure))
        }
    }
}

/// Appends events: all of them or none.
public struct LogAppend: Sendable {
    /// The events, in order.
    public let events: [LogEvent]
    /// Told the publication of each event, in order, and of those that were stored the event with its offset.
    public let completion: @Sendable (Result<[Publication], LogFailure>, [StoredEvent]) -> Void

    /// An append.
    public init(
        events: [LogEvent], completion: @escaping @Sendable (Result<[Publication], LogFailure>, [StoredEvent]) -> Void
    ) {
        self.events = events
        self.completion = completion
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

/// Which dead letters a change is about.
public enum LogLetterSelection: Sendable {
    /// One letter.
    case one(DeadLetter.ID)
    /// All that a filter matches.
    case matching(DeadLetterFilter)
    /// All of one key of a subscription.
    case key(String, subscription: String)
}

/// Takes dead letters out of the store: back to their subscription, or for good.
///
/// Redriving deletes the letter, keeps its history, and gives its delivery a row that waits, with one redrive more and no failed
/// attempts or crashes. Discarding deletes the letter and remembers that.
public struct LogLetterChange<Value: Sendable>: Sendable {
    /// Which letters. None is no failure.
    public let letters: LogLetterSelection
    /// Only letters of these subscriptions; a redrive has no use for others. `nil` is all.
    public let subscriptions: Set<String>?
    /// Why, for a discard.
    public let reason: String
    /// When.
    public let time: Date
    /// Told what was done, oldest first.
    public let completion: @Sendable (Result<Value, LogFailure>) -> Void

    /// A change of dead letters.
    public init(
        letters: LogLetterSelection, subscriptions: Set<String>? = nil, reason: String = "", time: Date,
        completion: @escaping @Sendable (Result<Value, LogFailure>) -> Void
    ) {
        self.letters = letters
        self.subscriptions = subscriptions
        self.reason = reason
        self.time = time
        self.completion = completion
    }
}

/// A delivery that a redrive sent back; it has a row and waits.
public struct RedrivenDelivery: Sendable {
    /// The subscription.
    public let subscription: SubscriptionKey
    /// The delivery's identity.
    public let id: DeadLetter.ID
    /// The event's ordering key.
    public let orderingKey: String?
    /// Whether its letter held up its key.
    public let parkedKey: Bool
    /// The event's name.
    public let eventName: String
    /// What identifies the publication.
    public let publication: Publication

    /// A redriven delivery.
    public init(
        subscription: SubscriptionKey, id: DeadLetter.ID, orderingKey: String?, parkedKey: Bool, eventName: String,
        publication: Publication
    ) {
        self.subscription = subscription
        self.id = id
        self.orderingKey = orderingKey
        self.parkedKey = parkedKey
        self.eventName = eventName
        self.publication = publication
    }
}

/// A dead letter that was given up.
public struct DiscardedLetter: Sendable {
    /// The subscription.
    public let subscription: SubscriptionKey
    /// The discard as it is remembered.
    public let discard: DeadLetterDiscard
    /// The event's ordering key.
    public let orderingKey: String?
    /// Whether it held up its key.
    public let parkedKey: Bool

    /// A discarded letter.
    public init(subscription: SubscriptionKey, discard: DeadLetterDiscard, orderingKey: String?, parkedKey: Bool) {
        self.subscription = subscription
        self.discard = discard
        self.orderingKey = orderingKey
        self.parkedKey = parkedKey
    }
}

/// An event that is to be published later. It has an identity and no offset yet.
public struct ScheduledEvent: Sendable {
    /// The event.
    public var event: LogEvent
    /// When it is due.
    public var due: Date
    /// When that was decided: a clock that is set back cannot make the event wait longer than from here to ``due``.
    public var scheduledAt: Date

    /// An event for later.
    public init(event: LogEvent, due: Date, scheduledAt: Date) {
        self.event = event
        self.due = due
        self.scheduledAt = scheduledAt
    }

    /// When it is due, and when that was decided.
    public var time: ScheduledTime { ScheduledTime(due: due, decided: scheduledAt) }
}

/// Stores events for later: all of them or none.
public struct LogScheduling: Sendable {
    /// The events.
    public let events: [ScheduledEvent]
    /// Told the identity of each; that of the first where an idempotency key was used before, whether that event is still scheduled
    /// or published already.
    public let completion: @Sendable (Result<[EventID], LogFailure>) -> Void

    /// A scheduling.
    public init(events: [ScheduledEvent], completion: @escaping @Sendable (Result<[EventID], LogFailure>) -> Void) {
        self.events = events
        self.completion = completion
    }
}

/// Takes back a scheduled event.
public struct LogCancellation: Sendable {
    /// The event.
    public let id: EventID
    /// Told whether it was there to be taken back.
    public let completion: @Sendable (Result<Bool, LogFailure>) -> Void

    /// A cancellation.
    public init(id: EventID, completion: @escaping @Sendable (Result<Bool, LogFailure>) -> Void) {
        self.id = id
        self.completion = completion
    }
}

/// Appends the scheduled events that are due and forgets their schedule, in one commit.
public struct LogRelease: Sendable {
    /// What is due at this time or before, or was scheduled after it by a clock that was wrong.
    public let time: Date
    /// The most events to release at once.
    public let limit: Int
    /// Told the events with their offsets, and when the next one is due.
    public let completion: @Sendable (Result<[StoredEvent], LogFailure>, _ next: ScheduledTime?) -> Void

    /// A release.
    public init(
        time: Date, limit: Int,
        completion: @escaping @Sendable (Result<[StoredEvent], LogFailure>, _ next: ScheduledTime?) -> Void
    ) {
        self.time = time
        self.limit = limit
        self.completion = completion
    }
}

/// When something is due, and when that was decided.
public struct ScheduledTime: Sendable, Hashable {
    /// When it is due.
    public let due: Date
    /// When that was decided.
    public let decided: Date

    /// A time for something.
    public init(due: Date, decided: Date) {
        self.due = due
        self.decided = decided
    }
}

/// Something that is committed together with a delivery's success, or by itself. It is synchronous, runs on the log's own thread,
/// may run more than once, and sees what is committed and what it did itself.
public struct CommitAction: Sendable {
    /// Does it. What is thrown undoes this action and what it belongs to, and nothing else.
    public let perform: @Sendable (any LogTransaction) throws -> Void

    /// An action.
    public init(_ perform: @escaping @Sendable (any LogTransaction) throws -> Void) {
        self.perform = perform
    }
}

/// What a commit action does its work with. A log's own type has more: SQL, for one that speaks it.
public protocol LogTransaction: AnyObject {
    /// Appends events within the transaction. What they became is reported when it commits.
    func append(_ events: [LogEvent]) throws -> [Publication]
    /// Stores events for later within the transaction.
    func schedule(_ events: [ScheduledEvent]) throws -> [EventID]
    /// Takes back a scheduled event within the transaction. Returns whether it was there.
    func cancelScheduled(_ id: EventID) throws -> Bool
}

/// Performs an action by itself.
public struct LogTransact: Sendable {
    /// What to do.
    public let action: CommitAction
    /// Told the error that undid it, or the events that it appended, with their offsets.
    public let completion: @Sendable (Result<[StoredEvent], any Error>) -> Void

    /// An action of its own.
    public init(action: CommitAction, completion: @escaping @Sendable (Result<[StoredEvent], any Error>) -> Void) {
        self.action = action
        self.completion = completion
    }
}

/// Registers a subscription in a log that is open.
public struct LogSubscribe: Sendable {
    /// The subscription.
    public let subscription: LogOpening.Subscription
    /// When.
    public let time: Date
    /// Told how the log knows it.
    public let completion: @Sendable (Result<LogSubscription, LogFailure>) -> Void

    /// A registration.
    public init(
        subscription: LogOpening.Subscription, time: Date,
        completion: @escaping @Sendable (Result<LogSubscription, LogFailure>) -> Void
    ) {
        self.subscription = subscription
        self.time = time
        self.completion = completion
    }
}

/// Says that a subscription is not served any more. It keeps its place and what is unfinished, as one does that the next opening does
/// not register.
public struct LogLeave: Sendable {
    /// The subscription. One that is not there is no failure.
    public let subscription: SubscriptionKey
    /// Told that it is done.
    public let completion: @Sendable (Result<Void, LogFailure>) -> Void

    /// A leave.
    public init(subscription: SubscriptionKey, completion: @escaping @Sendable (Result<Void, LogFailure>) -> Void) {
        self.subscription = subscription
        self.completion = completion
    }
}

/// Forgets a subscription with everything of its own: cursor, rows, dead letters, history.
public struct LogUnsubscribe: Sendable {
    /// The subscription's name.
    public let name: String
    /// When.
    public let time: Date
    /// Told what was given up; `nil` when there was no such subscription.
    public let completion: @Sendable (Result<RemovedSubscription?, LogFailure>) -> Void

    /// A removal.
    public init(
        name: String, time: Date, completion: @escaping @Sendable (Result<RemovedSubscription?, LogFailure>) -> Void
    ) {
        self.name = name
        self.time = time
        self.completion = completion
    }
}

/// What was given up with a subscription that was removed.
public struct RemovedSubscription: Sendable, Hashable {
    /// The subscription's name.
    public let name: String
    /// Deliveries that were not finished.
    public let unfinished: Int
    /// Dead letters.
    public let deadLetters: Int

    /// What a removal gave up.
    public init(name: String, unfinished: Int, deadLetters: Int) {
        self.name = name
        self.unfinished = unfinished
        self.deadLetters = deadLetters
    }
}

/// Removes finished history: one small step of it.
public struct LogPruning: Sendable {
    /// Events published before this may go; `nil` is no such bound.
    public let before: Date?
    /// So many of the newest events stay; `nil` is no such bound.
    public let keeping: Int?
    /// The most events to remove in this step.
    public let limit: Int
    /// Told how many events were removed, and whether there may be more.
    public let completion: @Sendable (Result<(removed: Int, isDone: Bool), LogFailure>) -> Void

    /// A step of pruning.
    public init(
        before: Date?, keeping: Int?, limit: Int,
        completion: @escaping @Sendable (Result<(removed: Int, isDone: Bool), LogFailure>) -> Void
    ) {
        self.before = before
        self.keeping = keeping
        self.limit = limit
        self.completion = completion
    }
}
