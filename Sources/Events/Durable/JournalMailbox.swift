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
/// It is bounded, but for dead letters that are sent back or given up before the bus runs. When events pile up because nobody takes them (the bus does not run yet, or is very busy), only how far the log is
/// gets remembered, and the bus reads the events from the log.
final class JournalMailbox: Sendable {
    /// Something that was committed, or cannot be.
    enum Notice: Sendable {
        /// Events that were published here were appended.
        case committed([EventRecord])
        /// Events were appended of which there are no records yet.
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
        /// Events that were committed after all that is in `notices`: they become one notice, however many publishes they came from.
        var committed: [EventRecord] = []
        /// The first of the times for which events were scheduled. It becomes a notice at the end.
        var scheduled: ScheduledTime?
        /// How many events there are in both.
        var events = 0
        var posted = 0
        var isRead = false
        var isClosed = false

        /// Makes a notice of the latest events, so that what follows them comes after them.
        mutating func closeCommitted() {
            guard !committed.isEmpty else { return }
            notices.append(.committed(committed))
            committed = []
        }
    }

    /// How many events wait here at most.
    private static let capacity = 8_192

    private let state = Guarded(State())
    private let spot = ParkingSpot()

    /// Events that were published here were appended. They get their offsets.
    func post(_ appended: LogAppended, of records: some RandomAccessCollection<EventRecord>) {
        let count = records.count - appended.repeats.count
        guard count > 0 else { return }
        var next = appended.first.rawValue
        for (index, record) in records.enumerated() where appended.repeats.isEmpty || appended.repeats[index] == nil {
            record.commit(at: Offset(rawValue: next))
            next += 1
        }
        post(ending: Offset(rawValue: next - 1), count: count) { state in
            if appended.repeats.isEmpty {
                state.committed.append(contentsOf: records)
            } else {
                for (index, record) in records.enumerated() where appended.repeats[index] == nil {
                    state.committed.append(record)
                }
            }
        }
    }

    /// Events were appended, in this order: such as the log hands back.
    func post(appended events: [StoredEvent]) {
        guard let last = events.last else { return }
        // Only the records go on: the reader would otherwise drop its references to the events while their publishers drop theirs.
        let records = events.compactMap(\.event.record)
        post(ending: last.offset, count: events.count) { state in
            if records.count == events.count {
                if state.committed.isEmpty { state.committed = records } else { state.committed += records }
            } else {
                state.closeCommitted()
                state.notices.append(.appended(events))
            }
        }
    }

    func post(_ notice: Notice) {
        post { state in
            if case .scheduled(let time) = notice {
                // Only the first counts, whatever comes between, and a bus that schedules and does not run must not collect them.
                state.scheduled = [state.scheduled, time].compactMap { $0 }.min { $0.due < $1.due }
            } else {
                state.closeCommitted()
                state.notices.append(notice)
            }
        }
    }

    private func post(ending last: Offset, count: Int, _ add: (inout State) -> Void) {
        post { state in
            if state.events + count > Self.capacity || !state.isRead {
                state.closeCommitted()
                state.notices.append(.advanced(last))
                Self.compress(&state)
            } else {
                add(&state)
                state.events += count
            }
        }
    }

    private func post(_ add: (inout State) -> Void) {
        let shouldWake = state.withLock { state -> Bool in
            guard !state.isClosed else { return false }
            state.posted += 1
            // Whoever filled an empty mailbox has woken the reader, who takes everything.
            let wasEmpty = state.notices.isEmpty && state.committed.isEmpty && state.scheduled == nil
            add(&state)
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
                state.closeCommitted()
                if let time = state.scheduled { state.notices.append(.scheduled(time)) }
                defer {
                    state.notices = []
                    state.scheduled = nil
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
