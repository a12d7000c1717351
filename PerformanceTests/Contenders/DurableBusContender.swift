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

/// The event bus on a log in a file, as it comes: every commit is synced.
struct DurableBusContender: Contender {
    /// Whether somebody handles the events. The time then ends when the last settlement is committed.
    var handles = false

    func time(_ load: Load) async throws -> Duration {
        let directory = try ScratchDirectory()
        let handles = handles
        return try await withEventBus(
            log: .sqlite(directory.path("bus.db")), configuration: EventBusConfiguration(workers: load.workers),
            handlers: { handlers in
                guard handles else { return }
                try handlers.subscribe("counter", to: OrderPlaced.self) { _, _ in }
            }
        ) { bus in
            let start = ContinuousClock.now
            try await load.withProducers { share in
                if load.batchSize == 1 {
                    for number in share { try await bus.publish(OrderPlaced(orderID: number)) }
                } else {
                    for batch in load.batches(of: share) {
                        try await bus.publish(contentsOf: batch.map { OrderPlaced(orderID: $0) })
                    }
                }
            }
            if handles { try await bus.waitUntilSettled(load.events) }
            return start.duration(to: .now)
        }
    }
}

extension EventBus {
    /// Waits until the log has committed what became of this many deliveries.
    ///
    /// - Throws: ``MiscountError`` when more completed: something was handled twice.
    fileprivate nonisolated func waitUntilSettled(_ count: Int) async throws {
        var completed = 0
        repeat {
            // The statistics count a delivery as completed when that is committed.
            completed = await statistics().subscriptions.values.reduce(0) { $0 + $1.completed }
            if completed < count { await Task.yield() }
        } while completed < count
        guard completed == count else { throw MiscountError(handled: completed, expected: count) }
    }
}
