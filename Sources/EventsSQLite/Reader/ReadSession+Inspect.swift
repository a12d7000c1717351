//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite
package import Events

extension ReadSession {
    /// Opens a log's file that may be anything: damaged, another program's, or made to do harm to who looks into it.
    ///
    /// Nothing in it can become code, no value can be larger than what fits into memory several times, and what is damaged is noticed
    /// when it is read.
    ///
    /// - Parameter path: The absolute path without links.
    package convenience init(inspecting path: String) throws(SQLiteError) {
        try self.init(path: path, vfs: nil)
        let limits: [(Int32, Int32)] = [
            (SQLITE_LIMIT_LENGTH, 64 << 20), (SQLITE_LIMIT_SQL_LENGTH, 1 << 16), (SQLITE_LIMIT_COLUMN, 200),
            (SQLITE_LIMIT_EXPR_DEPTH, 100), (SQLITE_LIMIT_COMPOUND_SELECT, 50), (SQLITE_LIMIT_VDBE_OP, 100_000),
            (SQLITE_LIMIT_FUNCTION_ARG, 50), (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
            (SQLITE_LIMIT_VARIABLE_NUMBER, 100), (SQLITE_LIMIT_TRIGGER_DEPTH, 1), (SQLITE_LIMIT_WORKER_THREADS, 0),
        ]
        for (limit, value) in limits { sqlite3_limit(connection.handle, limit, value) }
        try connection.execute("PRAGMA cell_size_check = ON")
    }

    /// Runs something that is stopped when a condition says so, which is asked about every tenth of a millisecond.
    ///
    /// - Returns: `nil` when it was stopped.
    package func stoppable<Value>(_ mayGoOn: @escaping () -> Bool, _ body: () throws -> Value) throws -> Value? {
        let condition = Condition(mayGoOn)
        sqlite3_progress_handler(
            connection.handle, 1_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Condition>.fromOpaque(context).takeUnretainedValue().holds() ? 0 : 1
            }, Unmanaged.passUnretained(condition).toOpaque())
        return try withExtendedLifetime(condition) {
            defer { sqlite3_progress_handler(connection.handle, 0, nil, nil) }
            do {
                return try body()
            } catch let error as SQLiteError where error.primaryCode == SQLITE_INTERRUPT {
                return nil
            }
        }
    }

    private final class Condition {
        let holds: () -> Bool

        init(_ holds: @escaping () -> Bool) {
            self.holds = holds
        }
    }

    /// The tables and indexes that a log of this version has, with the columns of the tables.
    package static func expectedSchema(version: Int64) throws(SQLiteError) -> (tables: [String: [String]], indexes: Set<String>) {
        let connection = try Connection(path: ":memory:", mode: .readWrite)
        try connection.execute(Schema.tables)
        var tables: [String: [String]] = [:]
        var indexes: Set<String> = []
        let statement = try connection.prepare(
            """
            SELECT m.type, m.name, c.name FROM sqlite_schema AS m LEFT JOIN pragma_table_info(m.name) AS c ON m.type = 'table'
            WHERE m.name LIKE 'bus_%' AND (m.type = 'table' OR m.sql IS NOT NULL)
            """)
        while try statement.step() {
            let name = statement.text(1)
            if statement.text(0) == "index" { indexes.insert(name) } else { tables[name, default: []].append(statement.text(2)) }
        }
        guard version == 1 else { return (tables, indexes) }
        for name in ["bus_audit", "bus_redrives", "bus_edits", "bus_plans", "bus_plan_items"] { tables[name] = nil }
        tables["bus_subscriptions"]?.removeAll { ["delivery_order", "order_after"].contains($0) }
        return (tables, indexes.filter { !$0.hasPrefix("bus_plan") })
    }

    /// Lets a log of version 1 be read like one of version 2: what it does not have is empty. Nothing of the file is changed.
    package func completeOlderSchema() throws(SQLiteError) {
        try connection.execute("PRAGMA query_only = OFF")
        try connection.execute(
            Schema.operations.replacing("CREATE TABLE ", with: "CREATE TEMP TABLE ").replacing(
                "CREATE INDEX bus_", with: "CREATE INDEX temp.bus_"))
        try connection.execute(
            """
            CREATE TEMP VIEW bus_subscriptions AS
                SELECT *, NULL AS delivery_order, 0 AS order_after FROM main.bus_subscriptions;
            PRAGMA query_only = ON;
            """)
    }
}

extension SQLiteError {
    /// What it means for who looks into a log.
    package func inspectionFailure(path: String) -> LogFailure { LogFailure(self, path: path) }
}
