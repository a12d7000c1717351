//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What one subscription has before it: which deliveries may start, which wait for their key, which are parked.
///
/// A pure state machine: no clock, no `await`. The bus calls it for every step of a delivery and acts on what it returns.
///
/// ```
///               enqueue                takeRun                 finish
///   (new) ──────────────────▶ ready ──────────────▶ out ──────────────────▶ (gone)
///           │                  ▲ ▲                  │ │
///           │ key is occupied  │ │ returnUnstarted  │ │ hold: due for a retry, its key stays occupied
///           ▼                  │ └──────────────────┘ ▼
///        waiting ──────────────┘ ◀───── resume ──── held
///           │ ▲                       die ▼
///    parked ▼ │ unparked             (dead letter) ── redrive ──▶ ready or waiting
///        parked
/// ```
struct DeliveryQueue {
    let order: DeliveryOrder
    /// Deliveries that may start now.
    private var ready = RingBuffer<Delivery>()
    /// Keys with a delivery that is out, waits or is parked. A key with none of these has no lane.
    private var lanes: [ExactText: Lane] = [:]
    /// Deliveries that the capacity counts: ready, waiting, out and held; not the parked.
    private(set) var unfinished = 0
    /// The bytes of the deliveries that the capacity counts.
    private(set) var unfinishedBytes = 0
    private(set) var parked = 0
    /// Parked deliveries by age. Entries whose delivery moved on since are skipped when they come to the front.
    private var parkedByAge = RingBuffer<(key: ExactText, offset: Offset)>()
    /// At how many entries the stale ones are looked for.
    private var nextPrune = 64

    init(order: DeliveryOrder) {
        self.order = order
    }

    var readyCount: Int { ready.count }
    var keyCount: Int { lanes.count }

    /// What a step moved to or from the parked deliveries.
    struct Moves {
        var parked: [Delivery] = []
        var unparked: [Delivery] = []
    }

    private func laneKey(_ delivery: Delivery) -> ExactText? {
        laneKey(forKey: delivery.record.orderingKey)
    }

    /// The lane of an ordering key; `nil` where there is no order.
    func laneKey(forKey orderingKey: String?) -> ExactText? {
        switch order {
        case .perKey: orderingKey.map(ExactText.init)
        case .serial: ExactText("")
        case .unordered: nil
        }
    }

    /// Takes in a new or redriven delivery. Returns whether it was parked at once.
    mutating func enqueue(_ delivery: Delivery) -> Bool {
        guard let key = laneKey(delivery) else {
            admit(delivery)
            ready.append(delivery)
            return false
        }
        switch lanes[key, default: Lane()].arrive(delivery) {
        case .start:
            admit(delivery)
            ready.append(delivery)
            return false
        case .wait:
            admit(delivery)
            return false
        case .park:
            notePark(delivery, key: key)
            return true
        }
    }

    /// Hands out the next deliveries, at most `limit`, oldest first.
    mutating func takeRun(limit: Int) -> [Delivery] {
        let length = min(limit, ready.count)
        guard length > 0 else { return [] }
        var run: [Delivery] = []
        run.reserveCapacity(length)
        while run.count < length, let delivery = ready.popFirst() { run.append(delivery) }
        return run
    }

    /// Takes deliveries that were handed out and not started back to the front, in their order.
    mutating func returnUnstarted(_ deliveries: ArraySlice<Delivery>) {
        for delivery in deliveries.reversed() { ready.prepend(delivery) }
    }

    /// A held delivery is due: it may start again, and its key is still its own.
    mutating func resume(_ delivery: Delivery) {
        ready.append(delivery)
    }

    /// A delivery that was out is over and leaves nothing behind: it completed or was discarded. Returns what that unparks, which
    /// is nearly always nothing.
    mutating func finish(_ delivery: Delivery) -> Moves? {
        leave(delivery)
        guard let key = laneKey(delivery) else { return nil }
        let moves = settleLane(key) { $0.unpark(delivery.offset) }
        return moves.unparked.isEmpty ? nil : moves
    }

    /// A delivery that was out, or one that is refused on arrival (`neverQueued`), became a dead letter.
    mutating func die(_ delivery: Delivery, parksKey: Bool, neverQueued: Bool = false) -> Moves {
        if !neverQueued { leave(delivery) }
        guard let key = laneKey(delivery) else { return Moves() }
        var moves = Moves()
        if parksKey {
            moves.parked = lanes[key, default: Lane()].park(behind: delivery.offset)
            for delivery in moves.parked {
                leave(delivery)
                notePark(delivery, key: key)
            }
        }
        let rest = settleLane(key, leaving: !neverQueued) { parksKey ? [] : $0.unpark(delivery.offset) }
        moves.unparked = rest.unparked
        return moves
    }

    /// A dead letter was discarded or evicted: what was parked behind it alone may go on.
    mutating func forgetLetter(_ delivery: Delivery) -> Moves {
        guard let key = laneKey(delivery), lanes[key] != nil else { return Moves() }
        return settleLane(key, leaving: false) { $0.unpark(delivery.offset) }
    }

    /// Whether a dead letter of this delivery would have something to park.
    func hasLane(_ delivery: Delivery) -> Bool {
        laneKey(delivery) != nil
    }

    /// Takes the oldest delivery that has not started out of the queue, for the overflow policy `.dropOldest`.
    ///
    /// Deliveries that were tried or redriven are spared: they have started, and a key may wait behind them. Without keys this
    /// takes constant time; with keys the oldest has to be looked for among their heads.
    mutating func dropOldest() -> Delivery? {
        var oldest: (position: Int?, key: ExactText?, offset: Offset)?
        func isOlder(_ delivery: Delivery) -> Bool {
            delivery.past == nil && (oldest.map { delivery.offset < $0.offset } ?? true)
        }
        var position = 0
        while let candidate = ready[position] {
            if isOlder(candidate) { oldest = (position, nil, candidate.offset) }
            // New deliveries without keys become ready in offset order, so the first one found is the oldest.
            if oldest != nil, lanes.isEmpty { break }
            position += 1
        }
        for (key, lane) in lanes {
            guard let head = lane.waiting.first, isOlder(head), !lane.isBlocked(head.offset) else { continue }
            oldest = (nil, key, head.offset)
        }
        guard let oldest else { return nil }
        if let key = oldest.key {
            guard let delivery = lanes[key]?.dropFirstWaiting() else { return nil }
            leave(delivery)
            return delivery
        }
        guard let position = oldest.position, let delivery = ready.remove(at: position) else { return nil }
        leave(delivery)
        if let key = laneKey(delivery) { _ = settleLane(key) { _ in [] } }
        return delivery
    }

    /// Takes the delivery that was parked first out of the queue, when there are more than may be kept. If it was a dead letter
    /// itself and was sent back, what was parked behind it alone may go on.
    mutating func evictOldestParked() -> (delivery: Delivery, moves: Moves)? {
        while let oldest = parkedByAge.popFirst() {
            guard let delivery = lanes[oldest.key]?.dropParked(oldest.offset) else { continue }
            parked -= 1
            return (delivery, settleLane(oldest.key, leaving: false) { $0.unpark(oldest.offset) })
        }
        return nil
    }

    /// The deliveries that wait for their key and are not parked, in offset order.
    func waitingDeliveries() -> [Delivery] {
        var found: [Delivery] = []
        for lane in lanes.values {
            var position = 0
            while let delivery = lane.waiting[position], !lane.isBlocked(delivery.offset) {
                found.append(delivery)
                position += 1
            }
        }
        return found.sorted { $0.offset < $1.offset }
    }

    /// What is unfinished was released, and nothing of it is counted any more.
    mutating func forgetUnfinished() {
        unfinished = 0
        unfinishedBytes = 0
    }

    // MARK: What only the log has

    /// Whether a dead letter holds up a delivery of a lane.
    func isBlocked(_ offset: Offset, in key: ExactText) -> Bool {
        lanes[key]?.isBlocked(offset) ?? false
    }

    /// The first dead letter that holds up a lane.
    func firstParking(in key: ExactText) -> Offset? {
        lanes[key]?.parking.first
    }

    /// Whether nothing of a lane is in memory, or out and waiting in the log.
    func isFree(_ key: ExactText) -> Bool {
        guard let lane = lanes[key] else { return true }
        return !lane.isOccupied && lane.waiting.isEmpty
    }

    /// A dead letter that the log has holds up a lane.
    mutating func block(_ key: ExactText, from offset: Offset) {
        _ = lanes[key, default: Lane()].park(behind: offset)
    }

    /// A dead letter that the log had holds up its lane no longer.
    mutating func unblock(_ key: ExactText, from offset: Offset) {
        guard lanes[key] != nil else { return }
        _ = settleLane(key, leaving: false) { $0.unpark(offset) }
    }

    /// A delivery that only the log has occupies a lane: it waits for its next attempt, or runs by itself.
    mutating func occupy(_ key: ExactText) {
        lanes[key, default: Lane()].occupy()
    }

    /// A delivery that waits for its next attempt is left to the log; its lane stays its own.
    mutating func forgetHeld(_ delivery: Delivery) {
        leave(delivery)
    }

    /// A delivery that was left to the log, and whose lane stayed its own, is back.
    mutating func remember(_ delivery: Delivery, isReady: Bool) {
        admit(delivery)
        if isReady { ready.append(delivery) }
    }

    /// Takes out the deliveries that wait for their key, to leave them to the log; those parked in this step included.
    mutating func takeWaiting() -> [Delivery] {
        var taken: [Delivery] = []
        for key in lanes.keys.sorted() {
            while let delivery = lanes[key]?.takeWaiting() {
                if lanes[key]?.isBlocked(delivery.offset) == true { parked -= 1 } else { leave(delivery) }
                taken.append(delivery)
            }
            if lanes[key]?.isEmpty == true { lanes[key] = nil }
        }
        parkedByAge = RingBuffer()
        return taken
    }

    /// The lanes of which a delivery is ready, running or due for a retry.
    var occupiedLanes: Set<ExactText> { Set(lanes.lazy.filter { $1.isOccupied }.map(\.key)) }

    /// How many deliveries wait for their key.
    var waitingCount: Int { lanes.values.reduce(0) { $0 + $1.waiting.count } }

    // MARK: Steps

    private mutating func admit(_ delivery: Delivery) {
        unfinished += 1
        unfinishedBytes += delivery.record.byteCount
    }

    private mutating func leave(_ delivery: Delivery) {
        unfinished -= 1
        unfinishedBytes -= delivery.record.byteCount
    }

    private mutating func notePark(_ delivery: Delivery, key: ExactText) {
        parked += 1
        // Stale entries are dropped before the list doubles, so that it stays as bounded as what it lists, at a constant cost each.
        if parkedByAge.count >= nextPrune {
            var live = RingBuffer<(key: ExactText, offset: Offset)>()
            var listed: Set<Offset> = []
            while let entry = parkedByAge.popFirst() {
                // What was parked twice is listed twice, and counts once.
                guard lanes[entry.key]?.isParked(entry.offset) == true, listed.insert(entry.offset).inserted else { continue }
                live.append(entry)
            }
            parkedByAge = live
            nextPrune = max(64, 2 * live.count)
        }
        parkedByAge.append((key, delivery.offset))
    }

    /// Applies a change to a lane, lets its next delivery out if the one before has left, and removes the lane when it is empty.
    private mutating func settleLane(
        _ key: ExactText, leaving: Bool = true, _ change: (inout Lane) -> [Delivery]
    ) -> Moves {
        guard let index = lanes.index(forKey: key) else { return Moves() }
        let unparked = change(&lanes.values[index])
        for delivery in unparked {
            parked -= 1
            admit(delivery)
        }
        let next = leaving ? lanes.values[index].advance() : lanes.values[index].advanceIfFree()
        if let next {
            ready.append(next)
        } else if lanes.values[index].isEmpty {
            lanes.remove(at: index)
        }
        return Moves(unparked: unparked)
    }
}
