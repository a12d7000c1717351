//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsSQLite

/// Where a run begins: what earlier ones left in the file.
struct StartingPoint: Sendable, Hashable {
    /// The offset of the last event published by an earlier run; 0 in a new file.
    let lastOffset: Int
    /// Events that earlier runs have settled: they are handled, dead, or were discarded by a person.
    let settledEvents: Int

    /// Reads it, which must be done before the bus handles anything.
    init(_ transaction: SQLiteTransaction) throws {
        let rows = try transaction.query(
            """
            SELECT
                (SELECT coalesce(max(offset), 0) FROM bus_events),
                (SELECT handled FROM allocation_progress)
                    + (SELECT count(*) FROM allocation_mails WHERE sent_with_attempt IS NOT NULL)
                    + (SELECT count(*) FROM bus_dead_letters)
                    + (SELECT count(*) FROM bus_discards)
            """)
        guard let row = rows.first else { throw LogFileError("the log has no state") }
        lastOffset = try row.integer(0)
        settledEvents = try row.integer(1)
    }
}
