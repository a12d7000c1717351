//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite

/// A connection that reads, and the statements that it keeps. It belongs to one thread at a time.
package final class ReadSession {
    package let connection: Connection
    private var kept: [String: Statement] = [:]

    /// Opens a log's file for reading.
    init(path: String, vfs: String?) throws(SQLiteError) {
        connection = try Connection(path: path, mode: .readOnly, vfs: vfs)
        // The log's one writer checkpoints. A reader that closes last would do it too, unless told not to.
        try connection.setOption(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        try connection.setOption(SQLITE_DBCONFIG_DEFENSIVE, true)
        // A reader waits only while the log recovers or closes.
        sqlite3_busy_timeout(connection.handle, 5_000)
        try connection.execute(
            """
            PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;
            """)
        // SQLite declares the tables of these functions at their first use, which `ReadPermission` would take for writing.
        _ = try? connection.integer("SELECT count(*) FROM json_each('[]'), json_tree('[]')")
    }

    /// Runs `body` in one transaction, which sees one state of the log, and ends it.
    ///
    /// It must be short: as long as it is open, the log's write-ahead file cannot be used from its beginning again.
    package func transaction<Value>(_ body: (ReadSession) throws -> Value) throws -> Value {
        try keep("BEGIN").run()
        defer {
            // A row that was not read to the end would keep the transaction open.
            for statement in kept.values { statement.reset() }
            end()
        }
        return try body(self)
    }

    /// Ends the transaction. Whether by COMMIT or by ROLLBACK makes no difference to a reader, and the latter cannot fail.
    private func end() {
        guard !connection.isAutocommitting else { return }
        try? keep("ROLLBACK").run()
    }

    /// A statement that is made once. Only for SQL of this module, of which there is so much and no more.
    package func keep(_ sql: String) throws(SQLiteError) -> Statement {
        if let statement = kept[sql] { return statement }
        let statement = try Statement(sql, on: connection, isKept: true)
        kept[sql] = statement
        return statement
    }

    /// The first column of the first row of a statement that is kept; `nil` if there is none or it is NULL.
    package func integer(_ sql: String, _ parameters: Int64...) throws(SQLiteError) -> Int64? {
        let statement = try keep(sql)
        defer { statement.reset() }
        for (index, parameter) in parameters.enumerated() { statement.bind(Int32(index + 1), parameter) }
        return try statement.step() ? statement.int64OrNil(0) : nil
    }
}
