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
    /// The arrival numbers of the letters that a selection is about, oldest first.
    func arrivals(
        _ selection: LogLetterSelection, after: Int64 = 0, where isIncluded: (MemoryLetter) -> Bool = { _ in true }
    ) -> [Int64] {
        let first = letters.firstPosition(from: after &+ 1)
        return (first..<max(first, letters.count)).compactMap { position in
            let letter = letters.values[position]
            guard selection.matches(letter), isIncluded(letter) else { return nil }
            return letters.keys[position]
        }
    }

    mutating func redrive(_ change: LogLetterChange<[RedrivenDelivery]>) -> [RedrivenDelivery] {
        arrivals(change.letters, where: change.includes).compactMap { arrival in
            guard let letter = take(arrival), let event = events[letter.id.offset.rawValue] else { return nil }
            var counts = letter.counts
            counts.failedAttempts = 0
            counts.crashes = 0
            counts.redrives += 1
            if letter.letter.reason == .tooDeep { counts.isDepthReset = true }
            self.subscriptions[letter.subscription]?.rows[letter.id.offset.rawValue] = MemoryRow(
                orderingKey: letter.orderingKey, state: .waiting, counts: counts)
            return RedrivenDelivery(
                subscription: letter.subscription, id: letter.id, orderingKey: letter.orderingKey,
                parkedKey: letter.letter.parksKey, eventName: event.name,
                publication: Publication(
                    offset: letter.id.offset, id: event.id, correlationID: event.correlation, isRepeat: false))
        }
    }

    mutating func discard(_ change: LogLetterChange<[DiscardedLetter]>) -> [DiscardedLetter] {
        arrivals(change.letters, where: change.includes).compactMap { arrival in
            guard let letter = take(arrival) else { return nil }
            let discard = DeadLetterDiscard(
                id: letter.id, eventName: letter.eventName, eventID: letter.eventID, reason: change.reason,
                time: change.time.inMicroseconds)
            discards.append(MemoryDiscard(subscription: letter.subscription, discard: discard, wasDead: true))
            return DiscardedLetter(
                subscription: letter.subscription, discard: discard, orderingKey: letter.orderingKey,
                parkedKey: letter.letter.parksKey)
        }
    }

    private mutating func take(_ arrival: Int64) -> MemoryLetter? {
        guard let letter = letters[arrival] else { return nil }
        letters[arrival] = nil
        subscriptions[letter.subscription]?.letters[letter.id.offset.rawValue] = nil
        return letter
    }
}

extension LogLetterSelection {
    fileprivate func matches(_ letter: MemoryLetter) -> Bool {
        switch self {
        case .one(let id): id == letter.id
        case .matching(let filter): filter.matches(letter)
        // It keeps no plans.
        case .planned: false
        }
    }
}

extension DeadLetterFilter {
    fileprivate func matches(_ letter: MemoryLetter) -> Bool {
        func agrees<T: Equatable>(_ wanted: T?, _ value: T?) -> Bool { wanted == nil || wanted == value }
        return agrees(subscription, letter.id.subscription)
            && agrees(eventName, letter.eventName)
            && agrees(orderingKey, letter.orderingKey)
            && agrees(errorType, letter.letter.errorType)
            && agrees(correlationID, letter.correlationID)
            && (errorContains.map { letter.letter.errorText.contains($0) } ?? true)
            && (since.map { letter.letter.time >= $0.inMicroseconds } ?? true)
            && (before.map { letter.letter.time < $0.inMicroseconds } ?? true)
    }
}

extension LogLetterChange {
    fileprivate func includes(_ letter: MemoryLetter) -> Bool {
        includes(letter.id.subscription, eventName: letter.eventName, reason: letter.letter.reason)
    }
}
