//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsSQLite

extension EventCounts {
    /// Counts all events of the log.
    init(_ database: SQLiteReadTransaction) throws {
        self.init()
        for row in try database.query("SELECT name, count(*) FROM bus_events GROUP BY name") {
            count(name: try row.text(0), times: try row.integer(1))
        }
    }
}

extension StockTotals {
    /// Adds up what all products hold.
    init(_ database: SQLiteReadTransaction) throws {
        self.init()
        // A batch may hold up to `Int.max` units, and SQLite fails when a sum is more. So it adds up the halves of each number.
        let rows = try database.query(
            """
            SELECT
                (SELECT coalesce(sum(deallocated_lines), 0) FROM allocation_products),
                (SELECT count(*) FROM allocation_products),
                (SELECT count(DISTINCT sku) FROM allocation_mails),
                (SELECT count(*) FROM allocation_lines),
                coalesce(sum(allocated_quantity >> 32), 0),
                coalesce(sum(allocated_quantity & 0xFFFFFFFF), 0),
                coalesce(sum((quantity - allocated_quantity) >> 32), 0),
                coalesce(sum((quantity - allocated_quantity) & 0xFFFFFFFF), 0)
            FROM allocation_batches
            """)
        guard let row = rows.first else { throw LogFileError("the log has no totals") }
        deallocated = try row.integer(0)
        skus = try row.integer(1)
        outOfStockSKUs = try row.integer(2)
        allocatedLines = try row.integer(3)
        allocatedUnits = try Int128(row.integer(4)) << 32 + Int128(row.integer(5))
        availableUnits = try Int128(row.integer(6)) << 32 + Int128(row.integer(7))
    }
}
