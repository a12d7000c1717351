//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite

/// The service's own tables, in the file of the bus's log. What a handler does to them is committed together with the fact that it
/// handled its event, so it happens exactly once.
enum Schema {
    private static let tables = [
        """
        CREATE TABLE IF NOT EXISTS allocation_products (
            sku TEXT PRIMARY KEY,
            deallocated_lines INTEGER NOT NULL  -- lines that shrunk batches gave back
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS allocation_batches (
            id INTEGER PRIMARY KEY,             -- in the order of arrival
            sku TEXT NOT NULL,
            reference TEXT NOT NULL,
            eta TEXT,                           -- NULL: in stock
            created_quantity INTEGER NOT NULL,
            quantity INTEGER NOT NULL,
            allocated_quantity INTEGER NOT NULL,
            UNIQUE (sku, reference)
        ) STRICT
        """,
        """
        CREATE TABLE IF NOT EXISTS allocation_lines (
            id INTEGER PRIMARY KEY,             -- in the order of allocation
            sku TEXT NOT NULL,
            reference TEXT NOT NULL,            -- of the batch
            order_id TEXT NOT NULL,
            quantity INTEGER NOT NULL,
            UNIQUE (sku, reference, order_id, quantity)
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS allocation_lines_by_batch ON allocation_lines (sku, reference, id)",
        """
        CREATE TABLE IF NOT EXISTS allocation_mails (
            number INTEGER PRIMARY KEY,
            sku TEXT NOT NULL,
            sent_with_attempt INTEGER           -- NULL: not sent yet
        ) STRICT
        """,
        // One row.
        """
        CREATE TABLE IF NOT EXISTS allocation_progress (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            handled INTEGER NOT NULL            -- events that changed, or could have changed, products
        ) STRICT
        """,
        "INSERT OR IGNORE INTO allocation_progress (id, handled) VALUES (1, 0)",
    ]

    /// Makes the tables that are not there yet.
    ///
    /// - Throws: ``LogFileError`` if the log is that of another application, which must not be mixed up with this one.
    static func migrate(_ transaction: SQLiteTransaction) throws {
        let isOurs = try !transaction.query("SELECT 1 FROM sqlite_schema WHERE name = 'allocation_progress'").isEmpty
        let isUsed = try !transaction.query("SELECT 1 FROM bus_events LIMIT 1").isEmpty
        guard isOurs || !isUsed else {
            throw LogFileError("the log is that of another application; name another file with --db")
        }
        for statement in tables { try transaction.execute(statement) }
    }
}
