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
    /// What order and fan-out cost. One producer, one by one, 4 workers; for information, without a budget.
    static let shapes: [Benchmark] = [
        shape(
            "keyed-many", "in order by key, 1,000 keys",
            EventBusContender { OrderPlaced(orderID: $0, sku: skus[$0 % skus.count]) }),
        shape("keyed-one", "in order by key, all of one key", EventBusContender { OrderPlaced(orderID: $0, sku: "sku-1") }),
        shape("serial", "a serial subscription", EventBusContender(order: .serial)),
        shape("fan-out-10", "every event to 10 subscriptions", EventBusContender(subscriptions: 10)),
    ]

    /// Made beforehand, so that the measured loop does not make strings.
    private static let skus = (0..<1_000).map { "sku-\($0)" }

    private static func shape(_ name: String, _ summary: String, _ contender: EventBusContender) -> Benchmark {
        Benchmark(name: name, summary: summary) { effort in
            let deliveries = contender.subscriptions
            let load = Load(events: effort.events / deliveries)
            let rate = try await contender.rate(load, repetitions: effort.repetitions)
            return [Measurement(name: name, value: rate * Double(deliveries), unit: "deliveries/s")]
        }
    }
}
