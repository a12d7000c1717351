//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

extension Benchmark {
    /// What a bus that has been at work for a while takes for another million events. They leave nothing behind, so it should be
    /// next to nothing.
    static let memoryGrowth = Benchmark(
        name: "memory-growth", summary: "resident memory gained while 1,000,000 events pass"
    ) { effort in
        let tally = Tally(expected: effort.memoryEvents * 6 / 5)
        let growth = try await withEventBus(
            handlers: { handlers in
                try handlers.subscribe("counter", to: OrderPlaced.self) { _, _ in tally.count() }
            }
        ) { bus -> Double? in
            try await publish(effort.memoryEvents / 5, to: bus)
            let before = ResidentMemory.mebibytes
            try await publish(effort.memoryEvents, to: bus)
            let after = ResidentMemory.mebibytes
            return before.flatMap { before in after.map { $0 - before } }
        }
        guard let growth else { return [] }
        return [Measurement(name: "memory-growth", value: growth, unit: "MiB", budget: .expected(.valueAtMost(16)))]
    }

    /// With keys that come and go, because per-key state is what would pile up.
    private static func publish(_ count: Int, to bus: EventBus) async throws {
        for number in 0..<count { try await bus.publish(OrderPlaced(orderID: number, sku: "sku-\(number)")) }
    }
}
