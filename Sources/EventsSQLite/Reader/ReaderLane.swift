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

/// A connection that reads, on a thread of its own. It is opened by the first read.
actor ReaderLane {
    private let thread = LogThread()
    private let brake = ReadBrake()
    private let path: String
    private let vfs: String?
    private let checkFile: @Sendable () throws(LogFailure) -> Void
    private var session: ReadSession?
    private var isClosed = false

    /// A lane to a log's file. `checkFile` throws when that is not at its path any more.
    init(path: String, vfs: String?, checkFile: @escaping @Sendable () throws(LogFailure) -> Void) {
        self.path = path
        self.vfs = vfs
        self.checkFile = checkFile
    }

    deinit {
        thread.stop()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Reads in one short transaction.
    ///
    /// - Throws: `CancellationError` if the task was cancelled before the read began, ``LogFailure``, and what `body` throws.
    func read<Value: Sendable>(_ body: @Sendable (ReadSession) throws -> Value) throws -> Value {
        try Task.checkCancellation()
        do {
            return try openSession().transaction(body)
        } catch let error as SQLiteError {
            throw error.readFailure
        }
    }

    /// Reads with somebody else's SQL, which the task's cancellation and ``close()`` interrupt.
    func query<Value: Sendable>(_ body: @Sendable (SQLiteReadTransaction) throws -> Value) throws -> Value {
        try read { session in
            try session.guarded(by: brake) { permission in
                let transaction = SQLiteReadTransaction(session.connection, permission)
                defer { transaction.end() }
                return try body(transaction)
            }
        }
    }

    /// Copies the log's file as it is now. The task's cancellation and ``close()`` interrupt it.
    func backUp(to path: String) throws {
        try read { session in
            try LogBackup(to: path).copy(from: session) { !brake.isPulled }
        }
    }

    /// Ends what can be interrupted and closes the connection. Later reads fail.
    nonisolated func close() async {
        brake.pull()
        await shut()
    }

    private func shut() {
        isClosed = true
        session = nil
        thread.stop()
    }

    private func openSession() throws -> ReadSession {
        guard !isClosed else { throw LogFailure(.closed, "the log \(path) is closed") }
        if let session { return session }
        // What is at the path may be another log, to be read without a complaint; and nothing, where the writer still has the file.
        try checkFile()
        let opened = try ReadSession(path: path, vfs: vfs)
        try checkFile()
        session = opened
        return opened
    }
}
