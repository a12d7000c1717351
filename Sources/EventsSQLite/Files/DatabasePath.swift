//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import Events

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Where a log's database is, checked and made absolute, so that one database has one path.
///
/// Two paths to one file would be two lock files and two owners, and SQLite itself finds its `-wal` by the path. So links among the
/// directories are resolved, and a database that is itself a link, or that has a second name, is refused.
struct DatabasePath: Sendable, Hashable {
    /// The absolute path without symbolic links.
    let path: String
    /// What a person should know, though it prevents nothing. Each is a sentence that names the path.
    let warnings: [String]

    /// The directory that holds it.
    private let directory: String

    /// The lock file's path.
    var lockPath: String { path + "-lock" }
    /// The flight recorder's path.
    var flightPath: String { path + "-flight" }
    /// The write-ahead log's path.
    var walPath: String { path + "-wal" }

    /// SQLite's limit for a path, less the longest suffix.
    private static let longestPath = 512 - 8

    /// Checks a path as a user gave it. Nothing is created or opened.
    ///
    /// - Parameter filesystem: Finds out what kind of file system a directory is on.
    /// - Throws: `LogFailure` that says what to do: `invalid`, or `unsupported` on a network file system.
    init(
        _ given: String,
        filesystem: (_ directory: String) throws(SystemError) -> Filesystem = { (path) throws(SystemError) in
            try Filesystem.holding(path)
        }
    ) throws(LogFailure) {
        let (parent, name) = try Self.split(given)
        guard let resolved = realpath(parent, nil) else {
            let error = SystemError(code: errno)
            guard error.isMissing else { throw error.failure("reach the directory of", given) }
            let hint = given.hasPrefix("~") ? "; '~' is taken literally" : ""
            throw LogFailure(.invalid, "the directory \(parent) for the log \(given) does not exist; create it first\(hint)")
        }
        directory = String(cString: resolved)
        free(resolved)
        path = directory == "/" ? "/" + name : directory + "/" + name
        guard path.utf8.count <= Self.longestPath else {
            throw LogFailure(
                .invalid, "the path \(path) has \(path.utf8.count) bytes; SQLite takes at most \(Self.longestPath)")
        }
        var warnings: [String] = []
        try Self.check(directory, filesystem: filesystem, for: path, warnings: &warnings)
        try Self.check(path, warnings: &warnings)
        self.warnings = warnings
    }

    /// Creates an empty database with mode 0600 if there is none. To be called by the owner, before SQLite opens it: SQLite would
    /// create it with what the umask leaves, and gives its `-wal` and `-shm` the mode that the database has.
    func createIfMissing() throws(LogFailure) {
        do {
            var descriptor: Int32 = -1
            try SystemError.check(events_file_create(path, &descriptor))
            events_file_close(descriptor)
            try SystemError.check(events_directory_sync(directory))
        } catch {
            guard !error.isExisting else { return }
            throw error.failure("create", path)
        }
    }

    // MARK: Checks

    private static func split(_ given: String) throws(LogFailure) -> (parent: String, name: String) {
        if given.isEmpty { throw LogFailure(.invalid, "the path of the log is empty; give the path of a file") }
        if given.utf8.contains(0) { throw LogFailure(.invalid, "the path of the log contains a NUL character") }
        if given == ":memory:" {
            throw LogFailure(.invalid, "':memory:' is not a file; for a bus that keeps nothing, leave out its log")
        }
        if given.lowercased().hasPrefix("file:") {
            throw LogFailure(.invalid, "\(given) is a URI; give a plain path, without 'file:' and parameters")
        }
        let name = given.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? given
        if name.isEmpty || name == "." || name == ".." {
            throw LogFailure(.invalid, "\(given) is a directory; give the path of a file in it")
        }
        let parent = given.dropLast(name.count)
        return (parent.isEmpty ? "." : String(parent), name)
    }

    private static func check(
        _ directory: String, filesystem: (String) throws(SystemError) -> Filesystem, for path: String, warnings: inout [String]
    ) throws(LogFailure) {
        let found: Filesystem
        do {
            found = try filesystem(directory)
        } catch {
            throw error.failure("find out the file system of", directory)
        }
        switch found.verdict {
        case .suitable: break
        case .doubtful:
            warnings.append("The log \(path) is on a file system (\(found)) that may not survive a power loss.")
        case .unsuitable:
            throw LogFailure(
                .unsupported,
                "the log \(path) would be on a network file system (\(found)), where locks and syncs cannot be relied on; put it "
                    + "on a local disk")
        }
        let access = SystemError(code: events_file_may_write(directory, true))
        guard access.code == 0 else {
            throw LogFailure(
                .invalid,
                "the directory \(directory) for the log \(path) is not writable by this user (\(access.text)); SQLite "
                    + "keeps files beside the database")
        }
    }

    private static func check(_ path: String, warnings: inout [String]) throws(LogFailure) {
        let status: FileStatus?
        let wal: FileStatus?
        do {
            status = try FileStatus(at: path)
            wal = try FileStatus(at: path + "-wal")
        } catch {
            throw error.failure("look at", path)
        }
        if (status?.size ?? 0) == 0, let wal, wal.size > 0, status.map({ $0.kind == .regular }) ?? true {
            // SQLite would take the database for a new one and delete the -wal without a word.
            throw LogFailure(
                .invalid,
                "\(path) is \(status == nil ? "missing" : "empty"), but \(path)-wal holds committed events; put the database back "
                    + "beside it, or move the -wal away to begin anew")
        }
        guard let status else { return }
        switch status.kind {
        case .regular: break
        case .directory: throw LogFailure(.invalid, "\(path) is a directory; give the path of a file in it")
        case .symbolicLink:
            throw LogFailure(.invalid, "\(path) is a symbolic link; give the path of the file that it leads to")
        case .other: throw LogFailure(.invalid, "\(path) is not a regular file; a log cannot be kept in it")
        }
        guard status.links == 1 else {
            throw LogFailure(
                .invalid,
                "\(path) has \(status.links) names (hard links), and a log opened by two names at once is damaged; remove the others"
            )
        }
        let access = SystemError(code: events_file_may_write(path, false))
        guard access.code == 0 else {
            throw LogFailure(.invalid, "\(path) is not readable and writable by this user: \(access.text)")
        }
        if status.permissions & 0o077 != 0 {
            let mode = String(status.permissions, radix: 8)
            warnings.append("The log \(path) is open to other users (mode \(mode)); 'chmod 600' closes it.")
        }
    }
}
