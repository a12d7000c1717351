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
public import FoundationEssentials
#else
public import Foundation
#endif

/// A change that somebody asked for.
public struct AuditRecord: Sendable, Hashable, Codable {
    /// Its number.
    public var number: Int64
    /// When.
    public var at: Date
    /// Who.
    public var actor: String
    /// What: `redrive`, `discard`, `edit`, `plan`, `apply`, `send`, `cancel` or `remove`.
    public var action: String
    /// About what: a delivery, a filter, a plan or a subscription.
    public var subject: String
    /// How many deliveries it changed.
    public var affected: Int
    /// Why.
    public var reason: String
}

/// A redrive plan.
public struct PlanRecord: Sendable, Hashable, Codable {
    /// Its number.
    public var plan: Int64
    /// `planned`, `applying`, `done`, `aborted` or `cancelled`.
    public var state: String
    /// The filter that its letters were chosen by, in words.
    public var filter: String
    /// When it was made.
    public var createdAt: Date
    /// When it was applied.
    public var appliedAt: Date?
    /// When it was over.
    public var endedAt: Date?
    /// Why it was over.
    public var endedBecause: String?
    /// So many letters go first.
    public var canary: Int
    /// The time between two letters, in seconds.
    public var intervalSeconds: Double
    /// After so many failures it ends.
    public var abortAfter: Int?
    /// Letters that are to be sent.
    public var pending: Int
    /// Letters that were sent and have come to nothing yet.
    public var sent: Int
    /// Of those, how many wait behind a dead letter.
    public var parked: Int
    /// Letters whose handler succeeded.
    public var completed: Int
    /// Letters that failed again.
    public var dead: Int
    /// Letters that were given up.
    public var discarded: Int
    /// Letters that were left alone, not being what they were when the plan was made.
    public var gone: Int
    /// Letters that were left alone, since nobody handles their type.
    public var unhandled: Int
    /// All letters.
    public var total: Int
}

/// What a plan, or a change of many letters, would be about.
public struct LetterPreview: Sendable, Hashable, Codable {
    /// The filter, in words.
    public var filter: String
    /// Letters.
    public var letters: Int
    /// Different ordering keys among them.
    public var keys: Int
    /// Deliveries that wait behind them.
    public var parked: Int
    /// Letters whose subscription does not take their type now, so that they would stay.
    public var unhandled: Int
    /// Earlier letters of the same keys that the filter leaves out.
    public var leftBehind: Int
    /// When the first of them died.
    public var oldest: Date?
    /// By subscription, how many.
    public var subscriptions: [String: Int]
}

extension LogInspection {
    /// The latest changes, in order.
    package func audit(limit: Int) throws -> [AuditRecord] {
        try read { session in
            try session.rows(
                "SELECT id, at, actor, action, subject, affected, reason FROM bus_audit ORDER BY id DESC LIMIT ?1",
                { $0.bind(1, max(1, limit)) }
            ) {
                AuditRecord(
                    number: $0.int64(0), at: Date(microseconds: $0.int64(1)), actor: $0.text(2), action: $0.text(3),
                    subject: $0.text(4), affected: Int($0.int64(5)), reason: $0.text(6))
            }.reversed()
        }
    }

    /// The redrive plans, in order; one of them where a number is given.
    package func plans(_ number: Int64? = nil) throws -> [PlanRecord] {
        try read { session in
            try session.rows(
                """
                SELECT id, state, filter, created_at, applied_at, ended_at, ended_because, canary, interval, abort_after
                FROM bus_plans WHERE ?1 IS NULL OR id = ?1 ORDER BY id
                """, { $0.bind(1, number) }
            ) { row in
                let progress = try PlanProgress(of: row.int64(0)) { try session.keep($0.description) }
                return PlanRecord(
                    plan: row.int64(0), state: row.text(1), filter: row.text(2), createdAt: Date(microseconds: row.int64(3)),
                    appliedAt: row.int64OrNil(4).map { Date(microseconds: $0) },
                    endedAt: row.int64OrNil(5).map { Date(microseconds: $0) }, endedBecause: row.textOrNil(6),
                    canary: Int(row.int64(7)), intervalSeconds: Double(row.int64(8)) / 1_000_000,
                    abortAfter: row.int64OrNil(9).map { Int($0) }, pending: progress.pending, sent: progress.sent,
                    parked: progress.parked, completed: progress.completed, dead: progress.dead, discarded: progress.discarded,
                    gone: progress.gone, unhandled: progress.noHandler, total: progress.total)
            }
        }
    }

    /// What a change of the letters that a filter matches would be about.
    package func preview(_ filter: DeadLetterFilter) throws -> LetterPreview {
        try read { session in
            let condition = LetterCondition(.matching(filter))
            let statement = try session.connection.prepare(
                """
                SELECT s.name, l.event_name, l.reason, count(*), min(l.died_at),
                    EXISTS (SELECT 1 FROM bus_subscription_types AS t WHERE t.subscription = l.subscription
                        AND t.event_name = l.event_name AND t.through_offset IS NULL)
                FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription WHERE \(condition.sql)
                GROUP BY l.subscription, l.event_name, l.reason
                """)
            condition.bind(to: statement)
            var preview = LetterPreview(
                filter: filter.subject, letters: 0, keys: 0, parked: 0, unhandled: 0, leftBehind: 0, subscriptions: [:])
            var oldest: Int64?
            while try statement.step() {
                let count = Int(statement.int64(3))
                preview.letters += count
                preview.subscriptions[statement.text(0), default: 0] += count
                if statement.int64(5) == 0, statement.text(2) != DeadLetter.Reason.corrupt.rawValue { preview.unhandled += count }
                oldest = min(oldest ?? .max, statement.int64(4))
            }
            preview.oldest = oldest.map { Date(microseconds: $0) }
            preview.keys = try number(
                """
                SELECT count(*) FROM (SELECT DISTINCT l.subscription, l.ordering_key FROM bus_dead_letters AS l
                JOIN bus_subscriptions AS s ON s.id = l.subscription WHERE \(condition.sql) AND l.ordering_key IS NOT NULL)
                """, condition, session)
            preview.parked = try number(
                """
                SELECT count(*) FROM bus_deliveries AS d WHERE d.state = 'waiting' AND EXISTS (
                    SELECT 1 FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription
                    WHERE \(condition.sql) AND l.parks_key = 1 AND l.subscription = d.subscription AND l.offset < d.offset
                        AND (s.delivery_order = 'serial' OR l.ordering_key IS d.ordering_key)
                        AND s.delivery_order IS NOT 'unordered')
                """, condition, session)
            preview.leftBehind = try number(
                """
                WITH chosen AS (SELECT l.arrival, l.subscription, l.offset, l.ordering_key FROM bus_dead_letters AS l
                    JOIN bus_subscriptions AS s ON s.id = l.subscription WHERE \(condition.sql) AND l.ordering_key IS NOT NULL)
                SELECT count(*) FROM bus_dead_letters AS o
                WHERE o.arrival NOT IN (SELECT arrival FROM chosen) AND o.parks_key = 1 AND EXISTS (SELECT 1 FROM chosen AS c
                    WHERE c.subscription = o.subscription AND c.ordering_key = o.ordering_key AND c.offset > o.offset)
                """, condition, session)
            return preview
        }
    }

    private func number(_ sql: String, _ condition: LetterCondition, _ session: ReadSession) throws -> Int {
        let statement = try session.connection.prepare(sql)
        condition.bind(to: statement)
        return try statement.step() ? Int(statement.int64(0)) : 0
    }
}
