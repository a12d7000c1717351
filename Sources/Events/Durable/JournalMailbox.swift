//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What the log has done, on its way to the bus: commits end on the log's own thread, and the bus is an actor.
///
/// It is bounded. When events pile up because nobody takes them (the bus does not run yet, or is very busy), only how far the log is
/// gets remembered, and the bus reads the events from the log.
final class JournalMailbox: Sendable {
    /// Something that was committed, or cannot be.
    enum Notice: Sendable {
        /// Events were appended. Some are records that were published here.
        case appended([StoredEvent])
        /// Events were appended, up to an offset; they are to be read from the log.
        case advanced(Offset)
        /// A settlement was committed, but for the items whose commit action failed.
        case settled(PendingSettlement, failures: [Int: any Error])
        /// Dead letters were sent back.
        case redriven([RedrivenDelivery])
        /// Dead letters were given up.
        case discarded([DiscardedLetter])
        /// Scheduled events came due and were appended; when the next one is.
        case released(next: ScheduledTime?)
        /// An event was scheduled for a time.
        case scheduled(ScheduledTime)
        /// A subscription was registered.
        case subscribed(SubscriptionID, LogSubscription)
        /// A subscription is not served any more, or is gone.
        case left
        /// What a replay had left behind was sent back.
        case replayReady(SubscriptionID)
        /// A step of pruning ended.
        case pruned(isDone: Bool)
        /// The log failed for good.
        case failed(LogFailure)
    }

    private struct State {
        var notices: [Notice] = []
        var events = 0
        var posted = 0
        var isRead = false
        var isClosed = false
    }

    /// How many events wait here at most.
    private static let capacity = 8_192

    private let state = Guarded(State())
    private let spot = ParkingSpot()

    func post(_ notice: Notice) {
        let shouldWake = state.withLock { state -> Bool in
            guard !state.isClosed else { return false }
            state.posted += 1
            // Whoever filled an empty mailbox has woken the reader, who takes everything.
            let wasEmpty = state.notices.isEmpty
            if case .appended(let events) = notice, let last = events.last {
                if state.events + events.count > Self.capacity || !state.isRead {
                    state.notices.append(.advanced(last.offset))
                    Self.compress(&state)
                } else {
                    state.notices.append(notice)
                    state.events += events.count
                }
            } else {
                state.notices.append(notice)
            }
            return state.isRead && wasEmpty
        }
        if shouldWake { spot.wake() }
    }

    /// Where several notices in a row say how far the log is, the last one says it all.
    private static func compress(_ state: inout State) {
        guard state.notices.count >= 2, case .advanced = state.notices[state.notices.count - 2] else { return }
        state.notices.remove(at: state.notices.count - 2)
    }

    /// How many notices were ever posted.
    var posted: Int { state.withLock { $0.posted } }

    /// Waits for notices and takes all there are, with how many were ever posted until then; `nil` when the mailbox is closed. One
    /// task reads.
    func next() async -> (notices: [Notice], posted: Int)? {
        while true {
            let taken = state.withLock { state -> ([Notice], Int)? in
                state.isRead = true
                if state.isClosed { return nil }
                defer {
                    state.notices = []
                    state.events = 0
                }
                return (state.notices, state.posted)
            }
            guard let taken else { return nil }
            if !taken.0.isEmpty { return taken }
            await spot.park()
        }
    }

    /// Ends the reading for good.
    func close() {
        state.withLock { $0.isClosed = true }
        spot.wake()
    }
}
