//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// What the writer knows without asking the database. It is copied before a commit and put back when the commit comes to nothing.
struct LogState {
    /// How often the log was opened.
    var epoch: Int64 = 0
    /// The offset of the latest event.
    var head: Int64 = 0
    var subscriptions: [SubscriptionKey: SubscriptionState] = [:]
    /// The subscriptions that this commit settles something for, in the order in which it got to them.
    var touched: [SubscriptionKey] = []
    /// Where the next step of pruning begins: what lies before it has to stay for now.
    var pruneFrom: Int64 = 0
}

/// How far a subscription is.
struct SubscriptionState {
    let key: SubscriptionKey
    let name: String
    /// The epoch in which it was registered last.
    var epoch: Int64
    var interests: [LogSubscription.Interest]
    var settled: OffsetRanges
    /// What this commit completes.
    var completed: [Int64] = []
    /// When the bus decided what this commit settles; `nil` when it settles nothing.
    var settledAt: Int64?

    /// Whether an event of this name at this offset is one of its deliveries.
    func takes(_ name: String, at offset: Int64) -> Bool {
        interests.contains { interest in
            interest.eventName == name && interest.after.rawValue < offset
                && offset <= interest.through?.rawValue ?? .max
        }
    }
}
