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
