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
        var live = BusEnvironment(
            // Dispatch's clock, because its timers run on it; and because `ContinuousClock` reckons in 128 bits, which shows at one
            // reading an event. Both stand still while the machine sleeps.
            now: { MonotonicTime(nanoseconds: Int64(truncatingIfNeeded: DispatchTime.now().uptimeNanoseconds)) },
            wallClock: { Date() },
            random: { UInt64.random(in: .min ... .max) },
            makeEventID: { identifiers.next(now: milliseconds(of: $0)) },
            makeAlarm: { DispatchAlarm() },
            spawn: { name, operation in
                // Names of tasks are younger than the Apple systems that this package runs on.
                if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
                    return Task(name: name, operation: operation)
                }
                return Task(operation: operation)
            },
            gatheringYields: 50
        )
        live.makeEventIDs = { identifiers.next($1, now: milliseconds(of: $0)) }
        return live
    }()

    /// Unix time in milliseconds. Before 1970, and for dates no clock shows, it is clamped: an identifier must never be a trap.
    private static func milliseconds(of time: Date) -> UInt64 {
        UInt64(min(max(time.timeIntervalSince1970 * 1000, 0), 2e14))
    }
}
