//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// A step from one version of the tables to the next.
struct Migration: Sendable {
    /// The version that it starts from; it ends at the next.
    let from: Int64
    /// What it does.
    let sql: String

    /// All steps, in order. Version 1 is the first.
    static let all: [Migration] = [
        Migration(
            from: 1,
            sql: """
                ALTER TABLE bus_subscriptions ADD COLUMN delivery_order TEXT;
                ALTER TABLE bus_subscriptions ADD COLUMN order_after INTEGER NOT NULL DEFAULT 0;
                \(Schema.operations)
                """)
    ]
}

/// What kind of file a connection found.
package enum SchemaState: Equatable {
    /// Nothing in it yet.
    case empty
    /// A log with tables of this version.
    case log(version: Int64)

    /// Looks, and changes nothing.
    ///
    /// - Throws: ``LogFailure``: `invalid` for another program's file, `newer` for a newer log.
    package init(_ connection: Connection, path: String, current: Int64 = Schema.version) throws {
        let application = try connection.integer("PRAGMA application_id") ?? 0
        let version = try connection.integer("PRAGMA user_version") ?? 0
        let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
        if application == 0, version == 0, isEmpty {
            self = .empty
            return
        }
        guard application == Schema.applicationID else {
            throw LogFailure(.invalid, "\(path) is a database of another program, and not a log")
        }
        guard version <= current else {
            throw LogFailure(.newer, "\(path) is a log of version \(version), and this code knows versions up to \(current)")
        }
        self = .log(version: version)
    }

    /// Creates the tables or brings them up to date, in one transaction.
    func bringUpToDate(
        _ connection: Connection, path: String, at time: Int64, migrations: [Migration] = Migration.all,
        current: Int64 = Schema.version
    ) throws {
        if self == .log(version: current) { return }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            switch self {
            case .empty:
                try connection.execute(Schema.tables)
                try connection.execute("PRAGMA application_id = \(Schema.applicationID)")
                let statement = try connection.prepare(
                    "INSERT INTO bus_log (id, epoch, last_offset, created_at) VALUES (1, 0, 0, ?1)")
                statement.bind(1, time)
                try statement.run()
            case .log(var version):
                for migration in migrations where migration.from == version && version < current {
                    try connection.execute(migration.sql)
                    version += 1
                }
                guard version == current else {
                    throw LogFailure(.corrupt, "\(path) says that it is a log of version \(version), of which there is none")
                }
            }
            try connection.execute("PRAGMA user_version = \(current)")
            try connection.execute("COMMIT")
        } catch {
            if !connection.isAutocommitting { try connection.execute("ROLLBACK") }
            throw error
        }
    }
}
