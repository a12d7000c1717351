//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

// The dead letters of a bus with a log: they are read from the log, and what is done to them is committed there first.

extension EventBus {
    nonisolated func letterPage(
        _ filter: DeadLetterFilter, limit: Int, after cursor: DeadLetterPage.Cursor?, in journal: Journal
    ) async throws -> DeadLetterPage {
        let after = Int64(cursor?.arrival ?? 0)
        // One more than asked for tells whether there is another page.
        let found = try await journal.log.deadLetters(
            DeadLetterSelection(.matching(filter), after: after, limit: limit < .max ? limit + 1 : limit))
        let page = found.prefix(limit)
        let coding = journal.coding
        return DeadLetterPage(
            letters: page.map { letter($0, coding) },
            next: found.count > limit ? page.last.map { DeadLetterPage.Cursor(arrival: Int($0.arrival)) } : nil)
    }

    nonisolated func letter(_ id: DeadLetter.ID, in journal: Journal) async throws -> DeadLetter {
        guard let found = try await journal.log.deadLetters(DeadLetterSelection(.one(id), limit: 1)).first else {
            throw Self.unknownLetter(id)
        }
        return letter(found, journal.coding)
    }

    private nonisolated func letter(_ stored: StoredDeadLetter, _ coding: EventCoding) -> DeadLetter {
        DeadLetter(
            id: stored.id, metadata: EventMetadata(coding.record(of: stored.event, bus: identity)), reason: stored.letter.reason,
            errorType: stored.letter.errorType, errorText: stored.letter.errorText, attempts: stored.attempts,
            omittedAttempts: max(0, stored.counts.attempts - stored.attempts.count), deadSince: stored.letter.time,
            redrives: stored.counts.redrives, parksKey: stored.letter.parksKey)
    }

    func redrive(_ id: DeadLetter.ID, in journal: Journal) async throws -> Receipt {
        try refuseRedriveIfShuttingDown()
        let letter = try await letter(id, in: journal)
        guard let subscription = subscriptionsByName[id.subscription], !subscription.isCancelled,
            subscription.handlersByName[letter.metadata.name] != nil || letter.reason == .corrupt
        else { throw Self.nowhereToGo(letter) }
        guard let redriven = try await redrive(.one(id), in: journal).first else { throw Self.unknownLetter(id) }
        return Receipt(
            StoredEventRecord(
                redriven.publication, name: redriven.eventName, bus: identity, publishedAt: letter.metadata.publishedAt))
    }

    func redrive(matching filter: DeadLetterFilter, in journal: Journal) async throws -> [DeadLetter.ID] {
        try refuseRedriveIfShuttingDown()
        return try await redrive(.matching(filter), in: journal).map(\.id)
    }

    func redrive(
        _ letters: LogLetterSelection, audit: LogAudit = .service, in journal: Journal
    ) async throws -> [RedrivenDelivery] {
        let handled = Dictionary(
            subscriptionsInOrder.filter { !$0.isCancelled }.map { ($0.name, Set($0.handlersByName.keys)) },
            uniquingKeysWith: { first, _ in first })
        let time = environment.wallClock()
        return try await journal.commit(notice: { .redriven($0) }) { done in
            .redrive(LogLetterChange(letters: letters, handled: handled, time: time, audit: audit, completion: done))
        }
    }

    nonisolated func discard(
        _ letters: LogLetterSelection, reason: String, audit: LogAudit = .service, in journal: Journal
    ) async throws -> [DiscardedLetter] {
        let time = environment.wallClock()
        return try await journal.commit(notice: { .discarded($0) }) { done in
            .discard(LogLetterChange(letters: letters, reason: reason, time: time, audit: audit, completion: done))
        }
    }

    // MARK: Committed

    /// Dead letters were sent back: their deliveries wait in the log.
    func applyRedrive(_ deliveries: [RedrivenDelivery]) {
        for delivery in deliveries {
            guard let subscription = durable.subscriptionsByKey[delivery.subscription], let own = subscription.durable else {
                continue
            }
            own.deadLetters -= 1
            subscription.statistics.redriven += 1
            hooks.observe?(
                Signal(
                    .redriven, eventName: delivery.eventName, subscription: subscription.name,
                    eventID: delivery.publication.id, offset: delivery.id.offset))
            let lane = subscription.queue.laneKey(forKey: delivery.orderingKey)
            // It comes before what it held up: they are one lane, in offset order.
            if let lane, delivery.parkedKey { subscription.queue.unblock(lane, from: delivery.id.offset) }
            own.stored.add(1, to: lane)
            own.stored.reconsider(lane)
            news(of: delivery.publication.correlationID)
        }
    }

    /// Dead letters were given up: what they alone held up may go on.
    func applyDiscard(_ letters: [DiscardedLetter]) {
        for letter in letters {
            guard let subscription = durable.subscriptionsByKey[letter.subscription], let own = subscription.durable else {
                continue
            }
            own.deadLetters -= 1
            subscription.statistics.discarded += 1
            hooks.observe?(
                Signal(
                    .discarded, eventName: letter.discard.eventName, subscription: subscription.name,
                    eventID: letter.discard.eventID, offset: letter.discard.id.offset))
            guard letter.parkedKey, let lane = subscription.queue.laneKey(forKey: letter.orderingKey) else { continue }
            subscription.queue.unblock(lane, from: letter.discard.id.offset)
            own.stored.reconsider(lane)
        }
    }

    /// How many deliveries wait behind a dead letter.
    func parkedCount(of subscription: SubscriptionState) -> Int {
        guard let own = subscription.durable else { return subscription.queue.parked }
        return own.stored.count { lane in lane.flatMap(subscription.queue.firstParking) != nil }
    }
}
