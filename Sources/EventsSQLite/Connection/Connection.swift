//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import CSQLite

/// A connection to a database file. It belongs to one thread at a time and is not `Sendable`.
package final class Connection {
    /// How a connection may use the file.
    package enum Mode {
        case readWrite
        /// Never creates anything, never writes, never checkpoints.
        case readOnly
    }

    package let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Opens a file. The path is taken literally: `file:` means a directory of that name and no URI.
    package init(path: String, mode: Mode, vfs: String? = nil) throws(SQLiteError) {
        var opened: OpaquePointer?
        let access =
            switch mode {
            case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        // One thread at a time uses a connection, so SQLite need not lock for each call.
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, vfs)
        guard code == SQLITE_OK, let opened else {
            let error = SQLiteError(opened, code: code, during: "opening \(path)")
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
    }

    deinit {
        // Statements refer to the connection, so they go first; what is still held elsewhere keeps SQLite's part alive.
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs SQL that returns nothing of interest; it may be several statements.
    package func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(handle, code: code, during: "running \(sql.prefix(60))") }
    }

    /// A prepared statement for SQL of this module's own, made once for the connection and kept.
    package func statement(_ sql: StaticString) throws(SQLiteError) -> Statement {
        let text = sql.description
        if let statement = statements[text] { return statement }
        let statement = try Statement(text, on: self, isKept: true)
        statements[text] = statement
        return statement
    }

    /// A prepared statement for any SQL, to be used and forgotten.
    package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        try Statement(sql, on: self, isKept: false)
    }

    /// Sets a switch of `sqlite3_db_config`.
    package func setOption(_ option: Int32, _ isOn: Bool) throws(SQLiteError) {
        let code = events_sqlite_set_option(handle, option, isOn ? 1 : 0)
        guard code == SQLITE_OK else { throw SQLiteError(handle, code: code, during: "setting option \(option)") }
    }

    /// The first column of the first row, for pragmas and counts.
    package func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.int64(0) : nil
    }

    /// The first column of the first row as text.
    package func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.text(0) : nil
    }

    /// Rows that the last statement changed.
    package var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Whether no transaction is open.
    package var isAutocommitting: Bool { sqlite3_get_autocommit(handle) != 0 }
}
