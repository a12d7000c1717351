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
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LogInspection {
    /// How many deliveries behind a letter are counted.
    private static let countedFollowers = 10_000
    /// How many of them are listed.
    private static let listedFollowers = 20

    private static let columns = """
        l.arrival, l.subscription, s.name, l.offset, l.ordering_key, l.event_name, l.correlation_id, l.reason, l.error_type,
        l.error_text, l.died_at, l.parks_key, l.attempts, l.redrives, s.delivery_order, e.id
        """
    private static let tables = """
        bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription LEFT JOIN bus_events AS e ON e.offset = l.offset
        """

    /// A page of dead letters.
    package func deadLetters(_ query: DeadLetterQuery) throws -> DeadLetterList {
        try read { session in
            let condition = LetterCondition(.matching(query.filter))
            let limit = max(1, query.limit)
            let statement = try session.connection.prepare(
                """
                SELECT \(Self.columns) FROM \(Self.tables)
                WHERE \(condition.sql) AND l.arrival \(query.isNewestFirst ? "<" : ">") ?
                ORDER BY l.arrival \(query.isNewestFirst ? "DESC" : "ASC") LIMIT ?
                """)
            let position = condition.bind(to: statement)
            statement.bind(position, query.after ?? (query.isNewestFirst ? .max : 0))
            statement.bind(position + 1, limit < .max ? limit + 1 : limit)
            var found: [(arrival: Int64, letter: DeadLetterSummary)] = []
            while try statement.step() { found.append((statement.int64(0), try summary(statement, session))) }
            let page = found.prefix(limit)
            return DeadLetterList(
                letters: page.map(\.letter), total: try count(query.filter, session),
                next: found.count > limit ? page.last?.arrival : nil)
        }
    }

    /// How many letters a filter matches.
    func count(_ filter: DeadLetterFilter, _ session: ReadSession) throws -> Int {
        let condition = LetterCondition(.matching(filter))
        let statement = try session.connection.prepare(
            "SELECT count(*) FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription WHERE \(condition.sql)"
        )
        condition.bind(to: statement)
        return try statement.step() ? Int(statement.int64(0)) : 0
    }

    /// Dead letters by what they have in common, the largest group first.
    package func deadLetterGroups(_ filter: DeadLetterFilter) throws -> [DeadLetterGroup] {
        try read { session in
            let condition = LetterCondition(.matching(filter))
            // With one max(), SQLite takes the bare columns from the row that has it.
            let statement = try session.connection.prepare(
                """
                SELECT s.name, l.event_name, l.reason, l.error_type, count(*), sum(l.parks_key), min(l.died_at), max(l.died_at),
                    s.name || '/' || l.offset, l.error_text
                FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription WHERE \(condition.sql)
                GROUP BY l.subscription, l.event_name, l.reason, l.error_type ORDER BY count(*) DESC, s.name, l.error_type
                """)
            condition.bind(to: statement)
            var groups: [DeadLetterGroup] = []
            while try statement.step() {
                groups.append(
                    DeadLetterGroup(
                        subscription: statement.text(0), event: statement.text(1), reason: statement.text(2),
                        errorType: statement.text(3), letters: Int(statement.int64(4)), parking: Int(statement.int64(5)),
                        oldest: Date(microseconds: statement.int64(6)), newest: Date(microseconds: statement.int64(7)),
                        example: statement.text(8), errorText: statement.text(9)))
            }
            return groups
        }
    }

    /// One dead letter with all there is to know of it; `nil` when there is none of this identity.
    ///
    /// - Parameter withPayload: Whether to read the payload as well.
    package func deadLetter(_ id: DeadLetter.ID, withPayload: Bool) throws -> DeadLetterDetail? {
        try read { session in
            let statement = try session.keep("SELECT \(Self.columns) FROM \(Self.tables) WHERE s.name = ?1 AND l.offset = ?2")
            statement.bind(1, id.subscription)
            statement.bind(2, id.offset.rawValue)
            defer { statement.reset() }
            guard try statement.step() else { return nil }
            let letter = try summary(statement, session)
            let key = statement.int64(1)
            let order = DeliveryOrder(stored: statement.textOrNil(14)) ?? .perKey
            let history = try attempts(key, id.offset.rawValue, session)
            let event = try session.event(at: id.offset.rawValue)
            let edit =
                withPayload ? try PayloadEdit(session.keep(PayloadEdit.sql), subscription: key, offset: id.offset.rawValue) : nil
            return DeadLetterDetail(
                letter: letter, history: history,
                omittedAttempts: letter.attempts > history.count ? letter.attempts - history.count : 0,
                redriven: try changes("bus_redrives", "redriven_at", key, id.offset.rawValue, session),
                edited: try changes("bus_edits", "edited_at", key, id.offset.rawValue, session),
                followers: letter.parked > 0 ? try followers(of: letter, key, order, session) : [],
                chain: try event.map { try chain(to: $0, session) } ?? [], headers: event?.event.headers ?? [:],
                payload: withPayload ? event.map { String(decoding: $0.event.payload, as: UTF8.self) } : nil,
                editedPayload: edit.map { String(decoding: $0.payload, as: UTF8.self) })
        }
    }

    // MARK: Parts

    private func summary(_ row: Statement, _ session: ReadSession) throws -> DeadLetterSummary {
        let (key, offset) = (row.int64(1), row.int64(3))
        let parks = row.int64(11) != 0
        let order = DeliveryOrder(stored: row.textOrNil(14)) ?? .perKey
        let parked = parks ? try followerCount(key, offset, row.textOrNil(4), order, session) : 0
        return DeadLetterSummary(
            id: DeadLetter.ID(subscription: row.text(2), offset: Offset(rawValue: offset)).description, subscription: row.text(2),
            offset: offset, eventID: row.textOrNil(15), event: row.text(5), key: row.textOrNil(4), correlationID: row.text(6),
            reason: row.text(7), errorType: row.text(8), errorText: row.text(9), diedAt: Date(microseconds: row.int64(10)),
            attempts: Int(row.int64(12)), redrives: Int(row.int64(13)), parksKey: parks,
            parked: min(parked, Self.countedFollowers), parkedIsAtLeast: parked > Self.countedFollowers,
            edits: Int(
                try session.first(
                    "SELECT count(*) FROM bus_edits WHERE subscription = ?1 AND offset = ?2", Self.binding(key, offset)
                ) { $0.int64(0) } ?? 0),
            plan: try session.first(
                """
                SELECT i.plan FROM bus_plan_items AS i JOIN bus_plans AS p ON p.id = i.plan
                WHERE i.subscription = ?1 AND i.offset = ?2 AND i.arrival = ?3 AND i.state = 'pending'
                    AND p.state IN ('planned', 'applying') LIMIT 1
                """,
                {
                    Self.binding(key, offset)($0)
                    $0.bind(3, row.int64(0))
                }
            ) { $0.int64(0) })
    }

    private static func binding(_ key: Int64, _ offset: Int64) -> (Statement) -> Void {
        {
            $0.bind(1, key)
            $0.bind(2, offset)
        }
    }

    private func followerCount(
        _ key: Int64, _ offset: Int64, _ orderingKey: String?, _ order: DeliveryOrder, _ session: ReadSession
    ) throws -> Int {
        let sql =
            switch order {
            case .unordered: ""
            case .serial: "offset > ?2 AND state = 'waiting'"
            case .perKey: "ordering_key IS ?3 AND offset > ?2 AND state = 'waiting'"
            }
        guard !sql.isEmpty else { return 0 }
        return Int(
            try session.first(
                """
                SELECT count(*) FROM (SELECT 1 FROM bus_deliveries WHERE subscription = ?1 AND \(sql)
                LIMIT \(Self.countedFollowers + 1))
                """,
                { statement in
                    Self.binding(key, offset)(statement)
                    if order == .perKey { statement.bind(3, orderingKey) }
                }
            ) { $0.int64(0) } ?? 0)
    }

    private func followers(
        of letter: DeadLetterSummary, _ key: Int64, _ order: DeliveryOrder, _ session: ReadSession
    ) throws -> [String] {
        let condition = order == .serial ? "" : "AND ordering_key IS ?3"
        return try session.rows(
            """
            SELECT offset FROM bus_deliveries WHERE subscription = ?1 AND offset > ?2 \(condition) AND state = 'waiting'
            ORDER BY offset LIMIT \(Self.listedFollowers)
            """,
            { statement in
                Self.binding(key, letter.offset)(statement)
                if order != .serial { statement.bind(3, letter.key) }
            }
        ) { DeadLetter.ID(subscription: letter.subscription, offset: Offset(rawValue: $0.int64(0))).description }
    }

    /// The attempts of a delivery that the log lists.
    func attempts(_ key: Int64, _ offset: Int64, _ session: ReadSession) throws -> [AttemptRecord] {
        try session.rows(
            """
            SELECT number, started_at, duration, error_type, error_text, is_counted FROM bus_attempts
            WHERE subscription = ?1 AND offset = ?2 ORDER BY number LIMIT 300
            """, Self.binding(key, offset)
        ) { row in
            AttemptRecord(
                number: Int(truncatingIfNeeded: row.int64(0)), startedAt: Date(microseconds: row.int64(1)),
                seconds: Double(row.int64(2)) / 1_000_000, errorType: row.text(3), errorText: row.text(4),
                isCounted: row.int64(5) != 0)
        }
    }

    private func changes(
        _ table: String, _ time: String, _ key: Int64, _ offset: Int64, _ session: ReadSession
    ) throws -> [ChangeRecord] {
        try session.rows(
            """
            SELECT c.\(time), coalesce(a.actor, ''), coalesce(a.reason, '') FROM \(table) AS c
            LEFT JOIN bus_audit AS a ON a.id = c.audit
            WHERE c.subscription = ?1 AND c.offset = ?2 ORDER BY c.number
            """, Self.binding(key, offset)
        ) { ChangeRecord(at: Date(microseconds: $0.int64(0)), actor: $0.text(1), reason: $0.text(2)) }
    }

    /// The events that led to an event, and itself, as far as the log still has them.
    private func chain(to event: StoredEvent, _ session: ReadSession) throws -> [EventSummary] {
        let correlation = event.event.correlationID ?? event.event.id
        guard event.event.causationID != nil else { return [EventSummary(event)] }
        let others = try session.correlated(correlation, limit: 1_000).events
        let byID = Dictionary(others.map { ($0.event.id, $0) }, uniquingKeysWith: { first, _ in first })
        var chain = [event]
        var seen: Set<EventID> = [event.event.id]
        while let cause = chain[0].event.causationID, let found = byID[cause], seen.insert(cause).inserted {
            chain.insert(found, at: 0)
        }
        return chain.map(EventSummary.init)
    }
}
