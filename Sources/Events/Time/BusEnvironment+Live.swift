//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Dispatch

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

// The only file of the module that reads a real clock or starts a task by itself; everything else takes them from its environment.

extension BusEnvironment {
    /// The real world: the system's clocks and randomness, tasks on Swift's own executor.
    public static let live: BusEnvironment = {
        let identifiers = SharedEventIDGenerator()
        return BusEnvironment(
            // Dispatch's clock, because its timers run on it; and because `ContinuousClock` reckons in 128 bits, which shows at one
            // reading an event. Both stand still while the machine sleeps.
            now: { MonotonicTime(nanoseconds: Int64(truncatingIfNeeded: DispatchTime.now().uptimeNanoseconds)) },
            wallClock: { Date() },
            random: { UInt64.random(in: .min ... .max) },
            makeEventID: { time in
                // Before 1970, and for dates no clock shows, the time part is clamped: an identifier must never be a trap.
                identifiers.next(now: UInt64(min(max(time.timeIntervalSince1970 * 1000, 0), 2e14)))
            },
            makeAlarm: { DispatchAlarm() },
            spawn: { name, operation in Task(name: name, operation: operation) },
            gatheringYields: 50
        )
    }()
}
