//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a bus with a log keeps besides what every bus has. It belongs to the bus actor.
struct DurableState {
    /// How many notices of the log the bus has acted on.
    var appliedNotices = 0
    /// Settlements that the log has not committed yet.
    var pendingSettlements = 0
    /// Events of the recent past, contiguous up to the latest; kept while some subscription is behind, so that it can catch up with
    /// what is published meanwhile.
    var recent = RecentEvents()
    /// Deliveries that were running when a process ended; each runs by itself before anything else does.
    var suspects: [Suspect] = []
    /// Whether one of them runs, or what it came to is not committed yet.
    var isSuspectOut = false
    /// Whether there were suspects when the log was opened, and the others still wait for them.
    var awaitsRecovery = false
    /// What else ran when the process ended: of subscriptions that this bus does not serve, or not yet.
    var suspectOffsets: [SubscriptionKey: [Offset]] = [:]
    /// Suspects that are still being read.
    var awaitedSuspects = 0
    /// When the next scheduled event is due.
    var nextScheduled: ScheduledTime?
    /// When to look whether it is, which may be before: the system's clock may be set forward while nothing else happens.
    var nextLook: MonotonicTime?
    var isReleasing = false
    /// When to look for history that may go.
    var nextPruning: MonotonicTime?
    /// By what events may go that is still to be gone through, the first of which is under way.
    var prunings: [PruningBound] = []
    /// Who waits for news of what has a correlation.
    var outcomeWaiters: [EventID: [Waiter<Void>]] = [:]
    /// Why the log takes nothing more.
    var failure: LogFailure?
    /// Subscriptions that the log knows and this bus does not serve, and whether each is what a replay left.
    var absent: [String: Bool] = [:]
    var subscriptionsByKey: [SubscriptionKey: SubscriptionState] = [:]

    struct Suspect {
        let subscription: SubscriptionState
        let delivery: Delivery
    }

    /// Whether something that was settled is still to be committed. Of a log that failed nothing more is expected.
    var isSettling: Bool { pendingSettlements > 0 && failure == nil }

    /// Whether deliveries that may have ended a process are still to be run, each by itself.
    var isRecovering: Bool { awaitedSuspects > 0 || isSuspectOut || !suspects.isEmpty }
}

/// The latest events of a log, in memory. Bounded by count and bytes.
struct RecentEvents {
    private static let capacity = 4_096
    private static let byteCapacity = 8 << 20

    private var records = RingBuffer<EventRecord>()
    private var bytes = 0

    /// The offset of the first, if there is one.
    var first: Offset? { records.first?.offset }

    mutating func append(_ record: EventRecord) {
        records.append(record)
        bytes += record.byteCount
        while records.count > Self.capacity || bytes > Self.byteCapacity, let dropped = records.popFirst() {
            bytes -= dropped.byteCount
        }
    }

    /// The first event after an offset, if everything since that offset is here.
    func next(after offset: Offset) -> EventRecord? {
        guard let first, first.rawValue <= offset.rawValue + 1 else { return nil }
        return records[Int(offset.rawValue + 1 - first.rawValue)]
    }

    mutating func removeAll() {
        records = RingBuffer()
        bytes = 0
    }
}
