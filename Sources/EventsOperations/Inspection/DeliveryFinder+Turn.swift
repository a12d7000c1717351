//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsSQLite

extension DeliveryFinder {
    /// What a delivery waits for that is not finished, and for no time.
    func explainTurn(
        _ event: StoredEvent, _ key: String?, _ subscription: SubscriptionRow, _ verdict: inout DeliveryVerdict
    ) throws {
        let offset = event.offset.rawValue
        let order = subscription.order ?? .perKey
        if order == .serial || (order == .perKey && key != nil) {
            let isSerial = order == .serial
            if let letter = try parking(subscription.id, offset, key, isSerial: isSerial) {
                verdict.state = .parked
                verdict.blockedBy =
                    DeadLetter.ID(subscription: subscription.name, offset: Offset(rawValue: letter.offset)).description
                verdict.explanation =
                    "It waits behind the dead letter \(verdict.blockedBy ?? "") \(isSerial ? "of its subscription" : "of its key"), which is dead since \(time(letter.since)). Redrive or discard that."
                verdict.next = ["dlq", "show", verdict.blockedBy ?? ""]
                return
            }
            if let blocker = try blocker(subscription, offset, key, isSerial: isSerial) {
                verdict.state = .blocked
                verdict.blockedBy =
                    DeadLetter.ID(subscription: subscription.name, offset: Offset(rawValue: blocker.offset)).description
                verdict.explanation =
                    "It waits behind \(verdict.blockedBy ?? "") \(isSerial ? "of its subscription" : "of its key"), \(blocker.what).\(stopped)"
                verdict.next = ["why", verdict.blockedBy ?? ""]
                return
            }
        }
        verdict.state = .waiting
        guard live.isOwned else {
            verdict.explanation = "Nobody has the log open; the next service that opens it handles it."
            return
        }
        guard let status = live.status else {
            verdict.explanation = "It waits for its turn; the owner of the log does not say what it is at."
            return
        }
        if status.suspects > 0 {
            verdict.explanation =
                "It waits until \(count(status.suspects, "delivery", "deliveries")) that ran when the process ended before came to something."
        } else if let own = status.subscriptions.first(where: { $0.name == subscription.name }) {
            let limit = own.workers >= own.workerLimit
            verdict.explanation =
                limit
                ? "It waits for a worker: '\(subscription.name)' may have \(own.workerLimit) at a time, and \(own.workers) run (its limit of concurrency)."
                : "It is about to be handled: a worker is free for it, or will be in a moment."
        } else {
            verdict.explanation = "It waits for its turn."
        }
    }

    // MARK: What comes before

    private func parking(
        _ key: Int64, _ offset: Int64, _ orderingKey: String?, isSerial: Bool
    ) throws -> (offset: Int64, since: Int64)? {
        try session.first(
            """
            SELECT offset, died_at FROM bus_dead_letters INDEXED BY bus_dead_letters_that_park
            WHERE parks_key = 1 AND subscription = ?1 AND offset < ?2 \(isSerial ? "" : "AND ordering_key IS ?3")
            ORDER BY offset LIMIT 1
            """,
            { statement in
                bind(key, offset)(statement)
                if !isSerial { statement.bind(3, orderingKey) }
            }
        ) { ($0.int64(0), $0.int64(1)) }
    }

    private func blocker(
        _ subscription: SubscriptionRow, _ offset: Int64, _ key: String?, isSerial: Bool
    ) throws -> (offset: Int64, what: String)? {
        let stored = try session.first(
            """
            SELECT offset, state, due_at FROM bus_deliveries
            WHERE subscription = ?1 AND offset < ?2 AND state <> 'no handler' \(isSerial ? "" : "AND ordering_key IS ?3")
            ORDER BY offset LIMIT 1
            """,
            { statement in
                bind(subscription.id, offset)(statement)
                if !isSerial { statement.bind(3, key) }
            }
        ) { ($0.int64(0), $0.text(1), $0.int64OrNil(2)) }
        let unsettled = try firstUnsettled(subscription, before: offset, key: isSerial ? nil : key)
        if let unsettled, unsettled < stored?.0 ?? .max { return (unsettled, describe(unsettled, of: subscription)) }
        guard let stored else { return nil }
        if stored.1 == "retry", let due = stored.2 { return (stored.0, "which is tried again at \(time(due))") }
        return (stored.0, describe(stored.0, of: subscription))
    }

    private func describe(_ offset: Int64, of subscription: SubscriptionRow) -> String {
        let isRunning = live.running.contains(RunningDelivery(subscription: subscription.id, offset: offset))
        return isRunning ? "whose handler runs now" : "which is not finished"
    }

    /// The first delivery of a key, or of any, that is not settled and has no row.
    private func firstUnsettled(_ subscription: SubscriptionRow, before offset: Int64, key: String?) throws -> Int64? {
        let start = max(subscription.settled.cursor.rawValue, offset < 0 ? offset : offset - Self.reach)
        guard start < offset else { return nil }
        let statement = try session.keep(
            """
            SELECT offset, name FROM bus_events WHERE offset > ?1 AND offset < ?2 AND (?3 IS NULL OR ordering_key = ?3)
            ORDER BY offset
            """)
        statement.bind(1, start)
        statement.bind(2, offset)
        statement.bind(3, key)
        defer { statement.reset() }
        while try statement.step() {
            let found = statement.int64(0)
            if !subscription.settled.contains(Offset(rawValue: found)), subscription.takes(statement.text(1), at: found) {
                return found
            }
        }
        return nil
    }

    /// How many deliveries of a subscription lie between two offsets and are not settled, counted over a bounded stretch.
    func unsettled(
        _ subscription: SubscriptionRow, after: Int64, before: Int64
    ) throws -> (count: Int, isMore: Bool) {
        let end = min(before, after &+ Self.reach)
        var count = 0
        _ = try session.rows(
            "SELECT offset, name FROM bus_events WHERE offset > ?1 AND offset < ?2",
            {
                $0.bind(1, after)
                $0.bind(2, end)
            }
        ) { row in
            let offset = row.int64(0)
            if !subscription.settled.contains(Offset(rawValue: offset)), subscription.takes(row.text(1), at: offset) {
                count += 1
            }
        }
        return (count, end < before)
    }

    func status(of subscription: SubscriptionRow) -> BusStatus.Subscription? {
        live.status?.subscriptions.first { $0.name == subscription.name }
    }
}
