//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// The event bus as it comes: default queue, default retries, publishers that wait for room.
///
/// It is not generic over the event, as a user's code would not be: what is called through `any Contender` is not specialised, and
/// the loop would then measure that.
struct EventBusContender: Contender {
    var subscriptions = 1
    var order = DeliveryOrder.perKey
    var event: @Sendable (_ number: Int) -> OrderPlaced = { OrderPlaced(orderID: $0) }

    func time(_ load: Load) async throws -> Duration {
        let tally = Tally(expected: load.events * subscriptions)
        let start = try await withEventBus(
            configuration: EventBusConfiguration(workers: load.workers),
            handlers: { handlers in
                for number in 0..<subscriptions {
                    try handlers.subscribe("counter-\(number)", to: OrderPlaced.self, order: order) { _, _ in tally.count() }
                }
            }
        ) { bus in
            let start = ContinuousClock.now
            try await load.withProducers { share in
                if load.batchSize == 1 {
                    for number in share { try await bus.publish(event(number)) }
                } else {
                    for batch in load.batches(of: share) { try await bus.publish(contentsOf: batch.map(event)) }
                }
            }
            return start
        }
        return try tally.duration(since: start)
    }
}
