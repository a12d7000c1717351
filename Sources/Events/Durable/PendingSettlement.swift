//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What deliveries of a subscription came to, as the bus remembers it while the log commits it.
struct PendingSettlement: Sendable {
    /// How a delivery ended.
    enum End: Sendable {
        case completed
        case retry(at: MonotonicTime, delay: Duration)
        case dead(DeadLetter.Reason, ErrorText?, parksKey: Bool)
        case discarded(reason: String)
        /// It is left to the log until its lane, or the queue, has room.
        case stored
        /// It is left to the log for as long as nobody handles its type.
        case noHandler

        /// Whether it ends a delivery's turn, rather than leave it to the log before it had one.
        var isOfTurn: Bool {
            switch self {
            case .completed, .retry, .dead, .discarded: true
            case .stored, .noHandler: false
            }
        }
    }

    struct Item: Sendable {
        var delivery: Delivery
        var end: End
        /// Which attempt ended so; `nil` when none ran.
        var attempt: Int?
        var duration: Duration?
        var emissions = Emissions()
        var startedAt = MonotonicTime(nanoseconds: 0)
        var errorType: String?
        /// The attempt as the log's history keeps it, if it did not complete.
        var attemptRecord: Attempt?
    }

    let subscription: SubscriptionID
    /// Deliveries that completed and leave nothing behind.
    var completed: [Delivery] = []
    var items: [Item] = []

    var isEmpty: Bool { completed.isEmpty && items.isEmpty }
}
