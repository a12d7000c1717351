//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A prepared statement. Parameters are numbered from 1, columns from 0, as in SQLite.
package final class Statement {
    package let handle: OpaquePointer
    /// Whether the text had anything in it besides what was prepared, which SQLite ignores.
    package let hasTail: Bool
    /// Keeps the connection open as long as the statement is.
    private unowned let connection: Connection

    init(_ sql: String, on connection: Connection, isKept: Bool) throws(SQLiteError) {
        self.connection = connection
        var prepared: OpaquePointer?
        var code = SQLITE_OK
        var rest = ""
        sql.withCString { text in
            var tail: UnsafePointer<CChar>?
            let flags = UInt32(isKept ? SQLITE_PREPARE_PERSISTENT : 0)
            code = sqlite3_prepare_v3(connection.handle, text, -1, flags, &prepared, &tail)
            rest = tail.map { String(cString: $0) } ?? ""
        }
        guard code == SQLITE_OK else {
            throw SQLiteError(connection.handle, code: code, during: "preparing \(sql.prefix(60))")
        }
        guard let prepared else {
            throw SQLiteError(code: SQLITE_MISUSE, message: "the SQL is empty", during: "preparing SQL")
        }
        handle = prepared
        hasTail = !rest.allSatisfy { $0.isWhitespace || $0 == ";" }
    }

    deinit {
        sqlite3_finalize(handle)
    }

    // MARK: Parameters

    package func bind(_ position: Int32, _ value: Int64) {
        sqlite3_bind_int64(handle, position, value)
    }

    package func bind(_ position: Int32, _ value: Int) {
        sqlite3_bind_int64(handle, position, Int64(value))
    }

    package func bind(_ position: Int32, _ value: Int64?) {
        if let value { bind(position, value) } else { bindNull(position) }
    }

    package func bind(_ position: Int32, _ value: Double) {
        sqlite3_bind_double(handle, position, value)
    }

    /// Binds text. SQLite copies it.
    package func bind(_ position: Int32, _ value: String) {
        var value = value
        value.withUTF8 { bindText(position, UnsafeRawBufferPointer($0)) }
    }

    package func bind(_ position: Int32, _ value: String?) {
        if let value { bind(position, value) } else { bindNull(position) }
    }

    /// Binds bytes of UTF-8 as text. SQLite copies them.
    package func bindText(_ position: Int32, _ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address, which SQLite would take for NULL.
        let address = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        if let address {
            sqlite3_bind_text64(handle, position, address, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
        } else {
            sqlite3_bind_text(handle, position, "", 0, Self.transient)
        }
    }

    /// Binds bytes as a blob. SQLite copies them.
    package func bindBlob(_ position: Int32, _ bytes: UnsafeRawBufferPointer) {
        if let address = bytes.baseAddress, !bytes.isEmpty {
            sqlite3_bind_blob64(handle, position, address, UInt64(bytes.count), Self.transient)
        } else {
            sqlite3_bind_zeroblob(handle, position, 0)
        }
    }

    package func bindNull(_ position: Int32) {
        sqlite3_bind_null(handle, position)
    }

    /// SQLite's sign for "copy it": a function pointer of all ones.
    private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    // MARK: Running

    /// Goes to the next row. Returns `false` when there is none; the statement can then be used again.
    package func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let error = SQLiteError(connection.handle, code: code, during: "running \(sql.prefix(60))")
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs a statement that returns no rows.
    package func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Makes a statement ready for its next use before its rows are all read. Parameters stay bound.
    package func reset() {
        sqlite3_reset(handle)
    }

    /// The statement's text.
    var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

    /// Whether the statement changes nothing.
    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    // MARK: Columns of the current row

    package var columnCount: Int32 { sqlite3_column_count(handle) }

    package func columnName(_ column: Int32) -> String {
        sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
    }

    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    package func int64OrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

    package func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

    /// The column's text; bytes that are no UTF-8 are replaced.
    package func text(_ column: Int32) -> String {
        withBytes(column) { String(decoding: $0, as: UTF8.self) }
    }

    package func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    package func data(_ column: Int32) -> Data {
        withBytes(column) { Data($0) }
    }

    /// Calls `body` with the bytes of a column of text or blob, which are valid as long as it runs.
    package func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let address = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return body(UnsafeRawBufferPointer(start: address, count: address == nil ? 0 : count))
    }
}
