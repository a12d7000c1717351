//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite
import Dispatch
import Events
import Foundation

@testable import EventsSQLite

/// A log in a directory of its own, and the changes of its writer as functions that wait for their end.
final class WriterFixture: Sendable {
    let directory: URL
    let path: String
    let writer: LogWriter
    let poisonings: Notes<LogFailure>

    init(
        settings: LogSettings = LogSettings(), directory: URL? = nil,
        checkFile: @escaping @Sendable () throws(LogFailure) -> Void = {},
        now: @escaping @Sendable () -> MonotonicTime = { MonotonicTime(nanoseconds: 0) }
    ) throws {
        let directory = directory ?? FileManager.default.temporaryDirectory.appendingPathComponent("writer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        self.directory = directory
        path = directory.appendingPathComponent("log.db").path
        let poisonings = Notes<LogFailure>()
        self.poisonings = poisonings
        writer = LogWriter(
            path: path, settings: settings, checkFile: checkFile,
            onPoison: { poisonings.add($0) }, now: now)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    static let time = Date(timeIntervalSince1970: 1_800_000_000)

    @discardableResult
    func open(_ subscriptions: [LogOpening.Subscription] = [], running notes: [FlightNote] = []) async throws -> LogOpened {
        try await writer.open(
            LogOpening(subscriptions: subscriptions, time: Self.time, flightSlots: 4), running: { _ in notes })
    }

    /// Closes the log and opens it with another writer.
    func reopened() async throws -> WriterFixture {
        await writer.close()
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("writer-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: directory, to: copy)
        return try WriterFixture(directory: copy)
    }

    // MARK: Changes

    func append(_ events: LogEvent...) async throws -> [Publication] {
        try await append(all: events).get()
    }

    func append(all events: [LogEvent]) async -> Result<[Publication], LogFailure> {
        await withCheckedContinuation { continuation in
            writer.submit(
                .append(
                    LogAppend(events: events) { result in
                        continuation.resume(returning: result.map { $0.publications(of: events) })
                    }))
        }
    }

    func settle(
        _ key: SubscriptionKey, completed: [LogClaim] = [], items: [LogSettlement.Item] = []
    ) async throws -> (failures: [Int: any Error], stored: [StoredEvent]) {
        let (result, stored) = await withCheckedContinuation { continuation in
            writer.submit(
                .settle(
                    LogSettlement(subscription: key, time: Self.time, completed: completed, items: items) {
                        continuation.resume(returning: ($0, $1))
                    }))
        }
        return (try result.get(), stored)
    }

    func transact(_ action: @escaping @Sendable (SQLiteTransaction) throws -> Void) async throws -> [StoredEvent] {
        try await withCheckedThrowingContinuation { continuation in
            writer.submit(.transact(LogTransact(action: .sql(action)) { continuation.resume(with: $0) }))
        }
    }

    func redrive(_ letters: LogLetterSelection, handled: [String: Set<String>]? = nil) async throws -> [RedrivenDelivery] {
        try await withCheckedContinuation { continuation in
            writer.submit(
                .redrive(
                    LogLetterChange(letters: letters, handled: handled, time: Self.time) {
                        continuation.resume(returning: $0)
                    }))
        }.get()
    }

    func discard(_ letters: LogLetterSelection, reason: String) async throws -> [DiscardedLetter] {
        try await withCheckedContinuation { continuation in
            writer.submit(
                .discard(
                    LogLetterChange(letters: letters, reason: reason, time: Self.time) { continuation.resume(returning: $0) }))
        }.get()
    }

    func schedule(_ events: ScheduledEvent...) async throws -> [EventID] {
        try await withCheckedContinuation { continuation in
            writer.submit(.schedule(LogScheduling(events: events) { continuation.resume(returning: $0) }))
        }.get()
    }

    func cancel(_ id: EventID) async throws -> Bool {
        try await withCheckedContinuation { continuation in
            writer.submit(.cancelScheduled(LogCancellation(id: id) { continuation.resume(returning: $0) }))
        }.get()
    }

    func release(at time: Date, limit: Int = 100) async throws -> (events: [StoredEvent], next: ScheduledTime?) {
        let (result, next) = await withCheckedContinuation { continuation in
            writer.submit(
                .releaseScheduled(LogRelease(time: time, limit: limit) { continuation.resume(returning: ($0, $1)) }))
        }
        return (try result.get(), next)
    }

    func subscribe(_ subscription: LogOpening.Subscription) async throws -> LogSubscription {
        try await withCheckedContinuation { continuation in
            writer.submit(
                .subscribe(LogSubscribe(subscription: subscription, time: Self.time) { continuation.resume(returning: $0) }))
        }.get()
    }

    func unsubscribe(_ name: String) async throws -> RemovedSubscription? {
        try await withCheckedContinuation { continuation in
            writer.submit(.unsubscribe(LogUnsubscribe(name: name, time: Self.time) { continuation.resume(returning: $0) }))
        }.get()
    }

    func prune(before: Date? = nil, keeping: Int? = nil, limit: Int = 100) async throws -> (removed: Int, isDone: Bool) {
        try await withCheckedContinuation { continuation in
            writer.submit(
                .prune(LogPruning(before: before, keeping: keeping, limit: limit) { continuation.resume(returning: $0) }))
        }.get()
    }

    /// Runs `body` while the writer is busy, so that all it hands in becomes one commit.
    func whileBusy(_ body: () -> Void) {
        let started = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)
        let action = CommitAction { _ in
            started.signal()
            goOn.wait()
        }
        writer.submit(.transact(LogTransact(action: action) { _ in }))
        started.wait()
        body()
        goOn.signal()
    }

    // MARK: What the file has

    /// The rows of a query as another program reads them.
    func rows(_ sql: String) throws -> [SQLiteRow] {
        let connection = try Connection(path: path, mode: .readOnly)
        let statement = try connection.prepare(sql)
        let columns = statement.columnNames
        var rows: [SQLiteRow] = []
        while try statement.step() { rows.append(SQLiteRow(columns: columns, values: statement.values)) }
        return rows
    }

    /// The first column of a query's rows.
    func column(_ sql: String) throws -> [SQLiteValue] {
        try rows(sql).map { $0[0] }
    }

    func count(_ table: String) throws -> Int? {
        try rows("SELECT count(*) FROM \(table)").first?[0].int
    }

    /// Changes the file as another program could.
    func tamper(_ sql: String) throws {
        let connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(sql)
    }
}

/// What was noted from any thread.
final class Notes<Value: Sendable>: Sendable {
    private let notes = Guarded<[Value]>([])

    var all: [Value] { notes.withLock { $0 } }

    func add(_ note: Value) {
        notes.withLock { $0.append(note) }
    }
}

extension CommitAction {
    /// An action with SQL.
    static func sql(_ perform: @escaping @Sendable (SQLiteTransaction) throws -> Void) -> CommitAction {
        CommitAction { transaction in
            guard let transaction = transaction as? SQLiteTransaction else { return }
            try perform(transaction)
        }
    }
}

extension LogWriter {
    /// Runs SQL on the connection that writes.
    func execute(_ sql: String) throws {
        try tables?.connection.execute(sql)
    }

    func integer(_ sql: String) throws -> Int64? {
        try tables?.connection.integer(sql)
    }

    /// Makes each commit fail as if the storage did.
    func breakCommits() {
        guard let tables else { return }
        sqlite3_commit_hook(tables.connection.handle, { _ in 1 }, nil)
    }

    func settled(_ key: SubscriptionKey) -> OffsetRanges? { tables?.state.subscriptions[key]?.settled }
}

extension LogOpening.Subscription {
    static func to(_ name: String, _ events: String..., from start: SubscriptionStart = .beginning) -> LogOpening.Subscription {
        LogOpening.Subscription(name: name, eventNames: events, start: start)
    }
}

extension LogEvent {
    private static let numbers = Guarded<UInt64>(0)

    static func named(_ name: String, key: String? = nil, idempotencyKey: String? = nil, payload: String = "{}") -> LogEvent {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        return LogEvent(
            id: EventID(milliseconds: 1_800_000_000_000, sequence: 0, random: number), name: name, schemaVersion: 1,
            orderingKey: key, publishedAt: WriterFixture.time, correlationID: nil, causationID: nil, depth: 0, emittedBy: nil,
            headers: [:], payload: Data(payload.utf8), idempotencyKey: idempotencyKey)
    }
}

extension LogClaim {
    static func at(_ offset: Int64, from: Int64? = nil) -> LogClaim {
        LogClaim(from: Offset(rawValue: from ?? offset), offset: Offset(rawValue: offset))
    }
}

extension LogSettlement.Item {
    static func at(
        _ offset: Int64, from: Int64? = nil, key: String? = nil, _ end: LogSettlement.End, counts: LogCounts = LogCounts(),
        attempt: Attempt? = nil
    ) -> LogSettlement.Item {
        LogSettlement.Item(claim: .at(offset, from: from), orderingKey: key, end: end, counts: counts, attempt: attempt)
    }

    static func completing(_ offset: Int64, emitting events: LogEvent..., actions: [CommitAction] = []) -> LogSettlement.Item {
        var item = LogSettlement.Item.at(offset, .completed)
        item.events = events
        item.actions = actions
        return item
    }
}

extension LogSettlement.End {
    static func letter(_ reason: DeadLetter.Reason = .exhausted, parks: Bool = true, text: String = "no") -> LogSettlement.End {
        .dead(
            LogLetter(reason: reason, errorType: "MailFault", errorText: text, time: WriterFixture.time, parksKey: parks))
    }
}
