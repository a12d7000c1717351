//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How far a subscription is in the log: what a durable bus keeps of it besides its queue. Like ``SubscriptionState``, it belongs to
/// the bus actor and never leaves it.
final class DurableSubscription {
    /// What the log calls it.
    let key: SubscriptionKey
    /// What it takes, types that are registered no more included.
    let interests: [LogSubscription.Interest]
    /// Every event up to here was taken from the log, as far as it is of interest.
    var readThrough: Offset
    /// Whether it has taken everything there is, so that new events are its own at once. Otherwise they are read when there is room.
    var isLive = false
    var isReading = false
    /// What was settled when the log was opened; `nil` when all of that lies behind.
    var settledAtOpening: OffsetRanges?
    /// How many deliveries, unsettled when the log was opened, are still on their way into it.
    private var awaitedStores = 0
    var claims: ClaimBook
    /// Deliveries in memory that have a row in the log.
    var rows: Set<Offset> = []
    /// Deliveries that only the log has.
    var stored = StoredLanes()
    /// Deliveries that left memory for good while the log was being read.
    var departures = Departures()
    /// After which offset to look for stored deliveries without order.
    var unorderedAfter = Offset(rawValue: 0)
    /// When to load deliveries whose next attempt is due.
    var nextRetry: MonotonicTime?
    var isLoadingRetries = false
    /// Retries that the last look found and that have to wait for others of their lane.
    var skippedRetries = 0
    /// Settlements of its deliveries that the log has not committed yet.
    var pendingSettlements = 0
    /// Dead letters there are.
    var deadLetters: Int

    init(_ subscription: LogSubscription) {
        key = subscription.key
        interests = subscription.interests
        readThrough = subscription.settled.cursor
        settledAtOpening = subscription.settled.ranges.isEmpty ? nil : subscription.settled
        claims = ClaimBook(after: subscription.settled.cursor)
        deadLetters = subscription.deadLetters
    }

    /// Everything of interest up to an offset was taken.
    func read(through offset: Offset) {
        readThrough = max(readThrough, offset)
        if let settled = settledAtOpening, readThrough >= settled.end { leaveOpening() }
    }

    /// What was unsettled when the log was opened has been taken.
    private func leaveOpening() {
        settledAtOpening = nil
        awaitedStores = stored.storing
    }

    /// A delivery was stored, in the order in which that was asked for.
    func finishStoring(_ lane: ExactText?) {
        stored.finishStoring(lane)
        awaitedStores = max(0, awaitedStores - 1)
    }

    /// Whether what the log has of a lane is all there is: deliveries that were unsettled when the log was opened, and have no row,
    /// may come before those that had one then.
    var mayLoadLanes: Bool { settledAtOpening == nil && awaitedStores == 0 }

    /// Whether a delivery that a read found in the log is nowhere else: not in memory, also where the bus does not know of its row,
    /// and not settled since the read was asked for.
    func isOnlyInLog(_ offset: Offset, read: Int) -> Bool {
        !rows.contains(offset) && !claims.isUnsettled(offset) && !departures.hasLeft(offset, since: read)
    }

    /// Whether an event of the log is to be taken: it was neither taken nor settled before. Offsets rise.
    func take(_ offset: Offset) -> Bool {
        guard offset > readThrough else { return false }
        readThrough = offset
        if let settled = settledAtOpening {
            if settled.contains(offset) {
                claims.skip(to: offset)
                return false
            }
            if offset > settled.end { leaveOpening() }
        }
        claims.take(offset)
        return true
    }
}
