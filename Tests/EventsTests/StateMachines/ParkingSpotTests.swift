//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

@Suite("ParkingSpot")
struct ParkingSpotTests {
    @Test("a wake before the wait is not lost, and several count as one")
    func before() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let spot = ParkingSpot()
            spot.wake()
            spot.wake()
            await spot.park()
            let ends = Counter()
            async let second: Void = {
                await spot.park()
                ends.increment()
            }()
            await schedule.idle()
            #expect(ends.value == 0)
            spot.wake()
            await second
        }
    }

    @Test("every wake is followed by the end of a wait, whichever came first")
    func race() async throws {
        try await exploreSchedules(seeds: 0..<50) { _ in
            let spot = ParkingSpot()
            for _ in 0..<5 {
                async let parked: Void = spot.park()
                async let woken: Void = spot.wake()
                _ = await (parked, woken)
            }
        }
    }
}
