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

/// A log with a long history: many events that are settled, and some at its end that wait.
struct LongLog {
    let directory: ScratchDirectory
    let path: String

    /// The name of the subscription whose history it is.
    static let subscription = "counter"

    init(settled: Int, waiting: Int) async throws {
        directory = try ScratchDirectory()
        path = directory.path("long.db")
        // The bus makes the tables and the subscription.
        try await Self.withBus(on: path) { _ in }
        try Self.addHistory(settled, to: path)
        // What waits has to be as the bus writes it, or it would be dead letters: nothing vouches for the rows of the history.
        try await Self.withBus(on: path) { bus in
            for start in stride(from: 0, to: waiting, by: 1_000) {
                let batch = (start..<min(start + 1_000, waiting)).map { OrderPlaced(orderID: $0) }
                try await bus.publish(contentsOf: batch)
            }
        }
    }

    /// Adds dead letters to some of its last settled events, and to each one that waits behind it.
    func addDeadLetters(_ count: Int) throws {
        let database = try RawDatabase(path)
        try database.execute(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO bus_dead_letters (subscription, offset, ordering_key, event_name, correlation_id, reason, error_type,
                error_text, died_at, parks_key, attempts, failed_attempts, crashes, redrives, is_depth_reset)
            SELECT 1, i, 'k' || i, 'order.placed', printf('0199d0c5-7b1e-7a2b-8c3d-%012x', i), 'exhausted', 'MailRefused',
                '452 mailbox full', 1760000000000000 + i, 1, 5, 5, 0, 0, 0 FROM n;
            INSERT INTO bus_attempts SELECT subscription, offset, 5, died_at, 1000, error_type, error_text, 1 FROM bus_dead_letters;
            COMMIT;
            """)
    }

    /// Opens the log and returns how long that takes until the first event is handled, in milliseconds. Nothing is settled: what
    /// waits in the log waits for the next one as well.
    func timeToFirstEvent() async throws -> Double {
        let moment = Moment()
        let start = ContinuousClock.now
        let first = try await Self.withBus(on: path, whenHandling: { moment.note() }) { _ in await moment.wait() }
        guard let first else { throw CancellationError() }
        return start.duration(to: first) / .milliseconds(1)
    }

    /// Leaves a write-ahead log behind, as a process does that is killed while it is busy: the next one to open the log has to read
    /// all of it.
    func leaveWriteAheadLog(mebibytes: Int) throws {
        let database = try RawDatabase(path)
        database.leaveWriteAheadLog()
        try database.execute(
            """
            PRAGMA wal_autocheckpoint = 0;
            CREATE TABLE IF NOT EXISTS ballast (page BLOB);
            BEGIN;
            DELETE FROM ballast;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(mebibytes) * 256)
            INSERT INTO ballast SELECT zeroblob(4050) FROM n;
            COMMIT;
            """)
    }

    /// Runs a bus whose handlers stand still, so that nothing is ever settled.
    @discardableResult
    private static func withBus<Result: Sendable>(
        on path: String, whenHandling note: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (EventBus) async throws -> Result
    ) async throws -> Result {
        var configuration = EventBusConfiguration()
        configuration.shutdownDeadline = .zero
        return try await withEventBus(
            log: .sqlite(path), configuration: configuration,
            handlers: { handlers in
                try handlers.subscribe(subscription, to: OrderPlaced.self) { _, _ in
                    note()
                    try await Standstill.wait()
                }
            }, body)
    }

    /// Adds events to the log that its subscription has settled, in commits of 1,000, as a bus would have made them.
    private static func addHistory(_ count: Int, to path: String) throws {
        let database = try RawDatabase(path)
        try database.execute(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO bus_events (offset, id, name, version, published_at, depth, checksum, payload)
            SELECT i, printf('0199d0c5-7b1e-7a2b-8c3d-%012x', i), 'order.placed', 1, 1760000000000000 + i, 0, 0,
                   printf('{"orderID":%d,"quantity":3}', i)
            FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1000 FROM n WHERE i + 1000 <= \(count))
            INSERT INTO bus_settlements (subscription, first_offset, last_offset, settled_at, offsets)
            SELECT 1, i, i + 999, 1760000000000000 + i, '0-999' FROM n;
            UPDATE bus_subscriptions SET cursor = \(count), ranges = '';
            COMMIT;
            """)
    }
}
