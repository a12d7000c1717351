//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

extension BusEnvironment {
    /// An environment with virtual time on the ordinary executor: for tests that move the time by hand and do not care in which
    /// order tasks run. For a repeatable order, use ``SeededSchedule/environment``.
    ///
    /// - Parameters:
    ///   - clock: The clock that gives the time, of day too, and rings the bus's alarm when it is moved.
    ///   - seed: Decides the jitter of retries and the random part of event identifiers. The default is 0.
    public static func manual(clock: ManualClock, seed: UInt64 = 0) -> BusEnvironment {
        BusEnvironment(clock: clock, seed: seed, spawn: BusEnvironment.live.spawn)
    }

    /// An environment with virtual time and seeded chance.
    init(
        clock: ManualClock,
        seed: UInt64,
        spawn: @escaping @Sendable (String, @escaping @Sendable () async -> Void) -> Task<Void, Never>
    ) {
        let random = SharedRandom(seed: seed, purpose: 1)
        let eventIDs = SeededEventIDs(seed: seed)
        self.init(
            now: { clock.now },
            wallClock: { clock.wallClock },
            random: { random.next() },
            makeEventID: { eventIDs.makeEventID(at: $0) },
            makeAlarm: { clock.makeAlarm() },
            spawn: spawn
        )
    }
}

/// A seeded generator that tasks on several threads may draw from.
private final class SharedRandom: Sendable {
    private let generator: Guarded<SplitMix64>

    init(seed: UInt64, purpose: UInt64) {
        generator = Guarded(SplitMix64(seed: seed, purpose: purpose))
    }

    func next() -> UInt64 {
        generator.withLock { $0.next() }
    }
}
