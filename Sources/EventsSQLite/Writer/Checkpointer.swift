//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite

/// Copies the write-ahead log into the database, between commits.
final class Checkpointer {
    private let connection: Connection
    private let settings: LogSettings
    private let pageSize: Int
    /// Pages in the write-ahead log after the last commit.
    private var pages = 0
    /// Pages in it after the last checkpoint; a commit that starts it anew brings this down.
    private var pagesBefore = 0

    init(_ connection: Connection, settings: LogSettings) throws(SQLiteError) {
        self.connection = connection
        self.settings = settings
        pageSize = max(512, Int(try connection.integer("PRAGMA page_size") ?? 4096))
        // Called after each commit, on the log's thread. The connection and this end together.
        sqlite3_wal_hook(
            connection.handle,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue().committed(pages: Int(pages))
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func committed(pages: Int) {
        self.pages = pages
        pagesBefore = min(pagesBefore, pages)
    }

    /// Makes a checkpoint if it is time. It waits for nobody: what readers still use is copied later.
    ///
    /// - Parameter isWaiting: Whether changes wait, which a checkpoint would keep waiting.
    func checkpointIfDue(isWaiting: Bool) throws(SQLiteError) {
        let added = (pages - pagesBefore) * pageSize
        let isDue = added > settings.checkpointBytes && (!isWaiting || pages * pageSize > settings.longestWAL)
        guard isDue else { return }
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        pagesBefore = pages
        switch code & 0xFF {
        case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return
        // Everything is in the write-ahead log, and stays there until there is room.
        case SQLITE_FULL: return
        default: throw SQLiteError(connection.handle, code: code, during: "making a checkpoint")
        }
    }
}
