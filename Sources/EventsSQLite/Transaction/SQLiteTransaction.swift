//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite
public import Events

/// What a commit action does its work with: SQL on tables of yours in the log's file, and events, which commit together or not at
/// all.
///
/// It belongs to the closure that it was given to, and to the thread that this runs on; later it throws. Its SQL sees what is
/// committed and what the closure did itself. The log's own tables, whose names begin with `bus_`, can be read and not written to.
/// Transaction control, `ATTACH`, `PRAGMA` and `ANALYZE` are refused. An action that tries something of the kind fails, even if it
/// catches the error.
public final class SQLiteTransaction: LogTransaction {
    /// What it writes to; `nil` once the closure that it was made for has ended.
    private var tables: LogTables?
    /// What it appended.
    private(set) var appended: [StoredEvent] = []
    /// Why it fails, whatever the closure makes of the error.
    private(set) var verdict: LogFailure?
    /// On whose behalf it publishes, while a closure runs.
    var source: EventSource?
    /// The error that ends the whole commit and not only this action.
    private(set) var fault: SQLiteError?
    /// What a statement ran out of, which may have cost the transaction.
    private(set) var exhaustion: SQLiteFailure?

    init(_ tables: LogTables) {
        self.tables = tables
    }

    /// The log's tables, for what is the log's own.
    var ownTables: LogTables? { tables }

    /// Ends its use.
    func end() {
        tables = nil
    }

    // MARK: SQL

    /// Runs one SQL statement.
    ///
    /// - Parameters:
    ///   - sql: The statement, with a `?` for each value.
    ///   - parameters: The values, in order.
    /// - Returns: How many rows it inserted, updated or deleted; 0 for any other statement.
    /// - Throws: ``SQLiteFailure`` when SQLite refuses it, for example for a value that has to be unique and is not. `LogFailure`
    ///   when the statement is not allowed, took too long, or comes after the closure's end.
    @discardableResult
    public func execute(_ sql: String, _ parameters: SQLiteValue...) throws -> Int {
        try execute(sql, parameters: parameters)
    }

    /// Runs one SQL statement with values from an array. See ``execute(_:_:)``.
    @discardableResult
    public func execute(_ sql: String, parameters: [SQLiteValue]) throws -> Int {
        try run(sql, parameters) { connection, statement in
            let before = sqlite3_total_changes64(connection.handle)
            try statement.run()
            // Statements other than these three leave the count of the last one of them.
            return sqlite3_total_changes64(connection.handle) == before ? 0 : connection.changes
        }
    }

    /// Runs one SQL statement and returns all its rows. They are read before this returns, so ask for as many as you need.
    ///
    /// - Parameters:
    ///   - sql: The statement, with a `?` for each value.
    ///   - parameters: The values, in order.
    /// - Throws: As ``execute(_:_:)`` does.
    public func query(_ sql: String, _ parameters: SQLiteValue...) throws -> [SQLiteRow] {
        try query(sql, parameters: parameters)
    }

    /// Runs one SQL statement with values from an array and returns all its rows. See ``query(_:_:)``.
    public func query(_ sql: String, parameters: [SQLiteValue]) throws -> [SQLiteRow] {
        try run(sql, parameters) { _, statement in
            let columns = statement.columnNames
            var rows: [SQLiteRow] = []
            while try statement.step() { rows.append(SQLiteRow(columns: columns, values: statement.values)) }
            return rows
        }
    }

    private func run<Result>(
        _ sql: String, _ parameters: [SQLiteValue], _ body: (Connection, Statement) throws -> Result
    ) throws -> Result {
        let tables = try usable()
        let watcher = tables.watcher
        do {
            return try watcher.watching {
                let statement = try tables.userStatement(sql)
                defer {
                    statement.reset()
                    statement.clearBindings()
                }
                guard !statement.hasTail else {
                    throw SQLiteError(code: SQLITE_MISUSE, message: "one statement at a time", during: "preparing SQL")
                }
                try statement.bind(parameters)
                let result = try body(tables.connection, statement)
                if watcher.changesSchema { try tables.checkNames() }
                return result
            }
        } catch let error as SQLiteError {
            throw judged(error, sql, watcher)
        } catch let failure as LogFailure {
            throw fail(failure)
        }
    }

    /// What an error of a statement comes to, for the closure and for the action.
    private func judged(_ error: SQLiteError, _ sql: String, _ watcher: UserCodeGuard) -> any Error {
        if let denial = watcher.denial {
            return fail(LogFailure(.action, "a commit action may not \(denial): \(sql.prefix(200))"))
        }
        if error.primaryCode == SQLITE_INTERRUPT {
            return fail(LogFailure(.budget, "a commit action took too long, the last statement being: \(sql.prefix(200))"))
        }
        let failure = SQLiteFailure(error, sql: sql)
        switch error.primaryCode {
        // A statement runs out of other things than the disk: numbers for its rows, room for what it sorts. Where the disk is full,
        // the rest of the commit says so as well.
        case SQLITE_FULL, SQLITE_NOMEM: exhaustion = exhaustion ?? failure
        case SQLITE_IOERR where error.code == Self.noTemporaryFolder: break
        // These come of the storage, and mean the whole commit; everything else is about this statement.
        case SQLITE_BUSY, SQLITE_IOERR: fault = fault ?? error
        default: break
        }
        return failure
    }

    /// There is nowhere to put what a statement sorts (`SQLITE_IOERR_GETTEMPPATH`).
    private static let noTemporaryFolder = SQLITE_IOERR | 25 << 8

    private func fail(_ failure: LogFailure) -> LogFailure {
        verdict = verdict ?? failure
        return failure
    }

    /// What it writes to, if it still may.
    private func usable() throws -> LogTables {
        guard let tables else {
            throw LogFailure(.invalid, "a transaction was used after the closure that it was given to had ended")
        }
        if let verdict { throw verdict }
        // After a rollback each further statement would be a commit of its own.
        guard !tables.connection.isAutocommitting else {
            if let exhaustion { throw exhaustion }
            throw fail(LogFailure(.action, "a statement of a commit action rolled back the transaction that it is part of"))
        }
        guard !tables.watcher.isSpent else { throw fail(LogFailure(.budget, "a commit action took too long")) }
        return tables
    }

    // MARK: Events

    public func append(_ events: [LogEvent]) throws -> [Publication] {
        try write { tables in
            let result = try tables.append(events, EncodedEvents(events))
            appended += result.stored(of: events)
            return result.publications(of: events)
        }
    }

    public func schedule(_ events: [ScheduledEvent]) throws -> [EventID] {
        try write { try $0.schedule(events, EncodedEvents(events.map(\.event))) }
    }

    public func cancelScheduled(_ id: EventID) throws -> Bool {
        try write { try $0.cancelScheduled(id) }
    }

    private func write<Result>(_ body: (LogTables) throws -> Result) throws -> Result {
        let tables = try usable()
        do {
            return try body(tables)
        } catch let error as SQLiteError {
            // These statements are the log's own, so no error of theirs is the closure's doing, and part of it may be done.
            fault = fault ?? error
            throw LogFailure(error, path: "the log")
        }
    }
}
