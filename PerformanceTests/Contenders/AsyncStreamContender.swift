//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The standard library's way: an `AsyncStream` with one consumer, which is all it can have.
///
/// Its buffer is unbounded, so its producers never wait; it has neither batches nor workers and does without.
struct AsyncStreamContender: Contender {
    func time(_ load: Load) async throws -> Duration {
        let tally = Tally(expected: load.events)
        let (stream, continuation) = AsyncStream<OrderPlaced>.makeStream()
        async let consumer: Void = {
            for await _ in stream { tally.count() }
        }()
        let start = ContinuousClock.now
        try await load.withProducers { share in
            for number in share { continuation.yield(OrderPlaced(orderID: number)) }
        }
        continuation.finish()
        await consumer
        return try tally.duration(since: start)
    }
}
