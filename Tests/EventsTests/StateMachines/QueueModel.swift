//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events

/// What a `DeliveryQueue` must do, said the slow and simple way: a list of what is ready, and per key a sorted list of what waits
/// and a set of the dead letters that park.
struct QueueModel {
    struct Lane {
        var occupant: Int64?
        var waiting: [Int64] = []
        var parking: Set<Int64> = []

        func isBlocked(_ number: Int64) -> Bool { parking.contains { $0 < number } }
        var parked: [Int64] {
            guard let first = parking.min() else { return [] }
            return waiting.filter { first < $0 }
        }
        var isEmpty: Bool { occupant == nil && waiting.isEmpty && parking.isEmpty }
    }

    let order: DeliveryOrder
    var ready: [Int64] = []
    /// Handed out, or due for a retry.
    var running: Set<Int64> = []
    var lanes: [String: Lane] = [:]

    func laneKey(_ delivery: Delivery) -> String? {
        switch order {
        case .perKey: delivery.record.orderingKey
        case .serial: ""
        case .unordered: nil
        }
    }

    var parked: Int { lanes.values.reduce(0) { $0 + $1.parked.count } }
    var unfinished: Int {
        ready.count + running.count + lanes.values.reduce(0) { $0 + $1.waiting.count - $1.parked.count }
    }

    /// The first that may go out goes out, if nothing of the key is out.
    private mutating func settle(_ key: String) {
        guard var lane = lanes[key] else { return }
        if lane.occupant == nil, let next = lane.waiting.first(where: { !lane.isBlocked($0) }) {
            lane.waiting.removeAll { $0 == next }
            lane.occupant = next
            ready.append(next)
        }
        lanes[key] = lane.isEmpty ? nil : lane
    }

    /// Changes a lane and says what became parked and what is parked no more.
    private mutating func change(_ key: String, _ body: (inout Lane) -> Void) -> (parked: [Int64], unparked: [Int64]) {
        var lane = lanes[key] ?? Lane()
        let before = lane.parked
        body(&lane)
        let after = lane.parked
        lanes[key] = lane
        settle(key)
        return (after.filter { !before.contains($0) }, before.filter { !after.contains($0) })
    }

    /// Returns whether the delivery is parked.
    mutating func enqueue(_ delivery: Delivery) -> Bool {
        guard let key = laneKey(delivery) else {
            ready.append(delivery.number)
            return false
        }
        _ = change(key) { lane in
            lane.waiting.append(delivery.number)
            lane.waiting.sort()
        }
        return lanes[key]?.parked.contains(delivery.number) == true
    }

    mutating func take(_ limit: Int) -> [Int64] {
        let run = Array(ready.prefix(limit))
        ready.removeFirst(run.count)
        running.formUnion(run)
        return run
    }

    mutating func returnUnstarted(_ numbers: [Int64]) {
        running.subtract(numbers)
        ready.insert(contentsOf: numbers, at: 0)
    }

    mutating func resume(_ number: Int64) {
        running.remove(number)
        ready.append(number)
    }

    mutating func finish(_ delivery: Delivery) -> (parked: [Int64], unparked: [Int64]) {
        running.remove(delivery.number)
        guard let key = laneKey(delivery) else { return ([], []) }
        return change(key) { lane in
            lane.occupant = nil
            lane.parking.remove(delivery.number)
        }
    }

    mutating func die(_ delivery: Delivery, parks: Bool, wasOut: Bool) -> (parked: [Int64], unparked: [Int64]) {
        running.remove(delivery.number)
        guard let key = laneKey(delivery) else { return ([], []) }
        return change(key) { lane in
            if wasOut { lane.occupant = nil }
            if parks { lane.parking.insert(delivery.number) } else { lane.parking.remove(delivery.number) }
        }
    }

    mutating func forget(_ delivery: Delivery) -> (parked: [Int64], unparked: [Int64]) {
        guard let key = laneKey(delivery) else { return ([], []) }
        return change(key) { $0.parking.remove(delivery.number) }
    }

    /// A delivery that had not started has left the queue.
    mutating func drop(_ delivery: Delivery) {
        ready.removeAll { $0 == delivery.number }
        guard let key = laneKey(delivery) else { return }
        _ = change(key) { lane in
            if lane.occupant == delivery.number { lane.occupant = nil }
            lane.waiting.removeAll { $0 == delivery.number }
        }
    }

    /// A parked delivery was given up; if it was itself a dead letter once, it parks nothing any more.
    mutating func evict(_ delivery: Delivery) -> (parked: [Int64], unparked: [Int64]) {
        guard let key = laneKey(delivery) else { return ([], []) }
        var moves = change(key) { lane in
            lane.waiting.removeAll { $0 == delivery.number }
            lane.parking.remove(delivery.number)
        }
        moves.unparked.removeAll { $0 == delivery.number }
        return moves
    }

    func isParked(_ delivery: Delivery) -> Bool {
        guard let key = laneKey(delivery) else { return false }
        return lanes[key]?.parked.contains(delivery.number) == true
    }

    func hasNotStarted(_ delivery: Delivery) -> Bool {
        if ready.contains(delivery.number) { return true }
        guard let key = laneKey(delivery), let lane = lanes[key] else { return false }
        return lane.waiting.contains(delivery.number) && !lane.isBlocked(delivery.number)
    }
}
