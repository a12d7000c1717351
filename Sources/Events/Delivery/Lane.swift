//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The deliveries of one ordering key of one subscription: at most one of them is out, the others wait in offset order.
///
/// A dead letter that parks the key blocks every delivery of a higher offset. Blocked deliveries are *parked*: they stay in the
/// lane, but the queue's capacity does not count them, since nothing will move them until a person does.
///
/// | state | input | what follows |
/// |---|---|---|
/// | free, not blocked | arrival | it starts; the lane is occupied |
/// | occupied | arrival | it waits, or is parked when blocked |
/// | occupied | the one out leaves | the first that is not blocked starts, or the lane is free |
/// | any | a dead letter parks the key | what waits behind it is parked |
/// | any | the last dead letter before a delivery is gone | that delivery waits again |
struct Lane {
    /// Whether a delivery of this key is ready, running or due for a retry.
    private(set) var isOccupied = false
    /// Deliveries that wait, in offset order; those past ``firstParking`` are parked.
    private(set) var waiting = RingBuffer<Delivery>()
    /// Offsets of the dead letters that park the key, ascending.
    private(set) var parking: [Offset] = []

    var isEmpty: Bool { !isOccupied && waiting.isEmpty && parking.isEmpty }

    private var firstParking: Offset? { parking.first }

    func isBlocked(_ offset: Offset) -> Bool {
        guard let firstParking else { return false }
        return firstParking < offset
    }

    enum Arrival {
        /// The delivery goes out at once.
        case start
        /// It waits for the one that is out.
        case wait
        /// It is parked behind a dead letter.
        case park
    }

    /// Takes in a delivery: a new one, which has the highest offset, or a redriven one, which goes to its place in offset order.
    mutating func arrive(_ delivery: Delivery) -> Arrival {
        let blocked = isBlocked(delivery.offset)
        if !isOccupied, !blocked {
            isOccupied = true
            return .start
        }
        if let last = waiting.last, last.offset > delivery.offset {
            var position = 0
            while let other = waiting[position], other.offset < delivery.offset { position += 1 }
            waiting.insert(delivery, at: position)
        } else {
            waiting.append(delivery)
        }
        return blocked ? .park : .wait
    }

    /// The delivery that was out has left. Returns the one that goes out in its place, if one may.
    mutating func advance() -> Delivery? {
        guard let next = waiting.first, !isBlocked(next.offset) else {
            isOccupied = false
            return nil
        }
        isOccupied = true
        return waiting.popFirst()
    }

    /// The same when the lane may have been free: nothing goes out while something is.
    mutating func advanceIfFree() -> Delivery? {
        isOccupied ? nil : advance()
    }

    /// Lets a dead letter block what comes after it. Returns the waiting deliveries that this parks.
    mutating func park(behind offset: Offset) -> [Delivery] {
        guard !parking.contains(offset) else { return [] }
        let before = firstParking
        let position = parking.firstIndex { $0 > offset } ?? parking.endIndex
        parking.insert(offset, at: position)
        return waitingDeliveries { waiting in
            waiting > offset && (before.map { waiting <= $0 } ?? true)
        }
    }

    /// A dead letter blocks no longer. Returns the deliveries that are parked no more; they wait in the lane as before.
    mutating func unpark(_ offset: Offset) -> [Delivery] {
        guard let position = parking.firstIndex(of: offset) else { return [] }
        parking.remove(at: position)
        guard position == 0 else { return [] }
        let limit = firstParking
        return waitingDeliveries { waiting in
            waiting > offset && (limit.map { waiting <= $0 } ?? true)
        }
    }

    /// Something that is not in memory is out.
    mutating func occupy() {
        isOccupied = true
    }

    /// Takes the first delivery that waits, parked or not, out of the lane.
    mutating func takeWaiting() -> Delivery? {
        waiting.popFirst()
    }

    /// Takes the oldest delivery that waits and is not parked out of the lane.
    mutating func dropFirstWaiting() -> Delivery? {
        guard let first = waiting.first, !isBlocked(first.offset) else { return nil }
        return waiting.popFirst()
    }

    /// Takes the parked delivery of an offset out of the lane.
    mutating func dropParked(_ offset: Offset) -> Delivery? {
        guard isBlocked(offset), let position = position(of: offset) else { return nil }
        return waiting.remove(at: position)
    }

    func isParked(_ offset: Offset) -> Bool {
        isBlocked(offset) && position(of: offset) != nil
    }

    /// Where the delivery of an offset waits, by binary search: they wait in offset order.
    private func position(of offset: Offset) -> Int? {
        var range = 0..<waiting.count
        while let middle = range.isEmpty ? nil : range.lowerBound + range.count / 2, let delivery = waiting[middle] {
            if delivery.offset == offset { return middle }
            range = delivery.offset < offset ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    private func waitingDeliveries(where isIncluded: (Offset) -> Bool) -> [Delivery] {
        var found: [Delivery] = []
        for position in 0..<waiting.count {
            if let delivery = waiting[position], isIncluded(delivery.offset) { found.append(delivery) }
        }
        return found
    }
}
