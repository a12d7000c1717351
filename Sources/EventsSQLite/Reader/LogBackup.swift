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

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A copy of a log's file, made page by page through SQLite while the log goes on.
///
/// The copy grows under another name and gets its own when it is whole and on disk, so that what bears the name can be relied on.
struct LogBackup {
    private let target: String
    private var partial: String { target + ".partial" }

    /// Pages between two questions whether to go on: some milliseconds.
    private static let step: Int32 = 256

    /// - Throws: ``LogFailure`` with `invalid` if there can be no backup of that path.
    init(to path: String) throws(LogFailure) {
        guard !path.isEmpty, !path.hasSuffix("/"), !path.hasPrefix("file:"), !path.hasPrefix(":"), !path.utf8.contains(0) else {
            throw LogFailure(.invalid, "'\(path)' is not a path for a backup")
        }
        // SQLite follows no links here, and the folder may well be reached by one.
        let cut = path.lastIndex(of: "/")
        let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
        guard let resolved = realpath(folder, nil) else { throw Self.failure("finding the folder of \(path)") }
        defer { free(resolved) }
        let base = String(cString: resolved)
        target = base == "/" ? "/" + name : base + "/" + name
    }

    /// Copies the file that a session reads, in the state that its transaction sees.
    ///
    /// - Parameter mayGoOn: Asked before every step whether to take it. If not, the copy is given up.
    /// - Throws: ``LogFailure`` or ``SQLiteError``. There is no copy then.
    func copy(from session: ReadSession, mayGoOn: () -> Bool) throws {
        // Files that another database left beside this name would be taken for parts of the copy.
        for path in [target, target + "-wal", target + "-shm", target + "-journal"] where Self.exists(path) {
            throw LogFailure(.invalid, "a backup does not overwrite \(path)")
        }
        let file = open(partial, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            guard errno == EEXIST else { throw Self.failure("creating \(partial)") }
            throw LogFailure(.invalid, "\(partial) exists: another backup writes it, or one was cut off and it can be deleted")
        }
        // Closed after SQLite's own descriptor of it: closing any of them drops the locks of all.
        defer { close(file) }
        do {
            try copyPages(from: session, mayGoOn: mayGoOn)
            guard fsync(file) == 0 else { throw Self.failure("syncing \(partial)") }
            try publish()
        } catch {
            unlink(partial)
            throw error
        }
    }

    private func copyPages(from session: ReadSession, mayGoOn: () -> Bool) throws {
        let copy = try Connection(path: partial, mode: .readWrite)
        // A copy that is cut off is deleted, so it needs no journal.
        try copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = 0")
        // The source's transaction must have begun: a backup in one that had not would begin again with every commit of the writer.
        _ = try session.connection.integer("SELECT count(*) FROM sqlite_schema")
        guard let backup = sqlite3_backup_init(copy.handle, "main", session.connection.handle, "main") else {
            throw SQLiteError(copy.handle, code: sqlite3_errcode(copy.handle), during: "beginning a backup")
        }
        var code = SQLITE_OK
        while code == SQLITE_OK, mayGoOn() { code = sqlite3_backup_step(backup, Self.step) }
        let end = sqlite3_backup_finish(backup)
        if code == SQLITE_OK {
            throw SQLiteError(code: SQLITE_INTERRUPT, message: "interrupted", during: "copying to \(partial)")
        }
        guard code == SQLITE_DONE, end == SQLITE_OK else {
            throw SQLiteError(copy.handle, code: code == SQLITE_DONE ? end : code, during: "copying to \(partial)")
        }
    }

    /// Gives the copy its name, unless something has that by now.
    private func publish() throws(LogFailure) {
        if link(partial, target) == 0 {
            unlink(partial)
        } else {
            // Some file systems have no links.
            let code = errno
            guard code != EEXIST, !Self.exists(target) else {
                throw LogFailure(.invalid, "a backup does not overwrite \(target)")
            }
            guard rename(partial, target) == 0 else { throw Self.failure("naming \(target)") }
        }
        try syncFolder()
    }

    private func syncFolder() throws(LogFailure) {
        let cut = target.lastIndex(of: "/") ?? target.startIndex
        let path = cut == target.startIndex ? "/" : String(target[..<cut])
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure("opening \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure("syncing \(path)") }
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The failure of the last system call.
    private static func failure(_ action: String) -> LogFailure {
        let code = errno
        let reason: LogFailure.Reason =
            switch code {
            case ENOSPC, EDQUOT: .full
            case ENOENT, ENOTDIR, EACCES, EPERM, EROFS, ENAMETOOLONG, EISDIR, ELOOP: .invalid
            default: .io
            }
        return LogFailure(reason, "\(action): \(String(cString: strerror(code)))")
    }
}
