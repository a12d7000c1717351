//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Synchronization

/// What every handler of a throughput benchmark does: it counts, and whoever comes to the expected number notes the time.
///
/// So nobody polls for the end, and what tidies up afterwards is not part of the measurement.
final class Tally: Sendable {
    private let expected: Int
    private let handled = Atomic<Int>(0)
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    init(expected: Int) {
        self.expected = expected
    }

    func count() {
        if handled.wrappingAdd(1, ordering: .relaxed).newValue == expected {
            end.withLock { $0 = .now }
        }
    }

    /// The time from `start` until the last event was handled.
    ///
    /// - Throws: ``MiscountError`` when events were lost or handled twice: such a run has no speed.
    func duration(since start: ContinuousClock.Instant) throws -> Duration {
        let handled = handled.load(ordering: .relaxed)
        guard handled == expected, let end = end.withLock({ $0 }) else {
            throw MiscountError(handled: handled, expected: expected)
        }
        return start.duration(to: end)
    }
}

/// Events were lost or handled more than once.
struct MiscountError: Error, CustomStringConvertible {
    let handled: Int
    let expected: Int

    var description: String { "\(handled) of \(expected) events were handled; each must be, exactly once." }
}
