//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Synchronization

/// What makes a handler stand still until the bus gives up on it.
enum Standstill {
    /// Waits until the task is cancelled, and then says so: the delivery is released, and the log keeps it.
    static func wait() async throws {
        let (never, continuation) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        continuation.finish()
        throw CancellationError()
    }
}

/// Somewhere to note a moment and to wait for it.
final class Moment: Sendable {
    private let (stream, continuation) = AsyncStream<ContinuousClock.Instant>.makeStream()

    /// Notes that it is now; later calls change nothing.
    func note() {
        continuation.yield(.now)
        continuation.finish()
    }

    /// Waits for it; `nil` when the task is cancelled first.
    func wait() async -> ContinuousClock.Instant? {
        for await moment in stream { return moment }
        return nil
    }
}
