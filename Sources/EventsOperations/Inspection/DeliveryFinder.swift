//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsCommandLine
internal import EventsSQLite

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Finds out where deliveries are.
struct DeliveryFinder {
    let session: ReadSession
    let live: LiveFacts
    let subscriptions: [SubscriptionRow]
    let head: Int64

    /// How far to look for what comes before a delivery.
    static let reach: Int64 = 20_000
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

    func bind(_ key: Int64, _ offset: Int64) -> (Statement) -> Void {
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
                "It is a dead letter (\(letter.1)) since \(time(letter.0)), after \(count(verdict.attempts, "attempt")): \(letter.2).\(parks)\(try plan(of: key, offset))"
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

    /// What a redrive plan has in store for a dead letter.
    private func plan(of key: Int64, _ offset: Int64) throws -> String {
        let plan = try session.first(
            """
            SELECT p.id, p.state, p.interval, (SELECT count(*) FROM bus_plan_items AS o
                WHERE o.plan = i.plan AND o.state = 'pending' AND o.position < i.position)
            FROM bus_plan_items AS i JOIN bus_plans AS p ON p.id = i.plan
            WHERE i.subscription = ?1 AND i.offset = ?2 AND i.state = 'pending' AND p.state IN ('planned', 'applying') ORDER BY p.id
            """, bind(key, offset)
        ) { ($0.int64(0), $0.text(1), $0.int64(2), Int($0.int64(3))) }
        guard let plan else { return "" }
        if plan.1 == "planned" { return " Plan \(plan.0) has it, and is not applied yet." }
        let interval = Duration.microseconds(max(0, plan.2)).compactText
        return
            " Plan \(plan.0) sends it back, after \(count(plan.3, "other letter")), at a rate of one each \(interval).\(stopped)"
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

    // MARK: Words

    var stopped: String { live.isOwned ? "" : " Nobody has the log open now." }

    func time(_ microseconds: Int64) -> String { Date(microseconds: microseconds).formatted(.iso8601) }

    func count(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(plural ?? noun + "s")"
    }
}
