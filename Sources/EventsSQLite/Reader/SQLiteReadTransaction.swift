//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite
internal import Events

/// One state of the log's file, to read with SQL: the tables of the application, and those of the log.
///
/// It is valid as long as the closure runs that it was handed to. What is published or committed meanwhile is not seen.
public final class SQLiteReadTransaction {
    private let connection: Connection
    private let permission: ReadPermission
    private var isEnded = false

    init(_ connection: Connection, _ permission: ReadPermission) {
        self.connection = connection
        self.permission = permission
    }

    func end() {
        isEnded = true
    }

    /// Runs one statement that reads, and returns all its rows.
    ///
    /// - Parameters:
    ///   - sql: The statement. Values do not belong into it but into `parameters`.
    ///   - parameters: A value for each parameter, in the order of their numbers: `try $0.query("… WHERE sku = ?", "CHAI")`.
    /// - Throws: ``SQLiteFailure`` when SQLite cannot run the statement; ``LogFailure``: `invalid` when it does more than read,
    ///   `closed` when the log is closed meanwhile, `io` or `corrupt` when reading failed. `CancellationError` when the task is
    ///   cancelled, also while the statement runs.
    public func query(_ sql: String, _ parameters: SQLiteValue...) throws -> [SQLiteRow] {
        try query(sql, parameters: parameters)
    }

    /// Runs one statement that reads, with parameters from an array: the same as ``query(_:_:)`` otherwise.
    public func query(_ sql: String, parameters: [SQLiteValue]) throws -> [SQLiteRow] {
        guard !isEnded else { throw LogFailure(.invalid, "a read was used after its closure had returned") }
        try Task.checkCancellation()
        permission.hasRefused = false
        do {
            let statement = try connection.prepare(sql)
            guard !statement.hasTail, statement.isReadOnly else { throw Self.notAllowed(sql) }
            try statement.bind(parameters)
            let columns = statement.columnNames
            var rows: [SQLiteRow] = []
            while try statement.step() { rows.append(SQLiteRow(columns: columns, values: statement.values)) }
            return rows
        } catch let error as SQLiteError {
            throw permission.hasRefused ? Self.notAllowed(sql) : Self.failure(error, sql)
        }
    }

    private static func failure(_ error: SQLiteError, _ sql: String) -> any Error {
        switch error.primaryCode {
        case SQLITE_READONLY: notAllowed(sql)
        case SQLITE_INTERRUPT, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR,
            SQLITE_CANTOPEN:
            error.readFailure
        default: SQLiteFailure(error, sql: sql)
        }
    }

    private static func notAllowed(_ sql: String) -> LogFailure {
        LogFailure(
            .invalid,
            "a query is one statement that reads, without PRAGMA, ATTACH and transaction control: \(sql.prefix(60))")
    }
}

// A transaction belongs to the closure and the thread that it was made for.
@available(*, unavailable)
extension SQLiteReadTransaction: Sendable {}
