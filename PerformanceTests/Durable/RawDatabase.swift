//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CEventsSQLite
import CSQLite

/// SQLite as a C program would use it: one connection, and nothing between it and the library.
final class RawDatabase {
    private let handle: OpaquePointer

    /// Opens a file that is there, with the settings with which the log opens it.
    init(_ path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw RawDatabaseError(code: code, message: "\(path) could not be opened")
        }
        handle = opened
        // The checkpoints are SQLite's own: one every 1,000 pages, which is as often as the log makes one.
        try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000")
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    func execute(_ sql: String) throws {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// Has the write-ahead log stay as it is when the connection closes, as when its process is killed.
    func leaveWriteAheadLog() {
        _ = events_sqlite_set_option(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    }

    func prepare(_ sql: String) throws -> RawStatement {
        var prepared: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil))
        guard let prepared else { throw RawDatabaseError(code: SQLITE_MISUSE, message: "no SQL") }
        return RawStatement(prepared, of: self)
    }

    func check(_ code: Int32) throws {
        guard code != SQLITE_OK, code != SQLITE_DONE else { return }
        throw RawDatabaseError(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }
}

/// A prepared statement without results.
final class RawStatement {
    private let handle: OpaquePointer
    private let database: RawDatabase

    fileprivate init(_ handle: OpaquePointer, of database: RawDatabase) {
        self.handle = handle
        self.database = database
    }

    deinit {
        sqlite3_finalize(handle)
    }

    func bind(_ position: Int32, _ value: Int) {
        sqlite3_bind_int64(handle, position, Int64(value))
    }

    /// Binds text that stays where it is until the statement is gone.
    func bind(_ position: Int32, _ text: UnsafeBufferPointer<CChar>) {
        sqlite3_bind_text(handle, position, text.baseAddress, Int32(text.count), nil)
    }

    func run() throws {
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        try database.check(code)
    }
}

/// What SQLite says.
struct RawDatabaseError: Error, CustomStringConvertible {
    let code: Int32
    let message: String

    var description: String { "SQLite: \(message) (\(code))" }
}
