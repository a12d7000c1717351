//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// SQL of yours that SQLite could not run.
public struct SQLiteFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// SQLite's extended result code, such as 2067 for a value that has to be unique and is not.
    public let code: Int32
    /// SQLite's own words. They name tables and columns and never a bound value.
    public let message: String
    /// The SQL as you gave it, without what was bound to it.
    public let sql: String

    init(code: Int32, message: String, sql: String) {
        self.code = code
        self.message = message
        self.sql = sql
    }

    init(_ error: SQLiteError, sql: String) {
        self.init(code: error.code, message: error.message, sql: sql)
    }

    public var description: String { "\(message) (SQLite code \(code)) in: \(sql)" }
}
