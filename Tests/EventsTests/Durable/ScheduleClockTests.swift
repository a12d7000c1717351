//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsTesting
import Foundation
import Testing

@testable import Events

@Suite("The clock of schedules")
struct ScheduleClockTests {
    private var clock = ScheduleClock()

    /// The clock's seconds when the system's clock and the one that does not jump say so many.
    private mutating func time(wall: Double, moment: Double) -> Double {
        clock.time(
            wall: ManualClock.defaultStart.addingTimeInterval(wall), moment: MonotonicTime(nanoseconds: Int64(moment * 1e9))
        ).timeIntervalSince(ManualClock.defaultStart)
    }

    @Test("it follows the system's clock, also forward")
    mutating func forward() {
        #expect(time(wall: 0, moment: 0) == 0)
        #expect(time(wall: 10, moment: 10) == 10)
        #expect(time(wall: 3_600, moment: 11) == 3_600)
        #expect(time(wall: 3_601, moment: 12) == 3_601)
    }

    @Test("when that is set back it goes on, until that has caught up")
    mutating func back() {
        #expect(time(wall: 100, moment: 0) == 100)
        #expect(time(wall: 40, moment: 10) == 110)
        #expect(time(wall: 60, moment: 30) == 130)
        #expect(time(wall: 200, moment: 40) == 200)
        #expect(time(wall: 210, moment: 50) == 210)
    }

    @Test("what lies between two readings is no step back")
    mutating func jitter() {
        #expect(time(wall: 100, moment: 0) == 100)
        #expect(abs(time(wall: 109.95, moment: 10) - 109.95) < 0.000_001)
    }

    @Test("it goes on from where another process left it")
    mutating func restart() {
        let start = ManualClock.defaultStart
        clock.goOn(from: start.addingTimeInterval(50), wall: start, moment: MonotonicTime(nanoseconds: 0))
        #expect(time(wall: 1, moment: 1) == 51)
        clock.goOn(from: start, wall: start.addingTimeInterval(70), moment: MonotonicTime(nanoseconds: 0))
        #expect(time(wall: 71, moment: 1) == 71)
    }
}
