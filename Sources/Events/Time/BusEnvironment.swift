//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Everything a bus takes from the world around it: time, chance, identifiers and tasks.
///
/// The default is ``live``. The module `EventsTesting` supplies environments with virtual time and a seeded scheduler, which
/// make a whole bus deterministic: the same seed gives the same run.
public struct BusEnvironment: Sendable {
    /// The monotonic time, for deadlines and durations.
    package var now: @Sendable () -> MonotonicTime
    /// The time of day, for what is shown to people and kept.
    package var wallClock: @Sendable () -> Date
    /// Uniformly distributed 64-bit numbers, for the jitter of retries.
    package var random: @Sendable () -> UInt64
    /// A fresh event identifier for an event published at the given time of day.
    package var makeEventID: @Sendable (Date) -> EventID
    /// So many fresh event identifiers at once, rising.
    package var makeEventIDs: @Sendable (Date, Int) -> [EventID]
    /// Makes the bus's one timer.
    package var makeAlarm: @Sendable () -> any Alarm
    /// Starts a task that the bus can cancel and replace on its own: a worker.
    package var spawn: @Sendable (_ name: String, _ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never>

    /// How many times an idle worker gives up its turn to let events gather, when handlers are quick. It trades a few microseconds
    /// for fewer meetings of publishers and workers; zero, which makes every step follow from the one before, is for tests.
    package var gatheringYields: Int

    package init(
        now: @escaping @Sendable () -> MonotonicTime,
        wallClock: @escaping @Sendable () -> Date,
        random: @escaping @Sendable () -> UInt64,
        makeEventID: @escaping @Sendable (Date) -> EventID,
        makeAlarm: @escaping @Sendable () -> any Alarm,
        spawn: @escaping @Sendable (String, @escaping @Sendable () async -> Void) -> Task<Void, Never>,
        gatheringYields: Int = 0
    ) {
        self.now = now
        self.wallClock = wallClock
        self.random = random
        self.makeEventID = makeEventID
        makeEventIDs = { time, count in (0..<count).map { _ in makeEventID(time) } }
        self.makeAlarm = makeAlarm
        self.spawn = spawn
        self.gatheringYields = gatheringYields
    }
}
