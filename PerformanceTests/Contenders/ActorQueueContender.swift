//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// An actor around an array, with as many workers as the bus has, each of which asks for one event at a time.
struct ActorQueueContender: Contender {
    func time(_ load: Load) async throws -> Duration {
        let tally = Tally(expected: load.events)
        let queue = ActorQueue<OrderPlaced>()
        let start = try await withThrowingTaskGroup(of: Void.self) { workers in
            for _ in 0..<load.workers {
                workers.addTask {
                    while await queue.next() != nil { tally.count() }
                }
            }
            let start = ContinuousClock.now
            try await load.withProducers { share in
                if load.batchSize == 1 {
                    for number in share { await queue.push(OrderPlaced(orderID: number)) }
                } else {
                    for batch in load.batches(of: share) {
                        await queue.push(contentsOf: batch.map { OrderPlaced(orderID: $0) })
                    }
                }
            }
            await queue.finish()
            try await workers.waitForAll()
            return start
        }
        return try tally.duration(since: start)
    }
}
