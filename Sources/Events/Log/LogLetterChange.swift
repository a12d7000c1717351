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

/// Which dead letters a change is about.
public enum LogLetterSelection: Sendable {
    /// One letter.
    case one(DeadLetter.ID)
    /// All that a filter matches.
    case matching(DeadLetterFilter)
    /// The next of a redrive plan that the log keeps, at most so many. A log without plans has none.
    case planned(plan: Int64, limit: Int)
}

/// Takes dead letters out of the store: back to their subscription, or for good.
///
/// Redriving deletes the letter, keeps its history, and gives its delivery a row that waits, with one redrive more and no failed
/// attempts or crashes. Discarding deletes the letter and remembers that.
public struct LogLetterChange<Value: Sendable>: Sendable {
    /// Which letters. None is no failure.
    public let letters: LogLetterSelection
    /// Only letters of these subscriptions, and of each those with these event names or of events that are not intact: a redrive has
    /// no use for what nobody handles. `nil` is all.
    public let handled: [String: Set<String>]?
    /// Why, for a discard.
    public let reason: String
    /// When.
    public let time: Date
    /// Who asked for it.
    public let audit: LogAudit
    /// Told what was done, oldest first.
    public let completion: @Sendable (Result<Value, LogFailure>) -> Void

    /// A change of dead letters.
    public init(
        letters: LogLetterSelection, handled: [String: Set<String>]? = nil, reason: String = "", time: Date,
        audit: LogAudit = .service, completion: @escaping @Sendable (Result<Value, LogFailure>) -> Void
    ) {
        self.letters = letters
        self.handled = handled
        self.reason = reason
        self.time = time
        self.audit = audit
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

extension LogLetterChange {
    /// Whether a letter is among those that somebody handles.
    package func includes(_ subscription: String, eventName: String, reason: DeadLetter.Reason?) -> Bool {
        guard let handled else { return true }
        guard let names = handled[subscription] else { return false }
        return names.contains(eventName) || reason == .corrupt
    }
}
