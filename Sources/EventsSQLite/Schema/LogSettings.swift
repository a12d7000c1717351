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

/// How the writer works. What is not said has its default.
struct LogSettings: Sendable {
    /// What a commit survives.
    enum Durability: Int64, Sendable, Hashable {
        /// Not even the end of the machine in good order. No option leads here: it is what the tests of power losses must find
        /// losses with.
        case nothing = 0
        /// The end of the process, not that of the machine.
        case process = 1
        /// A power loss.
        case power = 2
    }

    /// What a commit survives. The default is a power loss.
    var durability = Durability.power
    /// How long to wait for another program that writes.
    var busyTimeout = Duration.seconds(2)
    /// How much is written between checkpoints, in bytes. The default is 4 MiB.
    var checkpointBytes = 4 << 20
    /// From how large a write-ahead log on it is copied even while changes wait, and to what it is cut down. The default is 64 MiB.
    var longestWAL = 64 << 20
    /// The most changes in one commit.
    var commitLimit = 4096
    /// The most bytes in one commit, about. The default is 64 MiB.
    var commitBytes = 64 << 20
    /// What the statements of a delivery's commit actions may take together.
    var actionBudget = Duration.seconds(1)
    /// How often settlements that found no room are tried again.
    var retryInterval = Duration.seconds(1)

    /// Makes a connection to a log what the log's promises need, and reads back whether it is.
    func apply(to connection: Connection, path: String) throws {
        sqlite3_busy_timeout(connection.handle, Int32(clamping: busyTimeout.saturatingNanoseconds / 1_000_000))
        // Data in the file must not become code: no edits of the schema, no functions with effects in views and triggers.
        try connection.setOption(SQLITE_DBCONFIG_DEFENSIVE, true)
        try connection.setOption(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        guard try connection.text("PRAGMA journal_mode = WAL")?.lowercased() == "wal" else {
            throw LogFailure(.unsupported, "\(path) cannot have a write-ahead log, which needs shared memory beside the file")
        }
        let pragmas: [(name: String, value: Int64)] = [
            ("synchronous", durability.rawValue), ("wal_autocheckpoint", 0), ("journal_size_limit", Int64(longestWAL)),
            ("secure_delete", 0), ("mmap_size", 0), ("trusted_schema", 0), ("foreign_keys", 1), ("fullfsync", 1),
            ("checkpoint_fullfsync", 1),
        ]
        for (name, value) in pragmas {
            try connection.execute("PRAGMA \(name) = \(value)")
            // A SQLite built without something says nothing about it, and does not do it.
            guard let actual = try connection.integer("PRAGMA \(name)"), actual != value else { continue }
            throw LogFailure(.unsupported, "SQLite would not set \(name) of \(path) to \(value): it says \(actual)")
        }
    }
}
