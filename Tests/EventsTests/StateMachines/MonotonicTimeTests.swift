//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import Testing

@Suite("MonotonicTime")
struct MonotonicTimeTests {
    private static let longest = Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)
    private static let shortest = Duration(secondsComponent: .min, attosecondsComponent: 0)

    @Test("a point moves by a duration, forwards and backwards")
    func moves() {
        let point = MonotonicTime(nanoseconds: 10)
        #expect(point.advanced(by: .nanoseconds(5)).nanoseconds == 15)
        #expect(point.advanced(by: .nanoseconds(-15)).nanoseconds == -5)
        #expect(point.advanced(by: .seconds(2)).nanoseconds == 2_000_000_010)
    }

    @Test("moving past an end of the time line stops there")
    func saturates() {
        for nanoseconds in [Int64.min, -1, 0, 1, .max] {
            let point = MonotonicTime(nanoseconds: nanoseconds)
            if nanoseconds >= 0 { #expect(point.advanced(by: Self.longest).nanoseconds == .max) }
            if nanoseconds <= 0 { #expect(point.advanced(by: Self.shortest).nanoseconds == .min) }
        }
    }

    @Test("the time between two points has a sign")
    func duration() {
        let early = MonotonicTime(nanoseconds: 5)
        let late = MonotonicTime(nanoseconds: 12)
        #expect(early.duration(to: late) == .nanoseconds(7))
        #expect(late.duration(to: early) == .nanoseconds(-7))
        #expect(early.duration(to: early) == .zero)
    }

    @Test("the time between the ends of the time line is as long as 64 bits can say")
    func wholeLine() {
        let first = MonotonicTime(nanoseconds: .min)
        let last = MonotonicTime(nanoseconds: .max)
        #expect(first.duration(to: last) == .nanoseconds(Int64.max))
        #expect(last.duration(to: first) == .nanoseconds(Int64.min))
    }

    @Test("points compare by time")
    func compares() {
        #expect(MonotonicTime(nanoseconds: -1) < MonotonicTime(nanoseconds: 0))
        #expect(MonotonicTime.distantFuture >= MonotonicTime(nanoseconds: .max))
    }

    @Test("a duration in whole nanoseconds is clamped and never traps")
    func saturatingNanoseconds() {
        #expect(Duration.zero.saturatingNanoseconds == 0)
        #expect(Duration.nanoseconds(-1).saturatingNanoseconds == -1)
        #expect(Duration.seconds(-2).saturatingNanoseconds == -2_000_000_000)
        #expect(Self.longest.saturatingNanoseconds == .max)
        #expect(Self.shortest.saturatingNanoseconds == .min)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 999_999_999).saturatingNanoseconds == 0)
        // Whole seconds that fit, with a rest that does not.
        let rest: Int64 = 999_999_999_000_000_000
        #expect(Duration(secondsComponent: 9_223_372_036, attosecondsComponent: rest).saturatingNanoseconds == .max)
        #expect(Duration(secondsComponent: -9_223_372_036, attosecondsComponent: -rest).saturatingNanoseconds == .min)
    }
}
