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

extension SQLiteError {
    /// What a read of this module's own came to.
    var readFailure: any Error {
        switch primaryCode {
        case SQLITE_INTERRUPT: interruption
        case SQLITE_FULL: LogFailure(.full, description)
        case SQLITE_BUSY, SQLITE_LOCKED: LogFailure(.busy, description)
        // An error in this module's own SQL means that the tables are not what they should be.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR: LogFailure(.corrupt, description)
        default: LogFailure(.io, description)
        }
    }

    private var interruption: any Error {
        if Task.isCancelled { CancellationError() } else { LogFailure(.closed, "the log was closed while it was read") }
    }
}
