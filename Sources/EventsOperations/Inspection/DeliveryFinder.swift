//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events
internal import EventsSQLite

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What is known beyond the log's tables.
package struct LiveFacts: Sendable {
    package var owner = LogOwner.none
    /// What the bus has in memory, if it said so.
    package var status: BusStatus?
    /// What runs now: subscriptions' numbers and offsets.
    package var running: Set<RunningDelivery> = []
    package var now: Date

    package init(now: Date) {
        self.now = now
    }

    var isOwned: Bool { owner != .none }
}

/// A delivery whose handler runs.
package struct RunningDelivery: Sendable, Hashable {
    let subscription: Int64
    let offset: Int64
}

/// Finds out where deliveries are.
struct DeliveryFinder {
    let session: ReadSession
    let live: LiveFacts
    let subscriptions: [SubscriptionRow]
    let head: Int64

    /// How far to look for what comes before a delivery.
    private static let reach: Int64 = 20_000
    /// How many settlements to look through.
    private static let settlementReach = 5_000

    init(_ session: ReadSession, _ live: LiveFacts) throws {
        self.session = session
        self.live = live
        subscriptions = try SubscriptionRow.all(session)
        head = try session.head()
    }

    /// Where the deliveries of an event are, of all subscriptions that take it.
    func verdicts(of event: StoredEvent) throws -> [DeliveryVerdict] {
        try subscriptions.filter { $0.takes(event.event.name, at: event.offset.rawValue, isIntact: event.isIntact) }
            .map { try verdict(of: event, for: $0) }
    }

    /// Where one delivery is.
    func verdict(of event: StoredEvent, for subscription: SubscriptionRow) throws -> DeliveryVerdict {
        let offset = event.offset.rawValue
        var verdict = DeliveryVerdict(
            id: DeadLetter.ID(subscription: subscription.name, offset: event.offset).description, subscription: subscription.name,
            state: .waiting)
        try addHistory(to: &verdict, subscription.id, offset)
        if let row = try row(subscription.id, offset) {
            verdict.failedAttempts = row.failedAttempts
            verdict.crashes = row.crashes
            verdict.redrives = row.redrives
            try explain(row, event, subscription, &verdict)
        } else if subscription.settled.contains(event.offset) {
            try explainEnd(event, subscription, &verdict)
        } else {
            try explainUnsettled(event, subscription, &verdict)
        }
        return verdict
    }

    // MARK: The tables

    private struct Row {
        let state: String
        let due: Int64?
        let failedAttempts: Int
        let crashes: Int
        let redrives: Int
        let isSuspect: Bool
        let orderingKey: String?
    }

    private func row(_ key: Int64, _ offset: Int64) throws -> Row? {
        try session.first(
            """
            SELECT state, due_at, failed_attempts, crashes, redrives, is_suspect, ordering_key FROM bus_deliveries
            WHERE subscription = ?1 AND offset = ?2
            """, bind(key, offset)
        ) {
            Row(
                state: $0.text(0), due: $0.int64OrNil(1), failedAttempts: Int($0.int64(2)), crashes: Int($0.int64(3)),
                redrives: Int($0.int64(4)), isSuspect: $0.int64(5) != 0, orderingKey: $0.textOrNil(6))
        }
    }

    private func bind(_ key: Int64, _ offset: Int64) -> (Statement) -> Void {
        {
            $0.bind(1, key)
            $0.bind(2, offset)
        }
    }

    private func addHistory(to verdict: inout DeliveryVerdict, _ key: Int64, _ offset: Int64) throws {
        verdict.attempts = Int(
            try session.first("SELECT count(*) FROM bus_attempts WHERE subscription = ?1 AND offset = ?2", bind(key, offset)) {
                $0.int64(0)
            } ?? 0)
        guard verdict.attempts > 0 else { return }
        let last = try session.first(
            """
            SELECT error_type, error_text FROM bus_attempts WHERE subscription = ?1 AND offset = ?2 ORDER BY number DESC LIMIT 1
            """, bind(key, offset)
        ) { ($0.text(0), $0.text(1)) }
        (verdict.errorType, verdict.errorText) = (last?.0, last?.1)
    }

    /// When a delivery completed.
    private func completion(_ key: Int64, _ offset: Int64) throws -> Date? {
        let statement = try session.keep(
            """
            SELECT first_offset, last_offset, settled_at, offsets FROM bus_settlements
            WHERE subscription = ?1 AND first_offset <= ?2 ORDER BY first_offset DESC
            """)
        bind(key, offset)(statement)
        defer { statement.reset() }
        var looks = 0
        while looks < Self.settlementReach, try statement.step() {
            looks += 1
            guard statement.int64(1) >= offset else { continue }
            if OffsetText.contains(statement.text(3), offset &- statement.int64(0)) {
                return Date(microseconds: statement.int64(2))
            }
        }
        return nil
    }

    // MARK: What they mean

    private func explainEnd(_ event: StoredEvent, _ subscription: SubscriptionRow, _ verdict: inout DeliveryVerdict) throws {
        let (key, offset) = (subscription.id, event.offset.rawValue)
        let letter = try session.first(
            """
            SELECT died_at, reason, error_type, error_text, parks_key, failed_attempts, crashes, redrives FROM bus_dead_letters
            WHERE subscription = ?1 AND offset = ?2
            """, bind(key, offset)
        ) {
            (
                $0.int64(0), $0.text(1), $0.text(2), $0.text(3), $0.int64(4) != 0, Int($0.int64(5)), Int($0.int64(6)),
                Int($0.int64(7))
            )
        }
        if let letter {
            verdict.state = .dead
            verdict.at = Date(microseconds: letter.0)
            (verdict.reason, verdict.errorType, verdict.errorText) = (letter.1, letter.2, letter.3)
            (verdict.failedAttempts, verdict.crashes, verdict.redrives) = (letter.5, letter.6, letter.7)
            let parks = letter.4 ? " Later events of its key wait for it." : ""
            verdict.explanation =
                "It is a dead letter (\(letter.1)) since \(time(letter.0)), after \(count(verdict.attempts, "attempt")): \(letter.2).\(parks)"
            verdict.next = ["dlq", "show", verdict.id]
            return
        }
        let discard = try session.first(
            "SELECT discarded_at, reason, was_dead FROM bus_discards WHERE subscription = ?1 AND offset = ?2 LIMIT 1",
            bind(key, offset)
        ) { ($0.int64(0), $0.text(1), $0.int64(2) != 0) }
        if let discard {
            verdict.state = .discarded
            verdict.at = Date(microseconds: discard.0)
            verdict.reason = discard.1
            verdict.explanation =
                "It was given up at \(time(discard.0)) \(discard.2 ? "by hand, as a dead letter" : "by its handler")"
                + (discard.1.isEmpty ? "." : ": \(discard.1).")
            return
        }
        verdict.state = .completed
        verdict.at = try completion(key, offset)
        verdict.seconds = verdict.at.map { max(0, $0.timeIntervalSince(event.event.publishedAt)) }
        let when = verdict.at.map { " at \(time($0.microseconds))" } ?? ""
        verdict.redrives = Int(
            try session.first("SELECT count(*) FROM bus_redrives WHERE subscription = ?1 AND offset = ?2", bind(key, offset)) {
                $0.int64(0)
            } ?? 0)
        let tries = verdict.attempts > 0 ? ", after \(count(verdict.attempts, "attempt")) that did not" : ""
        let redrives =
            verdict.redrives > 0 ? "; it was redriven \(verdict.redrives == 1 ? "once" : "\(verdict.redrives) times")" : ""
        verdict.explanation = "It completed\(when)\(tries)\(redrives)."
    }

    private func explain(
        _ row: Row, _ event: StoredEvent, _ subscription: SubscriptionRow, _ verdict: inout DeliveryVerdict
    ) throws {
        let offset = event.offset.rawValue
        if row.state == "no handler" {
            verdict.state = .noHandler
            verdict.explanation =
                "'\(subscription.name)' does not handle \(event.event.name) any more; it waits until a service registers the type again."
            return
        }
        if !subscription.isRegistered { return explainAbsence(subscription, &verdict) }
        if live.running.contains(RunningDelivery(subscription: subscription.id, offset: offset)) {
            return explainRunning(&verdict)
        }
        if row.isSuspect {
            verdict.state = .suspect
            verdict.explanation =
                "It ran when the process ended (\(count(row.crashes, "crash", "crashes")) so far); it is to run alone before anything else does.\(stopped)"
            return
        }
        if row.state == "retry" {
            verdict.state = .retry
            verdict.due = row.due.map { Date(microseconds: $0) }
            let due = row.due.map { $0 <= live.now.microseconds ? "its next attempt is due since" : "its next attempt is due at" }
            let error = verdict.errorType.map { "; the last error was \($0)" } ?? ""
            verdict.explanation =
                "It failed \(row.failedAttempts == 1 ? "once" : "\(row.failedAttempts) times"), and \(due ?? "is tried again") \(row.due.map(time) ?? "")\(error).\(stopped)"
            return
        }
        try explainTurn(event, row.orderingKey, subscription, &verdict)
    }

    private func explainUnsettled(
        _ event: StoredEvent, _ subscription: SubscriptionRow, _ verdict: inout DeliveryVerdict
    ) throws {
        let offset = event.offset.rawValue
        if !subscription.isRegistered { return explainAbsence(subscription, &verdict) }
        if live.running.contains(RunningDelivery(subscription: subscription.id, offset: offset)) {
            return explainRunning(&verdict)
        }
        if live.isOwned, let own = status(of: subscription), own.readThrough < offset {
            verdict.state = .unread
            let (behind, isMore) = try unsettled(subscription, after: own.readThrough, before: offset)
            verdict.behind = behind
            verdict.explanation =
                "'\(subscription.name)' has not read this far: \(isMore ? "at least " : "")\(count(behind, "event")) of its own come first."
            verdict.next = ["stats", "--subscription", subscription.name]
            return
        }
        try explainTurn(event, event.event.orderingKey, subscription, &verdict)
    }

    private func explainAbsence(_ subscription: SubscriptionRow, _ verdict: inout DeliveryVerdict) {
        verdict.state = .absent
        verdict.explanation =
            "Nobody serves the subscription '\(subscription.name)' now; it waits in the log until a service registers it again"
            + (subscription.epoch > 0 ? " (last done by opening \(subscription.epoch))." : ".")
        verdict.next = ["subscriptions"]
    }

    private func explainRunning(_ verdict: inout DeliveryVerdict) {
        verdict.state = .running
        verdict.explanation = "Its handler runs now" + (verdict.attempts > 0 ? ", in attempt \(verdict.attempts + 1)." : ".")
    }

    /// What a delivery waits for that is not finished, and for no time.
    private func explainTurn(
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
    private func unsettled(
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

    private func status(of subscription: SubscriptionRow) -> BusStatus.Subscription? {
        live.status?.subscriptions.first { $0.name == subscription.name }
    }

    // MARK: Words

    private var stopped: String { live.isOwned ? "" : " Nobody has the log open now." }

    private func time(_ microseconds: Int64) -> String { Date(microseconds: microseconds).formatted(.iso8601) }

    private func count(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(plural ?? noun + "s")"
    }
}

/// The offsets of a settlement, as distances from its first: `0-5 9`.
enum OffsetText {
    static func contains(_ text: String, _ distance: Int64) -> Bool {
        ranges(text).contains { $0.contains(distance) }
    }

    /// The distances. What cannot be read is left out.
    static func ranges(_ text: String) -> [ClosedRange<Int64>] {
        text.split(separator: " ").compactMap { part in
            let bounds = part.split(separator: "-", maxSplits: 1).map { Int64($0) }
            guard let low = bounds.first ?? nil, let high = bounds.count > 1 ? bounds[1] : low, low <= high else { return nil }
            return low...high
        }
    }
}
