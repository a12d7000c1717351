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

extension EventBus {
    /// Publishes an event later. It is stored at once and survives restarts; when it is due it is published, in the order of that
    /// time. It needs a log.
    ///
    /// The time is kept as a time of day, but a clock that is set back does not make the event wait longer than `delay`.
    ///
    /// - Parameters:
    ///   - event: The event. Its ordering key is read now.
    ///   - delay: How long to wait; a negative delay counts as zero.
    ///   - headers: Text values that travel with it. The default is none.
    ///   - correlationID: As for ``publish(_:headers:correlationID:idempotencyKey:)``.
    ///   - idempotencyKey: The same. The key counts for scheduled and published events together.
    /// - Returns: The event's identity, by which it can be cancelled.
    /// - Throws: ``PublishError``.
    @discardableResult
    public nonisolated func publish<E: Event>(
        _ event: E, after delay: Duration, headers: [String: String] = [:], correlationID: EventID? = nil,
        idempotencyKey: String? = nil
    ) async throws -> EventID {
        let due = environment.wallClock().addingTimeInterval(max(.zero, delay).inSeconds)
        return try await publish(event, at: due, headers: headers, correlationID: correlationID, idempotencyKey: idempotencyKey)
    }

    /// Publishes an event at a time of day, or at once when that has passed. See ``publish(_:after:headers:correlationID:idempotencyKey:)``.
    @discardableResult
    public nonisolated func publish<E: Event>(
        _ event: E, at time: Date, headers: [String: String] = [:], correlationID: EventID? = nil, idempotencyKey: String? = nil
    ) async throws -> EventID {
        guard let journal else { throw Self.needsLog(E.name, "a time") }
        let record = TypedEventRecord(event, origin: origin(of: E.name, headers: headers, correlationID: correlationID))
        let logEvent = try record.logEvent(payload: journal.encode(event), idempotencyKey: idempotencyKey)
        try checkPublishable(record)
        try refuseIfShuttingDown(E.name, isInsideDelivery: HandlerScope.current?.isInsideDelivery(of: self) == true)
        guard !Task.isCancelled else {
            throw PublishError(
                .rejected, .cancelled, "\(E.name) was not scheduled: its task was cancelled before the log had it.")
        }
        let scheduled = journal.scheduled(logEvent, at: time, environment)
        do {
            let ids = try await journal.commit(notice: { _ in .scheduled(scheduled.time) }) { done in
                .schedule(LogScheduling(events: [scheduled], completion: done))
            }
            return ids.first ?? record.origin.id
        } catch {
            throw PublishError(error, E.name)
        }
    }

    /// Takes back a scheduled event that has not been published yet.
    ///
    /// - Returns: Whether it was there: `false` when it was published or cancelled before, or never scheduled.
    /// - Throws: ``EventBusError`` with `needsLog`; ``LogFailure``.
    @discardableResult
    public nonisolated func cancelScheduled(_ id: EventID) async throws -> Bool {
        guard let journal else {
            throw EventBusError(.needsLog, "nothing is scheduled on a bus in memory, so \(id) cannot be cancelled.")
        }
        return try await journal.commit { done in .cancelScheduled(LogCancellation(id: id, completion: done)) }
    }

    /// The most scheduled events that are published in one step.
    static let releaseLength = 1_000

    /// How long to wait before what is due is tried again that found no room in the log.
    static let releaseInterval = Duration.seconds(1)

    /// Publishes the scheduled events that are due.
    func releaseScheduled(now: MonotonicTime) {
        guard let journal, let look = durable.nextLook, look <= now, let next = durable.nextScheduled, !durable.isReleasing,
            lifecycle.phase == .running
        else { return }
        durable.nextLook = nil
        guard monotonic(next, now: now) <= now else { return noteScheduled(next) }
        durable.isReleasing = true
        durable.nextScheduled = nil
        let time = journal.scheduleTime(environment)
        let later = ScheduledTime(due: time.addingTimeInterval(Self.releaseInterval.inSeconds), decided: time)
        journal.log.submit(
            .releaseScheduled(
                LogRelease(time: time, limit: Self.releaseLength) { result, next in
                    switch result {
                    case .success(let events):
                        journal.mailbox.post(appended: events)
                        journal.mailbox.post(.released(next: next))
                    case .failure(let failure):
                        // Where there is no room now, there may be some later.
                        journal.mailbox.post(failure.isPassing ? .released(next: later) : .failed(failure))
                    }
                }))
    }

    // MARK: Retention

    /// Starts to go through the log for history that may go.
    func prune(now: MonotonicTime) {
        guard let retention = configuration.retention, let time = durable.nextPruning, time <= now, durable.prunings.isEmpty,
            lifecycle.phase == .running
        else { return }
        durable.nextPruning = now.advanced(by: retention.interval)
        if let maxAge = retention.maxAge {
            durable.prunings.append(PruningBound(before: environment.wallClock().addingTimeInterval(-maxAge.inSeconds)))
        }
        if let maxCount = retention.maxCount { durable.prunings.append(PruningBound(keeping: maxCount)) }
        pruneStep()
    }

    /// Hands in the next step, one at a time: a log goes through its events once for each bound.
    private func pruneStep() {
        guard let journal, let bound = durable.prunings.first else { return }
        journal.log.submit(
            .prune(
                LogPruning(before: bound.before, keeping: bound.keeping, limit: RetentionPolicy.stepLength) { result in
                    switch result {
                    case .success(let step): journal.mailbox.post(.pruned(isDone: step.isDone))
                    case .failure(let failure):
                        journal.report(failure)
                        journal.mailbox.post(.pruned(isDone: true))
                    }
                }))
    }

    /// A step of pruning ended. What is left to remove is done soon, but not before what else the bus wants from its log.
    func pruningEnded(isDone: Bool) {
        if isDone { durable.prunings.removeFirst() }
        if lifecycle.phase == .running { pruneStep() } else { durable.prunings = [] }
    }
}

/// By what events may go: one of the bounds of a ``RetentionPolicy``.
struct PruningBound {
    var before: Date?
    var keeping: Int?
}

extension LogFailure {
    /// Whether the same may work later.
    var isPassing: Bool { !isIndeterminate && (reason == .full || reason == .busy) }

    /// Whether the log takes nothing more, rather than not this.
    var endsLog: Bool { isIndeterminate || reason == .io || reason == .lost || reason == .corrupt }
}
