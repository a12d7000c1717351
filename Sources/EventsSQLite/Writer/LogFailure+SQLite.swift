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

/// What an error of SQLite means for the log.
enum StorageFault {
    /// No room; it works again once there is.
    case full
    /// Another program writes.
    case busy
    /// What one statement asked for cannot be. The rest of the commit is none the worse for it.
    case statement
    /// The storage failed.
    case storage

    /// No room for the index of the write-ahead log (`SQLITE_IOERR_SHMSIZE`). While a commit is under way this can come after the
    /// commit's last byte was written.
    static let sharedMemoryFull = SQLITE_IOERR | 19 << 8
    /// The file is not where it was (`SQLITE_READONLY_DBMOVED`).
    static let fileMoved = SQLITE_READONLY | 4 << 8

    init(_ error: SQLiteError) {
        switch error.primaryCode {
        case SQLITE_FULL: self = .full
        case SQLITE_IOERR where error.code == Self.sharedMemoryFull: self = .full
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_AUTH,
            SQLITE_SCHEMA, SQLITE_INTERRUPT, SQLITE_ABORT, SQLITE_MISUSE:
            self = .statement
        default: self = .storage
        }
    }
}

extension LogFailure {
    /// The failure that an error of SQLite is.
    init(_ error: SQLiteError, path: String, isIndeterminate: Bool = false) {
        let reason: Reason =
            switch error.primaryCode {
            case SQLITE_FULL: .full
            case SQLITE_IOERR where error.code == StorageFault.sharedMemoryFull: .full
            case SQLITE_READONLY where error.code == StorageFault.fileMoved: .lost
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_ERROR: .invalid
            default: .io
            }
        let advice =
            switch error.primaryCode {
            case SQLITE_NOTADB: "it is no database, or its beginning is damaged: name another file, or restore a backup; "
            case SQLITE_CORRUPT: "the file is damaged: restore a backup; "
            default: ""
            }
        self.init(reason, "\(path): \(advice)\(error)", isIndeterminate: isIndeterminate)
    }
}
