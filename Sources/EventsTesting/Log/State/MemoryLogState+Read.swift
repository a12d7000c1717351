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
    func events(_ selection: EventSelection) -> EventPage {
        let bound = min(head, selection.through?.rawValue ?? .max)
        var page: [StoredEvent] = []
        var bytes = 0
        for position in events.firstPosition(from: selection.after.rawValue &+ 1)..<events.count {
            let offset = events.keys[position]
            guard offset <= bound else { break }
            let stored = stored(at: position)
            guard selection.includes(stored) else { continue }
            bytes += stored.event.payload.count
            if let last = page.last, page.count >= selection.limit || bytes > selection.byteLimit {
                return EventPage(events: page, through: last.offset, isLast: false)
            }
            page.append(stored)
        }
        return EventPage(
            events: page, through: Offset(rawValue: max(bound, selection.after.rawValue)), isLast: true)
    }

    func deliveries(_ selection: DeliverySelection) -> [StoredDelivery] {
        guard let rows = subscriptions[selection.subscription]?.rows else { return [] }
        var found: [StoredDelivery] = []
        for position in rows.firstPosition(from: selection.after.rawValue &+ 1)..<rows.count {
            let offset = rows.keys[position]
            let row = rows.values[position]
            if let before = selection.before, offset >= before.rawValue { break }
            guard row.isHandled, selection.group.includes(row, at: offset) else { continue }
            let event = events.firstPosition(from: offset)
            guard event < events.count, events.keys[event] == offset else { continue }
            found.append(StoredDelivery(event: stored(at: event), counts: row.counts, retry: row.retry))
            // Those that are due come by time, so all of them have to be seen.
            if found.count >= selection.limit, !selection.group.isByTime { break }
        }
        if selection.group.isByTime {
            found.sort { ($0.retry?.due ?? .distantPast, $0.event.offset) < ($1.retry?.due ?? .distantPast, $1.event.offset) }
        }
        return Array(found.prefix(max(0, selection.limit)))
    }

    func deadLetters(_ selection: DeadLetterSelection) -> [StoredDeadLetter] {
        arrivals(selection.letters, after: selection.after).prefix(max(0, selection.limit)).compactMap { arrival in
            guard let letter = letters[arrival] else { return nil }
            let position = events.firstPosition(from: letter.id.offset.rawValue)
            guard position < events.count, events.keys[position] == letter.id.offset.rawValue else { return nil }
            return StoredDeadLetter(
                arrival: arrival, id: letter.id, event: stored(at: position), letter: letter.letter, counts: letter.counts,
                attempts: subscriptions[letter.subscription]?.attempts[letter.id.offset.rawValue] ?? [])
        }
    }

    func deadLetterCounts() -> [DeadLetterCount] {
        struct Group: Hashable {
            let subscription: String
            let errorType: String
        }
        return Dictionary(grouping: letters.values) {
            Group(subscription: $0.id.subscription, errorType: $0.letter.errorType)
        }.map { DeadLetterCount(subscription: $0.subscription, errorType: $0.errorType, count: $1.count) }
    }

    /// The latest discards of dead letters, oldest first.
    func discards(limit: Int) -> [DeadLetterDiscard] {
        discards.filter(\.wasDead).suffix(max(0, limit)).map(\.discard)
    }

    func stored(at position: Int) -> StoredEvent {
        let offset = events.keys[position]
        return StoredEvent(
            offset: Offset(rawValue: offset), event: events.values[position], isIntact: !damaged.contains(offset))
    }
}

extension EventSelection {
    fileprivate func includes(_ stored: StoredEvent) -> Bool {
        // Nothing about a damaged event can be relied on, so nothing can exclude it.
        guard stored.isIntact else { return true }
        let event = stored.event
        let isTaken =
            interests?.contains {
                $0.eventName == event.name && $0.after < stored.offset && stored.offset.rawValue <= $0.through?.rawValue ?? .max
            } ?? true
        return isTaken
            && names?.contains(event.name) ?? true
            && (orderingKey == nil || orderingKey.map(ExactText.init) == event.orderingKey.map(ExactText.init))
            && (correlationID == nil || correlationID == event.correlation)
            && (since.map { event.publishedAt >= $0.inMicroseconds } ?? true)
            && (before.map { event.publishedAt < $0.inMicroseconds } ?? true)
    }
}

extension DeliverySelection.Group {
    fileprivate var isByTime: Bool {
        if case .due = self { true } else { false }
    }

    fileprivate func includes(_ row: MemoryRow, at offset: Int64) -> Bool {
        switch self {
        case .all: true
        case .key(let key): row.orderingKey.map(ExactText.init) == key.map(ExactText.init)
        case .offset(let wanted): wanted.rawValue == offset
        case .due(let time): row.retry?.isDue(at: time.inMicroseconds) ?? false
        }
    }
}
