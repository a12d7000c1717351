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

/// Watches over SQL that is not the log's own: says what it may not do, and ends what takes too long.
///
/// It is asked whenever any SQL of the connection is prepared, and lets everything pass except while ``watching(_:)`` runs. Setting
/// and removing it each time instead would make SQLite prepare all of the log's own statements anew after each action.
final class UserCodeGuard {
    private let now: @Sendable () -> MonotonicTime
    private var isWatching = false
    private var budget: Duration?
    private var spent = Duration.zero
    private var started: MonotonicTime?
    /// Whether the SQL that is being prepared changes the schema, for which SQLite writes to its own tables.
    private(set) var changesSchema = false
    /// Whether a statement since ``begin(budget:)`` has.
    private(set) var hasChangedSchema = false
    /// What SQL tried to do and may not, since ``begin(budget:)``.
    private(set) var denial: String?

    /// - Parameter now: A clock that does not jump.
    init(now: @escaping @Sendable () -> MonotonicTime) {
        self.now = now
    }

    /// Takes its place at a connection. It must live as long as that does.
    func watch(_ connection: Connection) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_set_authorizer(
            connection.handle,
            { context, action, first, second, _, _ in
                guard let context else { return SQLITE_OK }
                return Unmanaged<UserCodeGuard>.fromOpaque(context).takeUnretainedValue().authorize(action, first, second)
            }, context)
        // About every tenth of a millisecond.
        sqlite3_progress_handler(
            connection.handle, 1000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<UserCodeGuard>.fromOpaque(context).takeUnretainedValue().isOverBudget ? 1 : 0
            }, context)
    }

    /// Begins to count for an action, which has so much time for its statements; `nil` is as much as it takes.
    func begin(budget: Duration?) {
        hasChangedSchema = false
        self.budget = budget
        spent = .zero
        denial = nil
    }

    /// Whether the action's statements took longer than they may.
    var isOverBudget: Bool {
        guard isWatching, let budget else { return false }
        return spent + (started?.duration(to: now()) ?? .zero) > budget
    }

    /// Whether the action has used up its time, asked between its statements.
    var isSpent: Bool { budget.map { spent > $0 } ?? false }

    /// Runs SQL that is not the log's own.
    func watching<Result>(_ body: () throws -> Result) rethrows -> Result {
        isWatching = true
        changesSchema = false
        let start = now()
        started = start
        defer {
            hasChangedSchema = hasChangedSchema || changesSchema
            spent += start.duration(to: now())
            started = nil
            isWatching = false
        }
        return try body()
    }

    private func authorize(_ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?) -> Int32 {
        guard isWatching else { return SQLITE_OK }
        let names = (first.map { String(cString: $0) } ?? "", second.map { String(cString: $0) } ?? "")
        if let what = forbidden(action, names.0, names.1) {
            denial = denial ?? what
            return SQLITE_DENY
        }
        return SQLITE_OK
    }

    /// What is forbidden about an action, or `nil`.
    private func forbidden(_ action: Int32, _ first: String, _ second: String) -> String? {
        switch action {
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: return "control the transaction"
        case SQLITE_ATTACH, SQLITE_DETACH: return "attach or detach a database"
        case SQLITE_PRAGMA: return "use PRAGMA \(first)"
        case SQLITE_ANALYZE: return "use ANALYZE"
        case SQLITE_FUNCTION:
            return Self.loadsCode(second) ? "call \(second)" : nil
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            if isOfLog(first) { return "write to \(first)" }
            // SQLite keeps the schema itself from being written to, and the rest it writes when the schema changes.
            if first.lowercased() == "sqlite_sequence", !changesSchema { return "write to \(first)" }
            return nil
        case SQLITE_ALTER_TABLE:
            changesSchema = true
            return isOfLog(second) ? "alter \(second)" : nil
        case SQLITE_CREATE_TABLE, SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_INDEX, SQLITE_CREATE_TEMP_INDEX, SQLITE_CREATE_TRIGGER,
            SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_VIEW, SQLITE_CREATE_TEMP_VIEW, SQLITE_CREATE_VTABLE, SQLITE_DROP_TABLE,
            SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_INDEX, SQLITE_DROP_TEMP_INDEX, SQLITE_DROP_TRIGGER, SQLITE_DROP_TEMP_TRIGGER,
            SQLITE_DROP_VIEW, SQLITE_DROP_TEMP_VIEW, SQLITE_DROP_VTABLE:
            changesSchema = true
            // What begins with the log's prefix is the log's, whether it is there yet or not; and nothing hangs on its tables.
            return [first, second].first(where: isOfLog).map { "create or drop \(first) on or as \($0)" }
        default: return nil
        }
    }

    /// Whether a function of SQLite's makes machine code of what it is given. `fts3_tokenizer` takes an address.
    static func loadsCode(_ function: String) -> Bool {
        ["load_extension", "fts3_tokenizer"].contains(function.lowercased())
    }

    private func isOfLog(_ name: String) -> Bool {
        name.lowercased().hasPrefix(Schema.prefix)
    }
}
