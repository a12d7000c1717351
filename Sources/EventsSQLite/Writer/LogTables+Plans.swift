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

/// A letter of a plan, as the table has it.
struct PlanItem {
    let plan: Int64
    let position: Int64
    let arrival: Int64
}

/// A plan as whoever carries it out needs it.
struct StoredPlan {
    let id: Int64
    let state: PlanState
    let pace: PlanPace
    let lastSent: Date?
}

extension LogTables {
    /// Makes a plan of the letters that a filter matches now. What dies later is none of its business.
    ///
    /// - Returns: The plan, and of how many letters it is; `nil`, and no plan, when there are none.
    func makePlan(_ filter: DeadLetterFilter, audit: LogAudit, at time: Date) throws -> (id: Int64, letters: Int)? {
        let statement = try connection.statement(
            "INSERT INTO bus_plans (state, filter, created_at) VALUES ('planned', ?1, ?2) RETURNING id")
        statement.bind(1, filter.subject)
        statement.bind(2, time.microseconds)
        var id: Int64 = 0
        while try statement.step() { id = statement.int64(0) }
        let condition = LetterCondition(.matching(filter))
        let items = try connection.prepare(
            """
            INSERT INTO bus_plan_items (plan, position, subscription, offset, arrival, state)
            SELECT \(id), row_number() OVER (ORDER BY l.arrival), l.subscription, l.offset, l.arrival, 'pending'
            FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription WHERE \(condition.sql)
            """)
        condition.bind(to: items)
        try items.run()
        let count = connection.changes
        guard count > 0 else {
            let deletion = try connection.statement("DELETE FROM bus_plans WHERE id = ?1")
            deletion.bind(1, id)
            try deletion.run()
            return nil
        }
        _ = try insertAudit(audit, action: "plan", subject: "plan \(id): \(filter.subject)", affected: count, time: time)
        return (id, count)
    }

    /// Has a plan carried out by the bus that has the log, or the next one.
    func applyPlan(_ id: Int64, _ pace: PlanPace, audit: LogAudit, at time: Date) throws {
        try require(id, in: [.planned], to: "applied")
        let statement = try connection.statement(
            """
            UPDATE bus_plans SET state = 'applying', canary = ?2, interval = ?3, abort_after = ?4, applied_at = ?5 WHERE id = ?1
            """)
        statement.bind(1, id)
        statement.bind(2, max(0, pace.canary))
        statement.bind(3, max(0, pace.interval))
        statement.bind(4, pace.abortAfter.map { Int64(max(1, $0)) })
        statement.bind(5, time.microseconds)
        try statement.run()
        _ = try insertAudit(audit, action: "apply", subject: "plan \(id)", affected: try progress(of: id).pending, time: time)
    }

    /// Stops a plan. What was sent goes on; the rest stay the letters that they are.
    func cancelPlan(_ id: Int64, audit: LogAudit, at time: Date) throws {
        try require(id, in: [.planned, .applying], to: "cancelled")
        try observePlan(id, at: time)
        let progress = try progress(of: id)
        try endPlan(id, .cancelled, because: "by hand", at: time)
        _ = try insertAudit(audit, action: "cancel", subject: "plan \(id)", affected: progress.pending, time: time)
    }

    private func require(_ id: Int64, in states: [PlanState], to verb: String) throws {
        guard let state = try plan(id)?.state else {
            throw LogFailure(.invalid, "there is no plan \(id)")
        }
        guard states.contains(state) else {
            throw LogFailure(.invalid, "plan \(id) is \(state.rawValue) and cannot be \(verb); make a new one")
        }
    }

    // MARK: Carrying out

    /// The plan that is next to be carried out. One at a time is.
    func planUnderWay() throws -> StoredPlan? {
        let statement = try connection.statement("SELECT min(id) FROM bus_plans WHERE state = 'applying'")
        defer { statement.reset() }
        return try statement.step() ? statement.int64OrNil(0).flatMap(plan) : nil
    }

    private func plan(_ id: Int64) throws -> StoredPlan? {
        let statement = try connection.statement(
            "SELECT state, canary, interval, abort_after, last_sent_at FROM bus_plans WHERE id = ?1")
        statement.bind(1, id)
        defer { statement.reset() }
        guard try statement.step(), let state = PlanState(rawValue: statement.text(0)) else { return nil }
        var pace = PlanPace()
        pace.canary = Int(statement.int64(1))
        pace.interval = statement.int64(2)
        pace.abortAfter = statement.int64OrNil(3).map { Int($0) }
        return StoredPlan(id: id, state: state, pace: pace, lastSent: statement.int64OrNil(4).map { Date(microseconds: $0) })
    }

    /// Notes what became of the letters that a plan has sent.
    func observePlan(_ id: Int64, at time: Date) throws {
        let statement = try connection.statement(
            """
            UPDATE bus_plan_items SET ended_at = ?2, state = CASE
                WHEN EXISTS (SELECT 1 FROM bus_dead_letters l
                    WHERE l.subscription = bus_plan_items.subscription AND l.offset = bus_plan_items.offset) THEN 'dead'
                WHEN EXISTS (SELECT 1 FROM bus_discards d
                    WHERE d.subscription = bus_plan_items.subscription AND d.offset = bus_plan_items.offset) THEN 'discarded'
                ELSE 'completed' END
            WHERE plan = ?1 AND state = 'sent' AND NOT EXISTS (SELECT 1 FROM bus_deliveries d
                WHERE d.subscription = bus_plan_items.subscription AND d.offset = bus_plan_items.offset)
            """)
        statement.bind(1, id)
        statement.bind(2, time.microseconds)
        try statement.run()
    }

    /// How far a plan is.
    func progress(of id: Int64) throws -> PlanProgress { try PlanProgress(of: id) { try connection.statement($0) } }

    /// Ends a plan.
    func endPlan(_ id: Int64, _ state: PlanState, because reason: String, at time: Date) throws {
        let statement = try connection.statement(
            "UPDATE bus_plans SET state = ?2, ended_because = ?3, ended_at = ?4 WHERE id = ?1")
        statement.bind(1, id)
        statement.bind(2, state.rawValue)
        statement.bind(3, reason)
        statement.bind(4, time.microseconds)
        try statement.run()
    }

    /// Letters of a plan that were not sent yet, in its order.
    func pendingItems(of plan: Int64, limit: Int) throws -> [PlanItem] {
        let statement = try connection.statement(
            "SELECT position, arrival FROM bus_plan_items WHERE plan = ?1 AND state = 'pending' ORDER BY position LIMIT ?2")
        statement.bind(1, plan)
        statement.bind(2, limit)
        var items: [PlanItem] = []
        while try statement.step() {
            items.append(PlanItem(plan: plan, position: statement.int64(0), arrival: statement.int64(1)))
        }
        return items
    }

    /// Notes that a letter was sent, or why it was not.
    func setState(_ state: PlanItemState, of item: PlanItem, at time: Date) throws {
        let statement = try connection.statement(
            """
            UPDATE bus_plan_items SET state = ?3, sent_at = CASE WHEN ?3 = 'sent' THEN ?4 END,
                ended_at = CASE WHEN ?3 = 'sent' THEN NULL ELSE ?4 END WHERE plan = ?1 AND position = ?2
            """)
        statement.bind(1, item.plan)
        statement.bind(2, item.position)
        statement.bind(3, state.rawValue)
        statement.bind(4, time.microseconds)
        try statement.run()
        guard state == .sent else { return }
        let sending = try connection.statement("UPDATE bus_plans SET last_sent_at = ?2 WHERE id = ?1")
        sending.bind(1, item.plan)
        sending.bind(2, time.microseconds)
        try sending.run()
    }
}

extension PlanProgress {
    private static let countSQL: StaticString =
        "SELECT state, count(*) FROM bus_plan_items WHERE plan = ?1 GROUP BY state"
    private static let parkedSQL: StaticString = """
        SELECT count(*) FROM bus_plan_items i
            JOIN bus_deliveries d ON d.subscription = i.subscription AND d.offset = i.offset
            JOIN bus_subscriptions s ON s.id = i.subscription
        WHERE i.plan = ?1 AND i.state = 'sent' AND d.state = 'waiting' AND s.delivery_order IS NOT 'unordered'
            AND EXISTS (SELECT 1 FROM bus_dead_letters l WHERE l.parks_key = 1 AND l.subscription = i.subscription
                AND l.offset < i.offset AND (s.delivery_order = 'serial' OR l.ordering_key IS d.ordering_key))
        """

    /// How far a plan is, from the log's tables.
    package init(of plan: Int64, statement: (StaticString) throws -> Statement) throws {
        self.init()
        let counts = try statement(Self.countSQL)
        counts.bind(1, plan)
        while try counts.step() {
            let count = Int(counts.int64(1))
            switch PlanItemState(rawValue: counts.text(0)) {
            case .pending: pending = count
            case .sent: sent = count
            case .completed: completed = count
            case .dead: dead = count
            case .discarded: discarded = count
            case .gone: gone = count
            case .noHandler: noHandler = count
            case nil: break
            }
        }
        guard sent > 0 else { return }
        let waiting = try statement(Self.parkedSQL)
        waiting.bind(1, plan)
        while try waiting.step() { parked = Int(waiting.int64(0)) }
    }
}
