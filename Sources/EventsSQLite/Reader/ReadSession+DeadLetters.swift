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

extension ReadSession {
    /// How many attempts of a delivery are read at most: the first and the newest.
    private static var attemptLimit: Int { 256 }

    private enum LetterSQL {
        static let select = """
            SELECT \(EventRow.columns), l.arrival, l.subscription, s.name, l.offset, l.ordering_key, l.event_name, \
            l.correlation_id, l.reason, l.error_type, l.error_text, l.died_at, l.parks_key, l.attempts, l.failed_attempts, \
            l.crashes, l.redrives, l.is_depth_reset
            FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription
            LEFT JOIN bus_events AS e ON e.offset = l.offset
            """
        static let newestAttempts = attempts("DESC")
        static let firstAttempts = attempts("ASC")
        static let counts = """
            SELECT s.name, l.error_type, count(*) FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription
            GROUP BY l.subscription, l.error_type
            """
        static let discards = """
            SELECT s.name, d.offset, e.name, e.id, d.reason, d.discarded_at
            FROM bus_discards AS d JOIN bus_subscriptions AS s ON s.id = d.subscription
            LEFT JOIN bus_events AS e ON e.offset = d.offset
            WHERE d.was_dead = 1 ORDER BY d.id DESC LIMIT ?1
            """

        private static func attempts(_ order: String) -> String {
            """
            SELECT number, started_at, duration, error_type, error_text, is_counted FROM bus_attempts
            WHERE subscription = ?1 AND offset = ?2 ORDER BY number \(order) LIMIT ?3
            """
        }
    }

    /// Dead letters in order of arrival.
    func deadLetters(_ selection: DeadLetterSelection) throws -> [StoredDeadLetter] {
        guard selection.limit > 0 else { return [] }
        let condition = LetterCondition(selection.letters, after: selection.after)
        let statement = try connection.prepare("\(LetterSQL.select) WHERE \(condition.sql) ORDER BY l.arrival LIMIT ?")
        statement.bind(condition.bind(to: statement), selection.limit)
        var letters: [StoredDeadLetter] = []
        let hasEdits = try hasEdits()
        while try statement.step() { letters.append(try letter(statement, hasEdits)) }
        return letters
    }

    private func letter(_ row: Statement, _ hasEdits: Bool) throws(SQLiteError) -> StoredDeadLetter {
        let first = EventRow.columnCount
        let offset = row.int64(first + 3)
        return StoredDeadLetter(
            arrival: row.int64(first),
            id: DeadLetter.ID(subscription: row.text(first + 2), offset: Offset(rawValue: offset)),
            event: try handled(
                EventRow(row).decode(
                    at: offset, name: row.text(first + 5), orderingKey: row.textOrNil(first + 4),
                    correlationID: row.withBytes(first + 6) { EventID(ascii: $0) }),
                by: row.int64(first + 1), hasEdits),
            letter: LogLetter(
                // A reason that this code does not know can only stand in a file that something else changed.
                reason: DeadLetter.Reason(rawValue: row.text(first + 7)) ?? .corrupt,
                errorType: row.text(first + 8), errorText: row.text(first + 9),
                time: Date(microseconds: row.int64(first + 10)), parksKey: row.int64(first + 11) != 0),
            counts: LogCounts(row, from: first + 12),
            attempts: try attempts(subscription: row.int64(first + 1), offset: offset))
    }

    private func attempts(subscription: Int64, offset: Int64) throws(SQLiteError) -> [Attempt] {
        var attempts = try readAttempts(LetterSQL.newestAttempts, subscription, offset, limit: Self.attemptLimit)
        if attempts.count == Self.attemptLimit {
            // Of a long history the first attempt says how it began.
            attempts.removeLast()
            attempts += try readAttempts(LetterSQL.firstAttempts, subscription, offset, limit: 1)
        }
        attempts.reverse()
        return attempts
    }

    private func readAttempts(
        _ sql: String, _ subscription: Int64, _ offset: Int64, limit: Int
    ) throws(SQLiteError) -> [Attempt] {
        let statement = try keep(sql)
        statement.bind(1, subscription)
        statement.bind(2, offset)
        statement.bind(3, limit)
        defer { statement.reset() }
        var attempts: [Attempt] = []
        while try statement.step() {
            attempts.append(
                Attempt(
                    number: Int(truncatingIfNeeded: statement.int64(0)), startedAt: Date(microseconds: statement.int64(1)),
                    duration: .microseconds(statement.int64(2)), errorType: statement.text(3), errorText: statement.text(4),
                    isCounted: statement.int64(5) != 0))
        }
        return attempts
    }

    /// How many dead letters there are by subscription and error type.
    func deadLetterCounts() throws -> [DeadLetterCount] {
        let statement = try keep(LetterSQL.counts)
        defer { statement.reset() }
        var counts: [DeadLetterCount] = []
        while try statement.step() {
            counts.append(
                DeadLetterCount(
                    subscription: statement.text(0), errorType: statement.text(1),
                    count: Int(truncatingIfNeeded: statement.int64(2))))
        }
        return counts
    }

    /// The latest discards of dead letters, oldest first.
    func discards(limit: Int) throws -> [DeadLetterDiscard] {
        let statement = try keep(LetterSQL.discards)
        statement.bind(1, max(0, limit))
        defer { statement.reset() }
        var discards: [DeadLetterDiscard] = []
        while try statement.step() {
            discards.append(
                DeadLetterDiscard(
                    id: DeadLetter.ID(subscription: statement.text(0), offset: Offset(rawValue: statement.int64(1))),
                    eventName: statement.text(2), eventID: statement.withBytes(3) { EventID(ascii: $0) } ?? .unreadable,
                    reason: statement.text(4), time: Date(microseconds: statement.int64(5))))
        }
        return Array(discards.reversed())
    }
}
