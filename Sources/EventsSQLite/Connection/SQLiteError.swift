//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite

/// What SQLite answered when it could not do something.
package struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// The extended result code, such as `SQLITE_IOERR_FSYNC`.
    package let code: Int32
    /// SQLite's own words, which may quote SQL but no bound values.
    package let message: String
    /// What was being done.
    package let action: String

    /// The error of a connection's last call.
    package init(_ connection: OpaquePointer?, code: Int32, during action: String) {
        self.code = code
        self.message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        self.action = action.onOneLine
    }

    package init(code: Int32, message: String, during action: String) {
        self.code = code
        self.message = message
        self.action = action.onOneLine
    }

    /// The primary result code, such as `SQLITE_IOERR`.
    package var primaryCode: Int32 { code & 0xFF }

    package var description: String { "\(action): \(message) (SQLite code \(code))" }
}

extension String {
    /// SQL is written over several lines, and errors are read in logs, where each is one.
    fileprivate var onOneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
