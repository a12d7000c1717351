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

/// Every row of the table in `Lane`'s documentation, and what follows from several dead letters of one key.
@Suite("Lane")
struct LaneTests {
    private static func offset(_ number: Int64) -> Offset { Offset(rawValue: number) }

    private static func waiting(_ lane: Lane) -> [Int64] {
        (0..<lane.waiting.count).compactMap { lane.waiting[$0]?.number }
    }

    @Test("free, not blocked: an arrival starts and occupies the lane")
    func start() {
        var lane = Lane()
        #expect(lane.isEmpty)
        #expect(lane.arrive(makeDelivery(1)) == .start)
        #expect(lane.isOccupied)
        #expect(!lane.isEmpty)
    }

    @Test("occupied, not blocked: an arrival waits")
    func wait() {
        var lane = Lane()
        _ = lane.arrive(makeDelivery(1))
        #expect(lane.arrive(makeDelivery(2)) == .wait)
        #expect(Self.waiting(lane) == [2])
    }

    @Test("occupied, blocked: an arrival is parked")
    func parkWhileOccupied() {
        var lane = Lane()
        _ = lane.arrive(makeDelivery(5))
        _ = lane.park(behind: Self.offset(3))
        #expect(lane.arrive(makeDelivery(6)) == .park)
        #expect(lane.isParked(Self.offset(6)))
    }

    @Test("free, blocked: an arrival is parked, and the lane stays free")
    func parkWhileFree() {
        var lane = Lane()
        _ = lane.park(behind: Self.offset(1))
        #expect(lane.arrive(makeDelivery(2)) == .park)
        #expect(!lane.isOccupied)
        #expect(lane.advance() == nil)
        #expect(!lane.isOccupied)
    }

    @Test("free, blocked from a later offset on: an earlier arrival starts")
    func startBeforeBlock() {
        var lane = Lane()
        _ = lane.park(behind: Self.offset(7))
        #expect(lane.arrive(makeDelivery(3)) == .start)
    }

    @Test("a dead letter does not block its own delivery, so a redrive starts it")
    func ownDelivery() {
        var lane = Lane()
        _ = lane.park(behind: Self.offset(7))
        #expect(lane.arrive(makeDelivery(7)) == .start)
        #expect(lane.arrive(makeDelivery(8)) == .park)
    }

    @Test("the one out leaves: the first that waits goes out, or the lane is free")
    func advance() {
        var lane = Lane()
        for number in 1...3 { _ = lane.arrive(makeDelivery(Int64(number))) }
        #expect(lane.advance()?.number == 2)
        #expect(lane.isOccupied)
        #expect(lane.advance()?.number == 3)
        #expect(lane.advance() == nil)
        #expect(lane.isEmpty)
    }

    @Test("nothing goes out while something is")
    func advanceIfFree() {
        var lane = Lane()
        _ = lane.arrive(makeDelivery(1))
        _ = lane.arrive(makeDelivery(2))
        #expect(lane.advanceIfFree() == nil)
        #expect(Self.waiting(lane) == [2])
    }

    @Test("a late arrival takes its place in offset order")
    func lateArrival() {
        var lane = Lane()
        for number in [10, 20, 30, 40] { _ = lane.arrive(makeDelivery(Int64(number))) }
        _ = lane.arrive(makeDelivery(25))
        _ = lane.arrive(makeDelivery(5))
        #expect(Self.waiting(lane) == [5, 20, 25, 30, 40])
    }

    @Test("a dead letter parks exactly what waits behind it")
    func parkMoves() {
        var lane = Lane()
        for number in [1, 2, 4, 5] { _ = lane.arrive(makeDelivery(Int64(number))) }
        #expect(lane.park(behind: Self.offset(3)).numbers == [4, 5])
        #expect(lane.advance()?.number == 2)
        #expect(lane.advance() == nil)
        #expect(Self.waiting(lane) == [4, 5])
    }

    @Test("parking twice behind the same dead letter moves nothing")
    func parkTwice() {
        var lane = Lane()
        _ = lane.arrive(makeDelivery(1))
        _ = lane.arrive(makeDelivery(4))
        #expect(lane.park(behind: Self.offset(3)).numbers == [4])
        #expect(lane.park(behind: Self.offset(3)).isEmpty)
        #expect(lane.parking == [Self.offset(3)])
    }

    @Test("of two dead letters the later one parks nothing more")
    func laterDeadLetter() {
        var lane = Lane()
        for number in [1, 4, 6, 8] { _ = lane.arrive(makeDelivery(Int64(number))) }
        #expect(lane.park(behind: Self.offset(3)).numbers == [4, 6, 8])
        #expect(lane.park(behind: Self.offset(7)).isEmpty)
    }

    @Test("of two dead letters the earlier one parks what lies between, the later one's own delivery included")
    func earlierDeadLetter() {
        var lane = Lane()
        for number in [1, 4, 6, 8] { _ = lane.arrive(makeDelivery(Int64(number))) }
        #expect(lane.park(behind: Self.offset(6)).numbers == [8])
        #expect(lane.park(behind: Self.offset(3)).numbers == [4, 6])
    }

    @Test("the first dead letter gone lets on what lies before the second, the second's own delivery included")
    func unparkFirst() {
        var lane = Lane()
        _ = lane.arrive(makeDelivery(1))
        _ = lane.park(behind: Self.offset(3))
        _ = lane.park(behind: Self.offset(6))
        for number in [4, 6, 8] { _ = lane.arrive(makeDelivery(Int64(number))) }
        #expect(lane.unpark(Self.offset(3)).numbers == [4, 6])
        #expect(lane.isParked(Self.offset(8)))
        #expect(lane.unpark(Self.offset(6)).numbers == [8])
    }

    @Test("a later dead letter gone lets nothing on while an earlier one stands")
    func unparkLater() {
        var lane = Lane()
        _ = lane.park(behind: Self.offset(3))
        _ = lane.park(behind: Self.offset(6))
        for number in [4, 8] { _ = lane.arrive(makeDelivery(Int64(number))) }
        #expect(lane.unpark(Self.offset(6)).isEmpty)
        #expect(lane.unpark(Self.offset(3)).numbers == [4, 8])
    }

    @Test("unparking what does not park moves nothing")
    func unparkUnknown() {
        var lane = Lane()
        _ = lane.park(behind: Self.offset(3))
        _ = lane.arrive(makeDelivery(4))
        #expect(lane.unpark(Self.offset(2)).isEmpty)
        #expect(lane.isParked(Self.offset(4)))
    }

    @Test("only parked deliveries can be taken out as parked, only others as waiting")
    func drops() {
        var lane = Lane()
        for number in [1, 2, 4] { _ = lane.arrive(makeDelivery(Int64(number))) }
        _ = lane.park(behind: Self.offset(3))
        #expect(lane.dropParked(Self.offset(2)) == nil)
        #expect(lane.dropParked(Self.offset(9)) == nil)
        #expect(lane.dropFirstWaiting()?.number == 2)
        #expect(lane.dropFirstWaiting() == nil)
        #expect(lane.dropParked(Self.offset(4))?.number == 4)
        #expect(lane.dropParked(Self.offset(4)) == nil)
        #expect(Self.waiting(lane).isEmpty)
    }

    @Test("a lane with a dead letter is not empty, so that its key stays parked")
    func notEmpty() {
        var lane = Lane()
        _ = lane.park(behind: Self.offset(3))
        #expect(!lane.isEmpty)
        _ = lane.unpark(Self.offset(3))
        #expect(lane.isEmpty)
    }
}
