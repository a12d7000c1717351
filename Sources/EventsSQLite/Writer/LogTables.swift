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

/// The log's tables as the writer changes them: one method for each kind of change, inside a transaction that others begin and end.
///
/// It belongs to the log's thread. A method that throws may have done a part; whoever began the transaction undoes that, and puts
/// ``state`` back.
final class LogTables {
    let connection: Connection
    /// Watches over SQL that is not the log's own.
    let watcher: UserCodeGuard
    let path: String
    /// What commit actions may take for their statements.
    let actionBudget: Duration
    var state = LogState()
    /// Rows of this commit that are not inserted yet.
    var waiting: [WaitingRow] = []

    let insertEvent: Statement
    let insertEvents: Statement
    let insertScheduled: Statement
    let deleteDelivery: Statement
    let upsertDelivery: Statement
    let updateSubscription: Statement
    let insertSettlement: Statement
    private let beginning: Statement
    private let committing: Statement
    private var userStatements: [String: Statement] = [:]
    /// How many tables, indexes and so on are the log's: nothing that commit actions do adds to them.
    private var nameCount: Int64 = 0

    /// - Parameter connection: A connection to a file with the tables in it.
    init(_ connection: Connection, watcher: UserCodeGuard, path: String, actionBudget: Duration) throws(SQLiteError) {
        self.connection = connection
        self.watcher = watcher
        self.path = path
        self.actionBudget = actionBudget
        beginning = try connection.statement("BEGIN IMMEDIATE")
        committing = try connection.statement("COMMIT")
        insertEvent = try Statement(Self.insertEventsSQL(1), on: connection, isKept: true)
        insertEvents = try Statement(Self.insertEventsSQL(Self.rowsAtOnce), on: connection, isKept: true)
        insertScheduled = try connection.statement(Self.insertScheduledSQL)
        deleteDelivery = try connection.statement("DELETE FROM bus_deliveries WHERE subscription = ?1 AND offset = ?2")
        upsertDelivery = try connection.statement(Self.upsertDeliverySQL)
        updateSubscription = try connection.statement("UPDATE bus_subscriptions SET cursor = ?2, ranges = ?3 WHERE id = ?1")
        insertSettlement = try connection.statement(
            "INSERT OR IGNORE INTO bus_settlements (subscription, first_offset, last_offset, settled_at, offsets) VALUES (?1, ?2, ?3, ?4, ?5)"
        )
        watcher.watch(connection)
        nameCount = try countNames()
    }

    // MARK: Transactions

    func begin() throws(SQLiteError) {
        waiting.removeAll(keepingCapacity: true)
        try beginning.run()
    }

    func commit() throws(SQLiteError) {
        try committing.run()
    }

    /// Undoes everything since ``begin()``; SQLite may have done so already.
    func rollBack() throws(SQLiteError) {
        guard !connection.isAutocommitting else { return }
        try connection.statement("ROLLBACK").run()
    }

    /// Runs `body` so that what it did is undone when it throws. Savepoints may lie in one another.
    func inSavepoint<Result>(_ body: () throws -> Result) throws -> Result {
        let saved = state
        try connection.statement("SAVEPOINT bus_part").run()
        do {
            let result = try body()
            try connection.statement("RELEASE bus_part").run()
            return result
        } catch {
            state = saved
            // Without a transaction there is no savepoint either; the error says so, or the next statement will.
            if !connection.isAutocommitting {
                try connection.statement("ROLLBACK TO bus_part").run()
                try connection.statement("RELEASE bus_part").run()
            }
            throw error
        }
    }

    /// Fails when a foreign key, which may be deferred, refers to nothing. The log's tables have none, but others may refer to them.
    func checkForeignKeys() throws(SQLiteError) {
        var unresolved: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(connection.handle, SQLITE_DBSTATUS_DEFERRED_FKS, &unresolved, &highest, 0)
        guard unresolved != 0 else { return }
        throw SQLiteError(
            code: SQLITE_CONSTRAINT | 3 << 8, message: "FOREIGN KEY constraint failed", during: "checking deferred foreign keys")
    }

    // MARK: SQL that is not the log's own

    /// A prepared statement for SQL of a commit action. Actions repeat themselves, so it is kept for the next.
    func userStatement(_ sql: String) throws(SQLiteError) -> Statement {
        if let statement = userStatements[sql] { return statement }
        let statement = try connection.prepare(sql)
        if userStatements.count >= 64 { userStatements.removeAll() }
        // The text must be in a native String's form, or looking it up would be slow each time.
        userStatements[sql] = statement
        return statement
    }

    /// Fails when a change of the schema gave something a name of the log's, as only a renaming can without being seen before.
    func checkNames() throws {
        guard try countNames() != nameCount else { return }
        throw LogFailure(.action, "a commit action may not name anything '\(Schema.prefix)…': \(path)")
    }

    /// Fails when a table that is not the log's hangs on one that is, or something else happens when a row of the log changes.
    ///
    /// A foreign key would fail the commit in which the row it refers to goes, and with it the log; what cascades from it runs triggers
    /// among the log's own statements, where nobody watches them. The same goes for triggers that another program made.
    func checkReferences(_ reason: LogFailure.Reason) throws {
        let keys = try connection.prepare(
            """
            SELECT m.name, f."table" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
            WHERE m.type = 'table' AND lower(substr(f."table", 1, 4)) = 'bus_' LIMIT 1
            """)
        if try keys.step() {
            throw LogFailure(
                reason,
                "\(path): the table \(keys.text(0)) has a foreign key to \(keys.text(1)), which is the log's; keep the number without one"
            )
        }
        let triggers = try connection.prepare(
            "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger' AND lower(substr(tbl_name, 1, 4)) = 'bus_' LIMIT 1")
        guard try triggers.step() else { return }
        throw LogFailure(
            reason,
            "\(path): the trigger \(triggers.text(0)) is on \(triggers.text(1)), which is the log's; drop it while no bus runs")
    }

    private func countNames() throws(SQLiteError) -> Int64 {
        let statement = try connection.statement(
            """
            SELECT (SELECT count(*) FROM sqlite_schema WHERE lower(substr(name, 1, 4)) = 'bus_')
                 + (SELECT count(*) FROM sqlite_temp_schema WHERE lower(substr(name, 1, 4)) = 'bus_')
            """)
        defer { statement.reset() }
        return try statement.step() ? statement.int64(0) : 0
    }
}
