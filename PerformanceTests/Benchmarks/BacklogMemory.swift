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

extension Benchmark {
    /// What a backlog costs in memory: it should be on disk. A subscription takes what its workers have in hand, and a million events
    /// come behind that.
    static let backlogMemory = Benchmark(
        name: "backlog-memory-1M", summary: "resident memory gained with 1,000,000 waiting on disk"
    ) { effort in
        let directory = try ScratchDirectory()
        var configuration = EventBusConfiguration()
        configuration.shutdownDeadline = .zero
        let growth = try await withEventBus(
            log: .sqlite(directory.path("backlog.db")), configuration: configuration,
            handlers: { handlers in
                try handlers.subscribe("slow", to: OrderPlaced.self) { _, _ in try await Standstill.wait() }
            }
        ) { bus -> Double? in
            guard let idle = ResidentMemory.mebibytes else { return nil }
            // The most there is at any time counts, not what is left at the end.
            var most = idle
            for start in stride(from: 0, to: effort.memoryEvents, by: 1_000) {
                try await bus.publish(contentsOf: (start..<start + 1_000).map { OrderPlaced(orderID: $0) })
                if start % 20_000 == 0 { most = max(most, ResidentMemory.mebibytes ?? 0) }
            }
            most = max(most, ResidentMemory.mebibytes ?? 0)
            let waiting = await bus.statistics().subscriptions["slow"].map { $0.unfinished + $0.lag } ?? 0
            guard waiting >= effort.memoryEvents else { throw MiscountError(handled: waiting, expected: effort.memoryEvents) }
            return most - idle
        }
        guard let growth else { return [] }
        return [Measurement(name: "backlog-memory-1M", value: growth, unit: "MiB", budget: .expected(.valueAtMost(64)))]
    }
}
