//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
package import EventsSQLite

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Looks into a log's file, whoever has it open, and changes nothing.
///
/// It has one connection and belongs to one thread at a time. Each question is one short read transaction, so that the owner's
/// write-ahead log can be used from its beginning again; the exception is a verification, which sees one state of all of it.
package final class LogInspection {
    /// The database's absolute path, without links.
    package let path: String
    package let session: ReadSession
    /// The version of the file's format.
    package let version: Int64

    /// Up to how large a file is looked through for damage when it is opened: some milliseconds. SQLite cannot be stopped in the midst
    /// of that (before 3.41), so of a larger one only the tables are looked through that say how to read the others. `verify` does all.
    private static let checkedBytes: Int64 = 16 << 20
    private static let smallTables = ["bus_log", "bus_subscriptions", "bus_subscription_types"]

    /// Opens a log.
    ///
    /// - Parameter given: The path as somebody gave it. Links among its directories are followed, one in the place of the file is not.
    /// - Throws: `LogFailure` that says what is wrong with the file and what to do.
    package init(_ given: String) throws {
        path = try Self.resolve(given)
        do {
            session = try ReadSession(inspecting: path)
            guard case .log(let version) = try SchemaState(session.connection, path: path) else {
                throw LogFailure(.invalid, "\(path) is an empty database and no log")
            }
            self.version = version
            try Self.checkSchema(session, path: path, version: version)
            try Self.checkPages(session, path: path)
            if version < Schema.version { try session.completeOlderSchema() }
        } catch let error as SQLiteError {
            throw error.inspectionFailure(path: path)
        }
    }

    /// Answers a question from one state of the file.
    package func read<Value>(_ body: (ReadSession) throws -> Value) throws -> Value {
        do {
            return try session.transaction(body)
        } catch let error as SQLiteError {
            throw error.inspectionFailure(path: path)
        }
    }

    // MARK: Opening

    private static func resolve(_ given: String) throws -> String {
        guard !given.isEmpty, !given.utf8.contains(0) else { throw LogFailure(.invalid, "the path of the log is empty") }
        guard !given.lowercased().hasPrefix("file:") else {
            throw LogFailure(.invalid, "\(given) is a URI; give a plain path, without 'file:' and parameters")
        }
        let cut = given.lastIndex(of: "/")
        let directory = cut.map { $0 == given.startIndex ? "/" : String(given[..<$0]) } ?? "."
        let name = cut.map { String(given[given.index(after: $0)...]) } ?? given
        guard let resolved = realpath(directory, nil) else {
            throw LogFailure(.invalid, "there is no log \(given): its directory does not exist")
        }
        defer { free(resolved) }
        let base = String(cString: resolved)
        let path = base == "/" ? "/" + name : base + "/" + name
        let status: FileStatus?
        do {
            status = try FileStatus(at: path)
        } catch {
            throw error.failure("look at", path)
        }
        guard let status else { throw LogFailure(.invalid, "there is no log \(path)") }
        switch status.kind {
        case .regular: return path
        case .directory: throw LogFailure(.invalid, "\(path) is a directory; give the path of the log's file in it")
        case .symbolicLink: throw LogFailure(.invalid, "\(path) is a symbolic link; give the path of the file that it leads to")
        case .other: throw LogFailure(.invalid, "\(path) is no regular file and cannot be a log")
        }
    }

    /// Fails when the log's tables are not what the queries here take them for: a view in a table's place could be any query.
    private static func checkSchema(_ session: ReadSession, path: String, version: Int64) throws {
        let expected = try ReadSession.expectedSchema(version: version)
        var columns: [String: Set<String>] = [:]
        var indexes: Set<String> = []
        let statement = try session.connection.prepare(
            """
            SELECT m.type, m.name, c.name FROM sqlite_schema AS m LEFT JOIN pragma_table_info(m.name) AS c ON m.type = 'table'
            WHERE m.name LIKE 'bus_%' AND (m.type <> 'table' OR m.sql NOT LIKE 'CREATE VIRTUAL%')
            """)
        while try statement.step() {
            switch statement.text(0) {
            case "table": columns[statement.text(1), default: []].insert(statement.text(2))
            case "index": indexes.insert(statement.text(1))
            default: break
            }
        }
        for (table, names) in expected.tables.sorted(by: { $0.key < $1.key }) {
            guard let found = columns[table], found.isSuperset(of: names) else {
                throw LogFailure(
                    .corrupt, "\(path) is no sound log: its table \(table) is not what it should be; restore a backup")
            }
        }
        guard indexes.isSuperset(of: expected.indexes) else {
            let missing = expected.indexes.subtracting(indexes).sorted().joined(separator: ", ")
            throw LogFailure(.corrupt, "\(path) is no sound log: it has no index \(missing); restore a backup")
        }
    }

    /// Looks for damage, as far as that takes no time to speak of.
    private static func checkPages(_ session: ReadSession, path: String) throws {
        let pages = try session.connection.integer("PRAGMA page_count") ?? 0
        let size = try session.connection.integer("PRAGMA page_size") ?? 4_096
        let isSmall = pages.multipliedReportingOverflow(by: size).partialValue <= checkedBytes
        for check in isSmall ? ["PRAGMA quick_check(1)"] : smallTables.map({ "PRAGMA quick_check(\($0))" }) {
            let finding = try session.connection.text(check)
            guard let finding, finding != "ok" else { continue }
            throw LogFailure(.corrupt, "\(path) is damaged (\(finding)); restore a backup, or see what 'verify' finds")
        }
    }
}
