//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import EventsSQLite

/// Holds a file that `CrashTestProcess` has left against what must be in it. `Sources/CrashTestProcess/Workload.swift` says what its
/// handlers do.
struct CrashFindings {
    private let connection: Connection

    init(_ path: String) throws {
        // Opening for writing recovers the write-ahead log, as the next owner would.
        connection = try Connection(path: path, mode: .readWrite)
    }

    /// - Parameters:
    ///   - acknowledged: The offsets of acknowledged numbers.
    ///   - total: The numbers from 0 up to this one were published in the end.
    func problems(acknowledged: [Int: Int64], total: Int) throws -> [String] {
        try integrity() + events(acknowledged, total) + effects() + order() + unfinished()
    }

    private func integrity() throws -> [String] {
        let check = try connection.text("PRAGMA integrity_check") ?? "nothing"
        return check == "ok" ? [] : ["integrity_check: \(check)"]
    }

    private func events(_ acknowledged: [Int: Int64], _ total: Int) throws -> [String] {
        var problems: [String] = []
        var found: [Int: [Int64]] = [:]
        let statement = try connection.prepare(
            "SELECT json_extract(payload, '$.number'), offset FROM bus_events WHERE name = 'crash.numbered' ORDER BY offset")
        while try statement.step() { found[Int(statement.int64(0)), default: []].append(statement.int64(1)) }
        for (number, offset) in acknowledged where found[number] != [offset] {
            problems.append("lost: \(number) was acknowledged at \(offset) and is at \(found[number] ?? [])")
        }
        for number in 0..<total where found[number]?.count != 1 {
            problems.append("\(number) is there \(found[number]?.count ?? 0) times")
        }
        if found.count != total { problems.append("\(found.count) numbers are there, and \(total) were published") }
        // Publishing one after the other is the order of a key.
        problems += try list(
            "out of order in the log",
            """
            SELECT offset FROM (
                SELECT offset, json_extract(payload, '$.number') AS number, lag(json_extract(payload, '$.number'))
                    OVER (PARTITION BY ordering_key ORDER BY offset) AS before
                FROM bus_events WHERE name = 'crash.numbered')
            WHERE number <= before
            """)
        return problems
    }

    /// Which deliveries have to complete, in SQL.
    private static let completing = """
        WITH numbered AS (
            SELECT offset, json_extract(payload, '$.number') AS number FROM bus_events WHERE name = 'crash.numbered'),
        followed AS (
            SELECT offset, json_extract(payload, '$.number') AS number, json_extract(payload, '$.origin') AS origin
            FROM bus_events WHERE name = 'crash.followed'),
        completing AS (
            SELECT 'count' AS subscription, offset FROM numbered
            UNION ALL SELECT 'slow', offset FROM numbered
            UNION ALL SELECT 'picky', offset FROM numbered WHERE number % 11 <> 0 AND number % 13 <> 0
            UNION ALL SELECT 'count', offset FROM followed),
        dying AS (
            SELECT offset FROM numbered WHERE number % 11 = 0 OR number % 13 = 0)

        """

    private func effects() throws -> [String] {
        let same = "effects.subscription = completing.subscription AND effects.offset = completing.offset"
        return try list(
            "an effect that is not there",
            Self.completing + "SELECT completing.offset FROM completing LEFT JOIN effects ON \(same) WHERE effects.id IS NULL")
            + list("an effect twice", "SELECT offset FROM effects GROUP BY subscription, offset HAVING count(*) > 1")
            + list(
                "an effect that nobody had",
                Self.completing
                    + "SELECT effects.offset FROM effects LEFT JOIN completing ON \(same) WHERE completing.offset IS NULL")
            + list(
                "a number whose events were not emitted once",
                Self.completing + """
                    SELECT numbered.number FROM numbered LEFT JOIN followed ON numbered.number = followed.number
                    GROUP BY numbered.number
                    HAVING count(followed.offset) <> (numbered.number % 3 = 0) + (numbered.number % 4 = 0)
                        OR total(followed.origin = 'emitted') <> (numbered.number % 3 = 0)
                    """)
    }

    private func order() throws -> [String] {
        try list(
            "out of order",
            """
            SELECT offset FROM (
                SELECT offset, lag(offset) OVER (PARTITION BY subscription, ordering_key ORDER BY id) AS before FROM effects)
            WHERE offset <= before
            """)
    }

    private func unfinished() throws -> [String] {
        try list("stuck", "SELECT offset FROM bus_deliveries")
            + list(
                "a dead letter that nobody meant",
                Self.completing + """
                    SELECT offset FROM bus_dead_letters WHERE offset NOT IN (SELECT offset FROM dying)
                        OR subscription <> (SELECT id FROM bus_subscriptions WHERE name = 'picky')
                    """)
            + list(
                "a dead letter that is not there",
                Self.completing + "SELECT offset FROM dying WHERE offset NOT IN (SELECT offset FROM bus_dead_letters)")
            + list(
                "an attempt too many",
                """
                SELECT offset FROM bus_attempts WHERE is_counted GROUP BY subscription, offset HAVING count(*) > 3
                """)
    }

    private func list(_ what: String, _ sql: String) throws -> [String] {
        let statement = try connection.prepare(sql)
        var found: [Int64] = []
        while try statement.step() { found.append(statement.int64(0)) }
        return found.isEmpty ? [] : ["\(what): \(found.count), the first \(found.prefix(5))"]
    }
}
