//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Synchronization
import Testing

@testable import EventsSQLite

@Suite("Reading with SQL")
struct ReadTransactionTests {
    private func value(_ sql: String, _ reader: LogReader) async throws -> SQLiteValue {
        try await reader.read { try $0.query(sql)[0][0] }
    }

    @Test("rows come back with values of every kind, by position and by name")
    func values() async throws {
        try await ReadableLog.with { log in
            let rows = try await log.reader.read {
                try $0.query(
                    "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", 1, 2.5, "käse", .blob(Data([1, 2])), nil)
            }
            let row = try #require(rows.first)
            #expect(row["a"] == 1)
            #expect(row[1] == 2.5)
            #expect(row["c"] == "käse")
            #expect(row["d"] == .blob(Data([1, 2])))
            #expect(row["e"] == .null)
        }
    }

    @Test("one read sees one state, however long it takes, and the next sees what was committed meanwhile")
    func snapshot() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            let path = log.path
            let counts = try await log.reader.read { read in
                let before = try read.query("SELECT count(*) FROM bus_events")[0][0]
                let other = try Connection(path: path, mode: .readWrite)
                try other.execute("DELETE FROM bus_events")
                return [before, try read.query("SELECT count(*) FROM bus_events")[0][0]]
            }
            #expect(counts == [1, 1])
            let after = try await value("SELECT count(*) FROM bus_events", log.reader)
            #expect(after == 0)
        }
    }

    @Test(
        "a read changes nothing and controls nothing",
        arguments: [
            "INSERT INTO bus_log VALUES (2, 0, 0, 0)", "DELETE FROM bus_events", "UPDATE bus_log SET epoch = 9",
            "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "DROP TABLE bus_events", "PRAGMA query_only = OFF",
            "PRAGMA wal_checkpoint", "PRAGMA journal_mode = DELETE", "ATTACH ':memory:' AS other", "ATTACH 'file:x' AS other",
            "DETACH main", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "VACUUM", "VACUUM INTO 'copy.db'", "REINDEX", "ANALYZE",
            "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE bus_events", "SELECT * FROM pragma_journal_mode",
        ])
    func denied(sql: String) async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            let failure = await #expect(throws: LogFailure.self) { try await log.reader.read { try $0.query(sql) } }
            #expect(failure?.reason == .invalid)
            // What the closure catches has not ended its transaction or taken anything from it.
            let count = try await log.reader.read { read in
                _ = try? read.query(sql)
                return try read.query("SELECT count(*) FROM bus_events")[0][0]
            }
            #expect(count == 1)
        }
    }

    @Test("wrong SQL and wrong values are errors that name the SQL")
    func wrong() async throws {
        try await ReadableLog.with { log in
            for (sql, values) in [("SELECT nothing", []), ("SELECT ?", []), ("SELECT 1", [1]), ("", [])]
                as [(String, [SQLiteValue])]
            {
                let failure = await #expect(throws: SQLiteFailure.self) {
                    try await log.reader.read { try $0.query(sql, parameters: values) }
                }
                #expect(failure?.sql == sql)
            }
        }
    }

    @Test("what the closure throws comes out, and the next read works")
    func throwing() async throws {
        struct Mine: Error {}
        try await ReadableLog.with { log in
            await #expect(throws: Mine.self) {
                try await log.reader.read { read in
                    _ = try read.query("SELECT 1")
                    throw Mine()
                }
            }
            let after = try await value("SELECT 1", log.reader)
            #expect(after == 1)
        }
    }

    private static let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    @Test("cancelling the task ends a query that runs")
    func cancelled() async throws {
        try await ReadableLog.with { log in
            let reader = log.reader
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await reader.read { read in
                    start.yield()
                    return try read.query(Self.endless).count
                }
            }
            for await _ in started { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let after = try await value("SELECT 1", reader)
            #expect(after == 1)
        }
    }

    @Test("closing the log ends a query that runs")
    func closed() async throws {
        try await ReadableLog.with { log in
            let reader = log.reader
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            async let read = reader.read { read in
                start.yield()
                return try read.query(Self.endless).count
            }
            for await _ in started { break }
            await reader.close()
            do {
                _ = try await read
                Issue.record("it ended by itself")
            } catch {
                #expect((error as? LogFailure)?.reason == .closed)
            }
        }
    }

    @Test("a query of the application's does not hold up the bus")
    func besideTheBus() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            let reader = log.reader
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await reader.read { read in
                    start.yield()
                    return try read.query(Self.endless).count
                }
            }
            for await _ in started { break }
            #expect(try await reader.events(EventSelection()).events.count == 1)
            task.cancel()
            _ = await task.result
        }
    }
}
