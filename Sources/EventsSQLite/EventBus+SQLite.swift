//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension EventBus {
    /// Writes the application's own rows, and events, in one commit: all of it or nothing.
    ///
    /// ```swift
    /// try await bus.commit { transaction in
    ///     try transaction.execute("UPDATE stock SET left = left - ? WHERE sku = ?", .integer(3), .text("CHAI"))
    ///     try transaction.publish(StockReserved(sku: "CHAI", quantity: 3))
    /// }
    /// ```
    ///
    /// The closure runs on the log's own thread while nothing else is written, so it should be quick, and may run more than once. It
    /// sees what is committed and what it did itself.
    ///
    /// - Parameter body: What to write.
    /// - Returns: What `body` returned the last time that it ran.
    /// - Throws: What `body` threw, and then nothing is written; `LogFailure`, which says if it may be written nevertheless;
    ///   `EventBusError` with `needsLog` on a bus without a SQLite log; `CancellationError` when the task is cancelled before the log
    ///   has the closure. After that the call waits for the outcome.
    @discardableResult
    public nonisolated func commit<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
    ) async throws -> Value {
        _ = try sqliteLog()
        let result = Guarded<Value?>(nil)
        try await transact { transaction, source in
            let value = try perform(body, in: transaction, source)
            result.withLock { $0 = value }
        }
        guard let value = result.withLock({ $0 }) else {
            throw LogFailure(.invalid, "the log committed a closure that it did not run")
        }
        return value
    }

    /// Reads the log's file with SQL: the application's own tables and the log's, in one state. The closure runs on a thread of its
    /// own and holds up nothing, but the file grows while it runs.
    ///
    /// - Throws: What `body` throws; `LogFailure`; `EventBusError` with `needsLog` on a bus without a SQLite log;
    ///   `CancellationError` when the task is cancelled, also while a query runs.
    public nonisolated func read<Value: Sendable>(
        _ body: @Sendable (SQLiteReadTransaction) throws -> Value
    ) async throws -> Value {
        try await sqliteLog().parts().reader.read(body)
    }

    /// Copies the log, in its state of now, to a new file that can be opened as a log. Publishing and handling go on meanwhile.
    ///
    /// - Parameter target: The path of the copy, where there must be nothing. The copy has mode 0600 and is on disk when this returns.
    /// - Throws: `LogFailure`; `CancellationError` when the task is cancelled, and there is no copy then.
    public nonisolated func backup(to target: String) async throws {
        try await sqliteLog().parts().reader.backup(to: target)
    }

    private nonisolated func sqliteLog() throws -> SQLiteEventLog {
        guard let log = log as? SQLiteEventLog else {
            throw EventBusError(.needsLog, "this needs a bus with a SQLite log: EventBus(log: .sqlite(path)).")
        }
        return log
    }
}

extension EventContext {
    /// Writes the application's own rows together with this attempt's success: both are committed, or neither.
    ///
    /// The closure runs after the handler has returned, on the log's own thread, in the commit that records the success, after the
    /// events that the handler emitted. It should be quick and may run more than once; only what was committed counts. When it throws,
    /// or does what it may not, the attempt has failed with that error and nothing of it is kept. Several run in order.
    ///
    /// - Throws: `EventBusError`: `needsLog` on a bus without a log, `handlerEnded` after the handler has returned.
    public func onCommit(_ body: @escaping @Sendable (SQLiteTransaction) throws -> Void) throws {
        try addCommitAction { transaction, source in try perform(body, in: transaction, source) }
    }
}

extension CommandContext {
    /// Writes the application's own rows together with this command's success, before ``EventBus/send(_:)`` returns. See
    /// ``EventContext/onCommit(_:)``.
    public func onCommit(_ body: @escaping @Sendable (SQLiteTransaction) throws -> Void) throws {
        try addCommitAction { transaction, source in try perform(body, in: transaction, source) }
    }
}

extension CommandContext {
    /// Writes the application's own rows, and events, in one commit now, and returns what came of it: for a command whose reply
    /// depends on what it finds. It is committed whatever becomes of the rest of the command. See ``EventBus/commit(_:)``.
    @discardableResult
    public func commit<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
    ) async throws -> Value {
        try await bus.commit(body)
    }
}

private func perform<Value>(
    _ body: (SQLiteTransaction) throws -> Value, in transaction: any LogTransaction, _ source: EventSource
) throws -> Value {
    guard let transaction = transaction as? SQLiteTransaction else {
        throw EventBusError(.needsLog, "this needs a bus with a SQLite log: EventBus(log: .sqlite(path)).")
    }
    transaction.source = source
    defer { transaction.source = nil }
    return try body(transaction)
}

extension SQLiteTransaction {
    /// Publishes an event in this commit. Its causes are those of the handler, if there is one.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - headers: Text values that travel with it. The default is none.
    ///   - idempotencyKey: Makes a repeated publish return the first publication. The default is none.
    /// - Returns: What it came to. It counts when the commit does.
    @discardableResult
    public func publish<E: Event>(
        _ event: E, headers: [String: String] = [:], idempotencyKey: String? = nil
    ) throws -> Publication {
        let logEvent = try currentSource().logEvent(event, headers: headers, idempotencyKey: idempotencyKey)
        guard let publication = try append([logEvent]).first else {
            throw LogFailure(.invalid, "\(E.name) was appended and has no offset")
        }
        return publication
    }

    /// Publishes an event in this commit: the same as ``publish(_:headers:idempotencyKey:)``, by the name that handlers know.
    @discardableResult
    public func emit<E: Event>(_ event: E, headers: [String: String] = [:]) throws -> Publication {
        try publish(event, headers: headers)
    }

    /// Schedules an event in this commit.
    ///
    /// - Returns: Its identity, by which it can be cancelled.
    @discardableResult
    public func publish<E: Event>(
        _ event: E, after delay: Duration, headers: [String: String] = [:], idempotencyKey: String? = nil
    ) throws -> EventID {
        let source = try currentSource()
        return try publish(event, at: source.time(after: delay), headers: headers, idempotencyKey: idempotencyKey)
    }

    /// Schedules an event for a time of day in this commit.
    ///
    /// - Returns: Its identity, by which it can be cancelled.
    @discardableResult
    public func publish<E: Event>(
        _ event: E, at time: Date, headers: [String: String] = [:], idempotencyKey: String? = nil
    ) throws -> EventID {
        let scheduled = try currentSource().scheduledEventInTransaction(
            event, at: time, headers: headers, idempotencyKey: idempotencyKey)
        return try schedule([scheduled]).first ?? scheduled.event.id
    }

    private func currentSource() throws -> EventSource {
        guard let source else {
            throw LogFailure(.invalid, "a transaction published an event where no bus is there for it, as in 'migrate'")
        }
        return source
    }
}
