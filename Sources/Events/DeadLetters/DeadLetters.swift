//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The dead letters of a bus, to look at and to put right: ``EventBus/deadLetters``.
public struct DeadLetters: Sendable {
    let bus: EventBus

    /// The dead letters that a filter matches, oldest first, one page at a time.
    ///
    /// - Parameters:
    ///   - filter: Which letters. The default is all.
    ///   - limit: The most letters on the page; less than 1 counts as 1. The default is 100.
    ///   - cursor: Where the page before ended. The default is the beginning.
    /// - Throws: ``LogFailure`` when the log cannot be read. In memory it does not throw; the same holds for what follows.
    public func list(
        _ filter: DeadLetterFilter = .all, limit: Int = 100, after cursor: DeadLetterPage.Cursor? = nil
    ) async throws -> DeadLetterPage {
        try await bus.deadLetterPage(filter, limit: max(1, limit), after: cursor)
    }

    /// One dead letter with its whole history.
    ///
    /// - Throws: ``EventBusError`` with `unknownDeadLetter` when there is none of this identity, or not any more.
    public func show(_ id: DeadLetter.ID) async throws -> DeadLetter {
        try await bus.deadLetter(id)
    }

    /// How many dead letters there are by subscription and error type, the most frequent first.
    public func counts() async throws -> [DeadLetterCount] {
        try await bus.deadLetterCounts()
    }

    /// Sends a dead letter back to its own subscription: the same event, with all its attempts anew and its history kept.
    ///
    /// It enters its queue even when that is full, and holds up publishers until there is room again.
    ///
    /// If it parked its key, what waits behind it goes on, in order, when it completes. If it did not, it runs late: after what was
    /// published later, but never at the same time as another of its key.
    ///
    /// - Returns: The event's receipt, by which to ask what the redrive came to.
    /// - Throws: ``EventBusError``: `unknownDeadLetter`; `noSubscription` when its subscription is not there or takes its type no
    ///   more, and then the letter stays; `shuttingDown` when the bus takes nothing new.
    @discardableResult
    public func redrive(_ id: DeadLetter.ID) async throws -> Receipt {
        try await bus.redrive(id)
    }

    /// Sends back the dead letters that a filter matches at this moment, oldest first. Letters whose subscription is not there stay.
    ///
    /// - Returns: The identities of those sent back.
    /// - Throws: ``EventBusError`` with `shuttingDown` when the bus takes nothing new.
    @discardableResult
    public func redrive(matching filter: DeadLetterFilter) async throws -> [DeadLetter.ID] {
        try await bus.redrive(matching: filter)
    }

    /// Sends back all dead letters of a key of a subscription. They and what is parked behind them run in offset order; if one of
    /// them fails again and parks the key, the rest waits behind it.
    ///
    /// - Returns: The identities of those sent back.
    /// - Throws: ``EventBusError`` with `shuttingDown` when the bus takes nothing new.
    @discardableResult
    public func redrive(key: String, of subscription: String) async throws -> [DeadLetter.ID] {
        try await bus.redrive(matching: DeadLetterFilter(subscription: subscription, orderingKey: key))
    }

    /// Gives a dead letter up. What was parked behind it alone goes on.
    ///
    /// - Parameters:
    ///   - id: The letter.
    ///   - reason: Why, for ``discards()``.
    /// - Throws: ``EventBusError`` with `unknownDeadLetter`.
    public func discard(_ id: DeadLetter.ID, reason: String) async throws {
        try await bus.discardLetter(id, reason: reason)
    }

    /// Gives up the dead letters that a filter matches at this moment.
    ///
    /// - Returns: The identities of those given up.
    @discardableResult
    public func discard(matching filter: DeadLetterFilter, reason: String) async throws -> [DeadLetter.ID] {
        try await bus.discardLetters(matching: filter, reason: reason)
    }

    /// What was discarded by hand and why, oldest first: the latest 1,000 of them.
    public func discards() async throws -> [DeadLetterDiscard] {
        try await bus.listDiscards()
    }

    /// The dead letters that arrive from now on, for alerts. The stream exists when this returns and ends when the bus closes.
    ///
    /// - Parameter buffering: What happens to letters its reader has not taken yet. The default keeps the newest 1,000.
    public func arrivals(buffering: StreamBuffering = .newest(1_000)) -> EventStream<DeadLetter> {
        bus.letterTaps.makeStream(0, buffering: buffering) { $0 }
    }
}
