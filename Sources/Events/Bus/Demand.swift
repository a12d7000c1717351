//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The room that events of one publish need in one queue.
struct Demand {
    let subscription: SubscriptionState
    var count: Int
    var bytes: Int

    /// Whether the queue has that room now.
    var isMet: Bool {
        subscription.hasRoom(for: count, bytes: bytes, headroom: 0)
    }
}

/// A publish that waits for room: its events, the room they need, and the task to wake.
struct WaitingPublish {
    let records: [EventRecord]
    let demands: [Demand]
    /// Whether a command that runs emitted the events: a shutdown lets it finish, as far as the deadline goes.
    let isFromCommand: Bool
    let waiter: Waiter<Void>
}
