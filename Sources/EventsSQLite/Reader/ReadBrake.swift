//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite
internal import Synchronization

/// Stops a read from another thread.
final class ReadBrake: Sendable {
    private let pulled = Atomic(false)

    /// Whether a read should stop: its log is closing, or the task it runs in was cancelled.
    var isPulled: Bool { pulled.load(ordering: .relaxed) || Task.isCancelled }

    /// Stops reads now and later.
    func pull() {
        pulled.store(true, ordering: .relaxed)
    }
}

/// Says what SQL may do that only reads, and remembers what it refused: SQLite's own result does not always tell.
///
/// `sqlite3_stmt_readonly` alone would let ATTACH, PRAGMA and COMMIT pass.
final class ReadPermission {
    /// Whether something was refused since this was last set to `false`.
    var hasRefused = false

    fileprivate func answer(to action: Int32, _ name: UnsafePointer<CChar>?, _ function: UnsafePointer<CChar>?) -> Int32 {
        let isAllowed =
            switch action {
            case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: true
            case SQLITE_FUNCTION: function.map { !UserCodeGuard.loadsCode(String(cString: $0)) } ?? false
            // Full-text tables ask for this one by themselves when they are read.
            case SQLITE_PRAGMA: name.map { String(cString: $0) } == "data_version"
            default: false
            }
        if !isAllowed { hasRefused = true }
        return isAllowed ? SQLITE_OK : SQLITE_DENY
    }
}

extension ReadSession {
    /// Runs somebody else's SQL: it may only read, and a brake stops it.
    func guarded<Value>(by brake: ReadBrake, _ body: (ReadPermission) throws -> Value) throws -> Value {
        let handle = connection.handle
        let permission = ReadPermission()
        // Looked at every thousand instructions, some tens of microseconds apart.
        sqlite3_progress_handler(
            handle, 1_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<ReadBrake>.fromOpaque(context).takeUnretainedValue().isPulled ? 1 : 0
            }, Unmanaged.passUnretained(brake).toOpaque())
        sqlite3_set_authorizer(
            handle,
            { context, action, name, function, _, _ in
                guard let context else { return SQLITE_DENY }
                return Unmanaged<ReadPermission>.fromOpaque(context).takeUnretainedValue().answer(to: action, name, function)
            }, Unmanaged.passUnretained(permission).toOpaque())
        return try withExtendedLifetime((brake, permission)) {
            defer {
                sqlite3_set_authorizer(handle, nil, nil)
                sqlite3_progress_handler(handle, 0, nil, nil)
            }
            return try body(permission)
        }
    }
}
