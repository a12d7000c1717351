//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// The dead letters of this bus: to list, show, redrive and discard.
    public nonisolated var deadLetters: DeadLetters { DeadLetters(bus: self) }

    /// The most discards that are remembered.
    static let longestDiscardList = 1_000

    func deadLetterPage(_ filter: DeadLetterFilter, limit: Int, after cursor: DeadLetterPage.Cursor?) async throws
        -> DeadLetterPage
    {
        if let journal { return try await letterPage(filter, limit: limit, after: cursor, in: journal) }
        let page = deadLetterStore.page(filter, after: cursor?.arrival ?? 0, limit: limit)
        return DeadLetterPage(letters: page.letters, next: page.last.map(DeadLetterPage.Cursor.init))
    }

    func deadLetter(_ id: DeadLetter.ID) async throws -> DeadLetter {
        if let journal { return try await letter(id, in: journal) }
        return try entry(id).letter
    }

    func deadLetterCounts() async throws -> [DeadLetterCount] {
        DeadLetterCount.sorted(try await journal?.log.deadLetterCounts() ?? deadLetterStore.counts())
    }

    func listDiscards() async throws -> [DeadLetterDiscard] {
        if let journal { return try await journal.log.discards(limit: Self.longestDiscardList) }
        return (0..<recentDiscards.count).compactMap { recentDiscards[$0] }
    }

    func redrive(_ id: DeadLetter.ID) async throws -> Receipt {
        if let journal { return try await redrive(id, in: journal) }
        try refuseRedriveIfShuttingDown()
        let entry = try entry(id)
        guard sendBack(entry) else { throw Self.nowhereToGo(entry.letter) }
        wakeWorker()
        return Receipt(entry.delivery.record)
    }

    func redrive(matching filter: DeadLetterFilter) async throws -> [DeadLetter.ID] {
        if let journal { return try await redrive(matching: filter, in: journal) }
        try refuseRedriveIfShuttingDown()
        let redriven = deadLetterStore.matching(filter).filter { id in deadLetterStore[id].map(sendBack) ?? false }
        wakeWorker()
        return redriven
    }

    func discardLetter(_ id: DeadLetter.ID, reason: String) async throws {
        if let journal {
            if try await discard(.one(id), reason: reason, in: journal).isEmpty { throw Self.unknownLetter(id) }
            return
        }
        giveUp(try entry(id), reason: reason)
        wakeWorker()
    }

    func discardLetters(matching filter: DeadLetterFilter, reason: String) async throws -> [DeadLetter.ID] {
        if let journal { return try await discard(.matching(filter), reason: reason, in: journal).map(\.discard.id) }
        let ids = deadLetterStore.matching(filter)
        for id in ids {
            if let entry = deadLetterStore[id] { giveUp(entry, reason: reason) }
        }
        wakeWorker()
        return ids
    }

    private func entry(_ id: DeadLetter.ID) throws -> DeadLetterStore.Entry {
        guard let entry = deadLetterStore[id] else { throw Self.unknownLetter(id) }
        return entry
    }

    static func unknownLetter(_ id: DeadLetter.ID) -> EventBusError {
        EventBusError(
            .unknownDeadLetter, "there is no dead letter \(id): it was redriven, discarded or evicted, or never was one.")
    }

    static func nowhereToGo(_ letter: DeadLetter) -> EventBusError {
        EventBusError(
            .noSubscription,
            "the dead letter \(letter.id) has nowhere to go: no subscription '\(letter.subscription)' takes "
                + "\(letter.metadata.name) now. Register it and redrive again.")
    }

    func refuseRedriveIfShuttingDown() throws {
        guard lifecycle.phase != .closed else {
            throw EventBusError(.closed, "a dead letter cannot be redriven on a closed bus; nobody would handle it.")
        }
        guard !shutdown.isRequested else {
            throw EventBusError(
                .shuttingDown, "a dead letter cannot be redriven while the bus shuts down; its work would be lost.")
        }
    }

    /// Puts a dead letter's delivery before its subscription again, if that is there and takes its type.
    private func sendBack(_ entry: DeadLetterStore.Entry) -> Bool {
        guard let subscription = subscriptionsByName[entry.letter.subscription], !subscription.isCancelled,
            let handler = subscription.handlerIndex[entry.delivery.record.typeID]
        else { return false }
        _ = deadLetterStore.remove(entry.letter.id)
        let delivery = entry.delivery.redriven(to: handler, resettingDepth: entry.letter.reason == .tooDeep)
        subscription.statistics.redriven += 1
        observe(.redriven, delivery, subscription)
        if subscription.queue.enqueue(delivery) {
            delivery.record.move(from: .dead, to: .parked)
            observe(.parked, delivery, subscription)
            evictParked(of: subscription)
        } else {
            delivery.record.move(from: .dead, to: .pending)
            getInLine(subscription)
        }
        return true
    }

    private func giveUp(_ entry: DeadLetterStore.Entry, reason: String) {
        _ = deadLetterStore.remove(entry.letter.id)
        if recentDiscards.count == Self.longestDiscardList { _ = recentDiscards.popFirst() }
        recentDiscards.append(
            DeadLetterDiscard(
                id: entry.letter.id, eventName: entry.letter.metadata.name, eventID: entry.letter.metadata.id, reason: reason,
                time: environment.wallClock()))
        entry.delivery.record.move(from: .dead, to: .discarded)
        guard let subscription = subscriptions[entry.subscription] else {
            hooks.observe?(Signal(.discarded, entry.delivery, subscription: entry.letter.subscription))
            return
        }
        subscription.statistics.discarded += 1
        observe(.discarded, entry.delivery, subscription)
        apply(subscription.queue.forgetLetter(entry.delivery), of: subscription)
        getInLine(subscription)
    }
}
