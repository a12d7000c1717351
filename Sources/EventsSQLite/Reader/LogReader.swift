//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// Reads a log's file while another connection writes it: one thread and connection for the bus, another for the application, so
/// that no query of the application's holds up a delivery.
///
/// Every read is one short transaction; reading much means reading many pages. A read whose task was cancelled before it began
/// throws `CancellationError`; others throw ``LogFailure``.
final class LogReader: Sendable {
    private let path: String
    private let vfs: String?
    private let checkFile: @Sendable () throws(LogFailure) -> Void
    private let bus: ReaderLane
    private let application: ReaderLane
    private let backups = Guarded(Backups())

    private struct Backups {
        var isClosed = false
        var next = 0
        var lanes: [Int: ReaderLane] = [:]
    }

    /// A reader of a log's file, whose tables are there. Nothing is opened yet.
    ///
    /// - Parameters:
    ///   - path: The file's path, taken literally.
    ///   - vfs: The name of the SQLite file system to use. The default, `nil`, is the system's own.
    ///   - checkFile: Throws when the file is not the one that the writer has. It is called whenever a connection is opened.
    init(path: String, vfs: String? = nil, checkFile: @escaping @Sendable () throws(LogFailure) -> Void = {}) {
        self.path = path
        self.vfs = vfs
        self.checkFile = checkFile
        bus = ReaderLane(path: path, vfs: vfs, checkFile: checkFile)
        application = ReaderLane(path: path, vfs: vfs, checkFile: checkFile)
    }

    // MARK: For the bus

    /// Reads events in offset order.
    func events(_ selection: EventSelection) async throws -> EventPage {
        try await bus.read { try $0.events(selection) }
    }

    /// Reads deliveries that have a row of their own, in offset order; those due, by time.
    func deliveries(_ selection: DeliverySelection) async throws -> [StoredDelivery] {
        try await bus.read { try $0.deliveries(selection) }
    }

    /// Reads dead letters in order of arrival.
    func deadLetters(_ selection: DeadLetterSelection) async throws -> [StoredDeadLetter] {
        try await bus.read { try $0.deadLetters(selection) }
    }

    /// How many dead letters there are by subscription and error type.
    func deadLetterCounts() async throws -> [DeadLetterCount] {
        try await bus.read { try $0.deadLetterCounts() }
    }

    /// The latest discards of dead letters, oldest first.
    func discards(limit: Int) async throws -> [DeadLetterDiscard] {
        try await bus.read { try $0.discards(limit: limit) }
    }

    /// What became of an event's deliveries, and of those that it caused.
    func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder] = [:]
    ) async throws -> StoredOutcome {
        try await bus.read { try $0.outcome(of: offset, including: scope, orders: orders) }
    }

    // MARK: For the application

    /// Reads one state of the file with SQL. `body` runs on the reader's own thread; its queries end early when the task is
    /// cancelled or the log is closed.
    func read<Value: Sendable>(_ body: @Sendable (SQLiteReadTransaction) throws -> Value) async throws -> Value {
        try await application.query(body)
    }

    /// Copies the log, in its state of now, to a new file that can be opened as a log. Publishing and handling go on meanwhile, though
    /// the write-ahead file grows until the copy is done.
    ///
    /// - Parameter target: The path of the copy, which must not exist. The copy has mode 0600 and is on disk when this returns.
    /// - Throws: ``LogFailure``; `CancellationError` when the task is cancelled. There is no copy then.
    func backup(to target: String) async throws {
        // A connection of its own, so that other reads need not wait for the copy.
        let lane = ReaderLane(path: path, vfs: vfs, checkFile: checkFile)
        let number: Int? = backups.withLock { backups in
            guard !backups.isClosed else { return nil }
            backups.next += 1
            backups.lanes[backups.next] = lane
            return backups.next
        }
        guard let number else { throw LogFailure(.closed, "the log \(path) is closed") }
        do {
            try await lane.backUp(to: target)
        } catch {
            await end(number, lane)
            throw error
        }
        await end(number, lane)
    }

    private func end(_ backup: Int, _ lane: ReaderLane) async {
        await lane.close()
        backups.withLock { $0.lanes[backup] = nil }
    }

    // MARK: The end

    /// Interrupts what the application reads and closes the connections. Later reads fail.
    ///
    /// A closure that is in the midst of something else than SQL is waited for.
    func close() async {
        let lanes = backups.withLock { backups in
            backups.isClosed = true
            return Array(backups.lanes.values)
        }
        for lane in lanes { await lane.close() }
        await application.close()
        await bus.close()
    }
}
