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

/// The whole service: the bus with its log, the use cases behind it, and the mail server behind those.
struct AllocationApplication: Sendable {
    let mailer: Mailer
    let activity = BusActivity()
    /// The path of the log's file, which also holds the service's own tables.
    let path: String

    init(path: String, mailFaults: MailFaults) {
        self.path = path
        mailer = Mailer(faults: mailFaults)
    }

    /// Runs the service's bus for the duration of `body`. What an earlier run on the same file left unfinished is handled as well.
    ///
    /// - Parameters:
    ///   - workers: How many handlers run at the same time at most.
    ///   - body: What to do, told where the run begins.
    /// - Throws: What `body` throws; `EventBusError` if `workers` is out of range; `LogFailure` or ``LogFileError`` if the file cannot
    ///   be used.
    func withBus<Result: Sendable>(
        workers: Int, _ body: @escaping @Sendable (EventBus, StartingPoint) async throws -> Result
    ) async throws -> Result {
        let start = Guarded<StartingPoint?>(nil)
        let log = SQLiteEventLog.sqlite(path, options: .allocation { found in start.withLock { $0 = found } })
        let wiring = AllocationWiring(notifications: NotificationService(mailer: mailer))
        return try await withEventBus(
            log: log, configuration: .allocation(workers: workers, activity: activity),
            handlers: { try wiring.register(in: &$0) }
        ) { bus in
            guard let start = start.withLock({ $0 }) else { throw LogFileError("the log did not say what it holds") }
            return try await body(bus, start)
        }
    }

    /// What it all came to so far.
    func summary(on bus: EventBus, rejectedLines: Int, since start: StartingPoint) async throws -> Summary {
        try await bus.read { database in
            try Summary(
                events: EventCounts(database), rejectedLines: rejectedLines,
                deadLettered: database.query("SELECT count(*) FROM bus_dead_letters").first?.integer(0) ?? 0,
                stock: StockTotals(database), resumed: start.settledEvents)
        }
    }
}
