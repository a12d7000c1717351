//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import CSQLite
internal import Events

/// Writes the log: takes everything that is pending, makes one commit of it, tells the completions, and starts over.
///
/// There is no timer and no minimum: while one commit syncs, the next gathers. It owns the only connection that writes or makes
/// checkpoints, and works on a thread of its own.
actor LogWriter {
    private struct Pending {
        var changes: [PendingChange] = []
        /// Empty ones, to be filled again.
        var unused: [PendingChange] = []
        /// Whether the thread has been told that there is something to do.
        var isScheduled = false
        /// Why nothing more is taken.
        var refusal: LogFailure?
        /// Whether the log failed, rather than being closed.
        var isPoisoned = false
    }

    /// Where the log is.
    nonisolated let path: String
    let settings: LogSettings
    private let vfs: String?
    private let checkFile: @Sendable () throws(LogFailure) -> Void
    private let onPoison: @Sendable (LogFailure) -> Void
    private let now: @Sendable () -> MonotonicTime
    private nonisolated let thread = LogThread()
    private nonisolated let pending = Guarded(Pending())
    private(set) var tables: LogTables?
    private var checkpointer: Checkpointer?
    /// Settlements that found no room, in order. They go before everything later.
    var held: [PendingChange] = []
    /// Why they found none.
    var holdFailure: LogFailure?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - path: The file, which is taken literally.
    ///   - vfs: The name of SQLite's layer to the system; `nil` is its own.
    ///   - settings: How to work.
    ///   - checkFile: Throws when the file is not the one that was opened any more. It is called before each commit.
    ///   - onPoison: Told once, when the log takes nothing more because writing it failed.
    ///   - now: A clock that does not jump, for what commit actions take.
    init(
        path: String, vfs: String? = nil, settings: LogSettings = LogSettings(),
        checkFile: @escaping @Sendable () throws(LogFailure) -> Void = {},
        onPoison: @escaping @Sendable (LogFailure) -> Void = { _ in },
        now: @escaping @Sendable () -> MonotonicTime
    ) {
        self.path = path
        self.vfs = vfs
        self.settings = settings
        self.checkFile = checkFile
        self.onPoison = onPoison
        self.now = now
    }

    deinit {
        thread.stop()
    }

    // MARK: Opening and closing

    /// Opens the file, creates or migrates its tables, and begins a new epoch, in one commit.
    ///
    /// - Parameters:
    ///   - opening: What the bus wants.
    ///   - notes: What the flight recorder has from an epoch.
    func open(
        _ opening: LogOpening, running notes: @Sendable (_ epoch: Int64) -> [FlightNote] = { _ in [] }
    ) throws(LogFailure) -> LogOpened {
        guard tables == nil, pending.withLock({ $0.refusal == nil }) else {
            throw LogFailure(.invalid, "the log \(path) was opened before")
        }
        do {
            let connection = try Connection(path: path, mode: .readWrite, vfs: vfs)
            // Before anything is changed: the file may be another program's.
            let schema = try SchemaState(connection, path: path)
            try settings.apply(to: connection, path: path)
            try schema.bringUpToDate(connection, path: path, at: opening.time.microseconds)
            let tables = try LogTables(
                connection, watcher: UserCodeGuard(now: now), path: path, actionBudget: settings.actionBudget)
            try tables.checkReferences(.invalid)
            let checkpointer = try Checkpointer(connection, settings: settings)
            try checkFile()
            try tables.begin()
            let opened = try tables.open(opening, running: notes)
            try tables.commit()
            self.tables = tables
            self.checkpointer = checkpointer
            return opened
        } catch let failure as LogFailure {
            throw failure
        } catch let error as SQLiteError {
            throw LogFailure(error, path: path)
        } catch {
            throw LogFailure(.io, "\(path): \(error)")
        }
    }

    /// Performs an action in a commit of its own, however long it takes: for the tables that a service has in the log's file.
    func migrate(_ action: CommitAction) async throws {
        _ = try await withCheckedThrowingContinuation { continuation in
            submit(.transact(LogTransact(action: action) { continuation.resume(with: $0) }), isUnbounded: true)
        }
    }

    /// Writes what was handed in, tries once more what found no room, and lets the file go. Later changes fail. Connections that read
    /// the file should be closed before, so that SQLite can tidy up.
    func close() {
        let isFirst = pending.withLock { pending in
            guard pending.refusal == nil else { return false }
            pending.refusal = LogFailure(.closed, "the log \(path) is closed")
            return true
        }
        if isFirst {
            repeat { perform(takeBatch()) } while pending.withLock({ !$0.changes.isEmpty })
        }
        let failure = holdFailure ?? LogFailure(.closed, "the log \(path) is closed")
        for change in held { change.fail(failure) }
        held = []
        checkpointer = nil
        tables = nil
        thread.stop()
    }

    // MARK: Taking changes

    /// How many emptied changes are kept to be filled again.
    private static let unusedLimit = 512

    /// Hands in a change. It returns at once, and never calls the change's completion before it does.
    nonisolated func submit(_ change: LogChange) {
        submit(change, isUnbounded: false)
    }

    private nonisolated func submit(_ change: LogChange, isUnbounded: Bool) {
        let next = pending.withLock { $0.unused.popLast() } ?? PendingChange()
        next.fill(change, isUnbounded: isUnbounded)
        let (refusal, wakes) = pending.withLock { pending -> (LogFailure?, Bool) in
            if let refusal = pending.refusal { return (refusal, false) }
            pending.changes.append(next)
            defer { pending.isScheduled = true }
            return (nil, !pending.isScheduled)
        }
        if let refusal {
            thread.run { change.fail(refusal) }
        } else if wakes {
            wake()
        }
    }

    /// Keeps changes that are done to be filled again.
    func recycle(_ changes: [PendingChange]) {
        for change in changes { change.empty() }
        pending.withLock { $0.unused.append(contentsOf: changes.prefix(max(0, Self.unusedLimit - $0.unused.count))) }
    }

    /// Why the log takes nothing more; `nil` when it does, or was closed.
    nonisolated var poison: LogFailure? {
        pending.withLock { $0.isPoisoned ? $0.refusal : nil }
    }

    private nonisolated func wake() {
        // A log that nobody holds any more has nothing pending either: each change is handed in by somebody who waits for it.
        thread.run { [self] in assumeIsolated { $0.writeNext() } }
    }

    /// One commit, and what follows it.
    private func writeNext() {
        perform(takeBatch())
        let isWaiting = pending.withLock { pending in
            pending.isScheduled = !pending.changes.isEmpty
            return pending.isScheduled
        }
        // By way of the queue, so that others who want something of the thread have their turn.
        if isWaiting { wake() }
        guard poison == nil else { return }
        do {
            try checkpointer?.checkpointIfDue(isWaiting: isWaiting)
        } catch {
            poison(LogFailure(error, path: path))
        }
    }

    /// What is held and what is pending, in order, as much as one commit should have.
    private func takeBatch() -> [PendingChange] {
        let (limit, byteLimit) = (settings.commitLimit, settings.commitBytes)
        let taken = pending.withLock { pending -> [PendingChange] in
            if pending.changes.count <= limit, pending.changes.reduce(0, { $0 &+ $1.byteCount }) <= byteLimit {
                defer { pending.changes = [] }
                return pending.changes
            }
            var bytes = 0
            let count = pending.changes.prefix(limit).prefix { change in
                bytes += change.byteCount
                return bytes <= byteLimit
            }.count
            // One change alone may be larger than a commit should be.
            let first = Array(pending.changes.prefix(max(1, count)))
            pending.changes.removeFirst(first.count)
            return first
        }
        guard !held.isEmpty else { return taken }
        defer { held = [] }
        return held + taken
    }

    // MARK: Failures

    /// Keeps settlements for when there is room.
    func hold(_ changes: [PendingChange], because failure: LogFailure) {
        held = changes
        holdFailure = failure
        thread.runLater(after: settings.retryInterval) { [weak self] in
            self?.retryHeld()
        }
    }

    private nonisolated func retryHeld() {
        assumeIsolated { writer in
            guard !writer.held.isEmpty else { return }
            writer.writeNext()
        }
    }

    /// Takes nothing more, and fails everything that waits.
    func poison(_ failure: LogFailure) {
        let waiting = pending.withLock { pending -> [PendingChange]? in
            guard !pending.isPoisoned else { return nil }
            pending.isPoisoned = true
            pending.refusal = failure
            defer { pending.changes = [] }
            return pending.changes
        }
        guard let waiting else { return }
        if let connection = tables?.connection {
            // What failed may be the file itself: nothing is copied to it, and the write-ahead log stays for whoever opens it next.
            try? connection.setOption(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        }
        onPoison(failure)
        for change in held + waiting { change.fail(failure) }
        held = []
    }

    /// Throws when the log's file is gone.
    func checkLogFile() throws(LogFailure) {
        try checkFile()
    }
}
