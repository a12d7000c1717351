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
    mutating func settle(_ settlement: LogSettlement) -> (Result<[Int: any Error], LogFailure>, [StoredEvent]) {
        let key = settlement.subscription
        guard subscriptions[key] != nil else {
            let failure = LogFailure(
                .invalid, "The log has no subscription of the key \(key.rawValue); it may have been removed.")
            return (.failure(failure), [])
        }
        for claim in settlement.completed {
            subscriptions[key]?.settled.cover(claim)
            subscriptions[key]?.rows[claim.offset.rawValue] = nil
        }
        var errors: [Int: any Error] = [:]
        var stored: [StoredEvent] = []
        for (index, item) in settlement.items.enumerated() where !isFinished(item.claim.offset, of: key) {
            do {
                stored += try commit(item)
                end(item, of: key, at: settlement.time.inMicroseconds)
            } catch {
                errors[index] = error
            }
        }
        return (.success(errors), stored)
    }

    /// Whether a delivery was finished before: what it wants committed with its success, now or again, has been.
    private func isFinished(_ offset: Offset, of key: SubscriptionKey) -> Bool {
        guard let subscription = subscriptions[key] else { return false }
        return subscription.settled.contains(offset) && subscription.rows[offset.rawValue] == nil
    }

    /// What an item commits besides its end: all of it, or nothing and an error.
    private mutating func commit(_ item: LogSettlement.Item) throws -> [StoredEvent] {
        guard !item.events.isEmpty || !item.scheduled.isEmpty || !item.actions.isEmpty else { return [] }
        let savepoint = savepoint
        do {
            var stored = try append(item.events).stored(of: item.events)
            _ = try schedule(item.scheduled)
            stored += try perform(item.actions)
            return stored
        } catch {
            rollBack(to: savepoint)
            throw error
        }
    }

    private mutating func end(_ item: LogSettlement.Item, of key: SubscriptionKey, at time: Date) {
        let offset = item.claim.offset.rawValue
        subscriptions[key]?.settled.cover(item.claim)
        if let attempt = item.attempt { subscriptions[key]?.note(attempt.inMicroseconds, of: offset) }
        var row: MemoryRow?
        switch item.end {
        case .completed: break
        case .discarded(let reason): discard(offset, of: key, reason: reason, time: time)
        case .dead(let letter): bury(letter, item: item, of: key)
        case .retry(let due):
            row = MemoryRow(
                orderingKey: item.orderingKey, state: .retry(ScheduledTime(due: due.inMicroseconds, decided: time)),
                counts: item.counts)
        case .waiting: row = MemoryRow(orderingKey: item.orderingKey, state: .waiting, counts: item.counts)
        case .noHandler: row = MemoryRow(orderingKey: item.orderingKey, state: .noHandler, counts: item.counts)
        }
        subscriptions[key]?.rows[offset] = row
    }

    private mutating func discard(_ offset: Int64, of key: SubscriptionKey, reason: String, time: Date) {
        guard let name = subscriptions[key]?.name, let event = events[offset] else { return }
        let discard = DeadLetterDiscard(
            id: DeadLetter.ID(subscription: name, offset: Offset(rawValue: offset)), eventName: event.name, eventID: event.id,
            reason: reason, time: time)
        discards.append(MemoryDiscard(subscription: key, discard: discard, wasDead: false))
    }

    private mutating func bury(_ letter: LogLetter, item: LogSettlement.Item, of key: SubscriptionKey) {
        let offset = item.claim.offset
        guard let name = subscriptions[key]?.name, let event = events[offset.rawValue] else { return }
        if let arrival = subscriptions[key]?.letters[offset.rawValue] { letters[arrival] = nil }
        lastArrival += 1
        letters[lastArrival] = MemoryLetter(
            subscription: key, id: DeadLetter.ID(subscription: name, offset: offset), orderingKey: item.orderingKey,
            eventName: event.name, eventID: event.id, correlationID: event.correlation, letter: letter.inMicroseconds,
            counts: item.counts)
        subscriptions[key]?.letters[offset.rawValue] = lastArrival
    }
}

extension Attempt {
    fileprivate var inMicroseconds: Attempt {
        let microseconds = duration / .microseconds(1)
        return Attempt(
            number: number, startedAt: startedAt.inMicroseconds, duration: .microseconds(microseconds.rounded()),
            errorType: errorType, errorText: errorText, isCounted: isCounted)
    }
}

extension LogLetter {
    fileprivate var inMicroseconds: LogLetter {
        LogLetter(
            reason: reason, errorType: errorType, errorText: errorText, time: time.inMicroseconds, parksKey: parksKey)
    }
}
