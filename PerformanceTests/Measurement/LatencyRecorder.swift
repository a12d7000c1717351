//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Synchronization

/// Collects how long events were on their way, from any number of handlers.
final class LatencyRecorder: Sendable {
    private let microseconds: Mutex<[Double]>

    /// - Parameter capacity: How many samples are expected, so that none of them pays for a growing array.
    init(capacity: Int) {
        var samples: [Double] = []
        samples.reserveCapacity(capacity)
        microseconds = Mutex(samples)
    }

    func record(since start: ContinuousClock.Instant) {
        let latency = start.duration(to: .now)
        microseconds.withLock { $0.append(latency / .microseconds(1)) }
    }

    var samples: SortedSamples { SortedSamples(microseconds.withLock { $0 }) }
}
