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

/// A loop that inserts rows with a prepared statement, a commit a batch: what SQLite itself takes for the same rows in the same
/// tables. One thread, no bus, nothing to encode, nobody to tell.
struct RawLogContender: Contender {
    /// Whether each commit also records that its events are settled, as the log does: it moves the subscription's cursor and adds a
    /// row of history.
    var settles = false

    func time(_ load: Load) async throws -> Duration {
        let directory = try ScratchDirectory()
        return try await time(load, path: directory.path("raw.db"))
    }

    /// The same in a new file of this path.
    func time(_ load: Load, path: String) async throws -> Duration {
        // The tables are those that the bus makes.
        try await withEventBus(
            log: .sqlite(path), handlers: { try $0.subscribe("counter", to: OrderPlaced.self) { _, _ in } }
        ) { _ in }
        return try run(load, RawDatabase(path), RawRows(load.events))
    }

    private func run(_ load: Load, _ database: RawDatabase, _ rows: RawRows) throws -> Duration {
        let begin = try database.prepare("BEGIN IMMEDIATE")
        let insertion = try database.prepare(RawRows.insertion)
        let cursor = try database.prepare("UPDATE bus_subscriptions SET cursor = ?1, ranges = '' WHERE id = 1")
        let history = try database.prepare(
            """
            INSERT INTO bus_settlements (subscription, first_offset, last_offset, settled_at, offsets)
            VALUES (1, ?1, ?2, 1760000000000000, '0-' || (?2 - ?1))
            """)
        let commit = try database.prepare("COMMIT")
        return try ContinuousClock().measure {
            for batch in load.batches(of: 0..<load.events) {
                try begin.run()
                try rows.insert(batch, with: insertion)
                if settles {
                    cursor.bind(1, batch.upperBound)
                    try cursor.run()
                    history.bind(1, batch.lowerBound + 1)
                    history.bind(2, batch.upperBound)
                    try history.run()
                }
                try commit.run()
            }
        }
    }
}
