//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension MemoryLogState {
    /// Appends events: all of them or none.
    mutating func append(_ events: [LogEvent]) throws(LogFailure) -> LogAppended {
        let savepoint = savepoint
        let first = Offset(rawValue: head + 1)
        var repeats: [Int: Publication] = [:]
        do throws(LogFailure) {
            for (index, event) in events.enumerated() {
                if let publication = try firstPublication(of: event) {
                    repeats[index] = publication
                } else {
                    _ = appendNew(event)
                }
            }
            return LogAppended(first: first, repeats: repeats)
        } catch {
            rollBack(to: savepoint)
            throw error
        }
    }

    /// What an event's idempotency key was used for before. A first event that is still scheduled has the offset 0.
    private func firstPublication(of event: LogEvent) throws(LogFailure) -> Publication? {
        guard let key = event.idempotencyKey else { return nil }
        let offset = offsetByKey[ExactText(key)] ?? 0
        guard let first = events[offset] ?? scheduledByKey[key].flatMap({ scheduled[$0]?.event }) else { return nil }
        guard first.name == event.name else {
            throw LogFailure(
                .keyReused,
                "The idempotency key of event \(event.id) (\(event.name)) was used before, for event \(first.id) (\(first.name))."
            )
        }
        return Publication(
            offset: Offset(rawValue: offset), id: first.id, correlationID: first.correlation, isRepeat: true)
    }

    private mutating func appendNew(_ event: LogEvent) -> StoredEvent {
        head += 1
        var kept = event
        kept.publishedAt = event.publishedAt.inMicroseconds
        kept.attachment = nil
        events[head] = kept
        if let key = event.idempotencyKey { offsetByKey[ExactText(key)] = head }
        kept.attachment = event.attachment
        return StoredEvent(offset: Offset(rawValue: head), event: kept)
    }

    // MARK: - For later

    /// Stores events for later: all of them or none.
    mutating func schedule(_ events: [ScheduledEvent]) throws(LogFailure) -> [EventID] {
        let savepoint = savepoint
        do throws(LogFailure) {
            var ids: [EventID] = []
            for var scheduled in events {
                if let first = try firstPublication(of: scheduled.event) {
                    ids.append(first.id)
                    continue
                }
                let id = scheduled.event.id
                guard self.scheduled[id] == nil else {
                    throw LogFailure(.invalid, "The event \(id) (\(scheduled.event.name)) is scheduled already.")
                }
                scheduled.due = scheduled.due.inMicroseconds
                scheduled.scheduledAt = scheduled.scheduledAt.inMicroseconds
                scheduled.event.publishedAt = scheduled.event.publishedAt.inMicroseconds
                scheduled.event.attachment = nil
                self.scheduled[id] = scheduled
                if let key = scheduled.event.idempotencyKey { scheduledByKey[key] = id }
                ids.append(id)
            }
            return ids
        } catch {
            rollBack(to: savepoint)
            throw error
        }
    }

    /// Takes back a scheduled event. Returns whether it was there.
    mutating func cancelScheduled(_ id: EventID) -> Bool {
        guard let scheduled = scheduled.removeValue(forKey: id) else { return false }
        if let key = scheduled.event.idempotencyKey { scheduledByKey[key] = nil }
        return true
    }

    /// Appends the scheduled events that are due, the earliest first.
    mutating func releaseScheduled(at time: Date, limit: Int) -> [StoredEvent] {
        let due = scheduled.values.filter { $0.time.isDue(at: time) }
            .sorted { ($0.due, $0.event.id) < ($1.due, $1.event.id) }
        return due.prefix(max(0, limit)).map { scheduled in
            _ = cancelScheduled(scheduled.event.id)
            return appendNew(scheduled.event)
        }
    }

    /// When the next scheduled event is due.
    var nextScheduled: ScheduledTime? {
        scheduled.values.map(\.time).min { ($0.due, $0.decided) < ($1.due, $1.decided) }
    }
}

extension ScheduledEvent {
    fileprivate var time: ScheduledTime { ScheduledTime(due: due, decided: scheduledAt) }
}
