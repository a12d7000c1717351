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

/// Each step of the picture in `DeliveryQueue`'s documentation from each state it can come from, and long random walks.
@Suite("DeliveryQueue")
struct DeliveryQueueTests {
    private static func queue(_ order: DeliveryOrder = .perKey, _ deliveries: Delivery...) -> DeliveryQueue {
        var queue = DeliveryQueue(order: order)
        for delivery in deliveries { _ = queue.enqueue(delivery) }
        return queue
    }

    @Test("the queue agrees with its model through any sequence of steps", arguments: 0..<60 as Range<UInt64>)
    func model(seed: UInt64) {
        for order in [DeliveryOrder.perKey, .serial, .unordered] {
            var exercise = QueueExercise(order: order, seed: seed)
            exercise.run(steps: order == .perKey ? 1_500 : 300)
            exercise.drain()
        }
    }

    // MARK: enqueue

    @Test("of deliveries with one key one is ready, the others wait")
    func oneOfAKey() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(3, key: "b"))
        #expect(queue.takeRun(limit: 9).numbers == [1, 3])
        #expect(queue.unfinished == 3)
    }

    @Test("deliveries without a key do not wait for one another")
    func withoutKey() {
        var queue = Self.queue(.perKey, makeDelivery(1), makeDelivery(2))
        #expect(queue.takeRun(limit: 9).numbers == [1, 2])
        #expect(queue.keyCount == 0)
    }

    @Test("serial: all deliveries share one key, whatever theirs is")
    func serial() {
        var queue = Self.queue(.serial, makeDelivery(1, key: "a"), makeDelivery(2, key: "b"), makeDelivery(3))
        #expect(queue.takeRun(limit: 9).numbers == [1])
        _ = queue.finish(makeDelivery(1, key: "a"))
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    @Test("unordered: no delivery waits for its key, and none is parked")
    func unordered() {
        var queue = Self.queue(.unordered, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        let run = queue.takeRun(limit: 9)
        #expect(run.numbers == [1, 2])
        #expect(queue.die(run[0], parksKey: true).parked.isEmpty)
        #expect(queue.enqueue(makeDelivery(3, key: "a")) == false)
        #expect(queue.parked == 0)
        #expect(!queue.hasLane(run[0]))
    }

    // MARK: takeRun and returnUnstarted

    @Test("a run is at most as long as asked for and as there is", arguments: [1, 2, 5])
    func runLength(limit: Int) {
        var queue = Self.queue(.unordered, makeDelivery(1), makeDelivery(2), makeDelivery(3))
        #expect(queue.takeRun(limit: limit).count == min(limit, 3))
    }

    @Test("what was not started goes back to the front in its order")
    func returned() {
        var queue = Self.queue(.unordered, makeDelivery(1), makeDelivery(2), makeDelivery(3), makeDelivery(4))
        let run = queue.takeRun(limit: 3)
        queue.returnUnstarted(run[1...])
        #expect(queue.takeRun(limit: 9).numbers == [2, 3, 4])
    }

    // MARK: finish, hold and resume

    @Test("finishing lets the key's next delivery start")
    func finish() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        #expect(queue.readyCount == 0)
        let moves = queue.finish(first)
        #expect(moves?.parked.numbers ?? [] == [])
        #expect(moves?.unparked.numbers ?? [] == [])
        #expect(queue.takeRun(limit: 1).numbers == [2])
    }

    @Test("a held delivery keeps its key waiting until it has come back and finished")
    func hold() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        let first = queue.takeRun(limit: 9)[0]
        #expect(queue.unfinished == 2)
        queue.resume(first)
        #expect(queue.takeRun(limit: 9).numbers == [1])
        _ = queue.finish(first)
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    // MARK: die, forget, redrive

    @Test("a dead letter that parks moves what waits behind it out of the capacity's count")
    func parks() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(3, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        #expect(queue.die(first, parksKey: true).parked.numbers == [2, 3])
        #expect(queue.parked == 2)
        #expect(queue.unfinished == 0)
        #expect(queue.unfinishedBytes == 0)
        #expect(queue.enqueue(makeDelivery(4, key: "a")) == true)
    }

    @Test("a dead letter that does not park lets its key go on")
    func doesNotPark() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        let moves = queue.die(first, parksKey: false)
        #expect(moves.parked.isEmpty)
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    @Test("forgetting the letter lets go on, in order, what it parked")
    func forget() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(3, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        _ = queue.die(first, parksKey: true)
        #expect(queue.forgetLetter(first).unparked.numbers == [2, 3])
        #expect(queue.parked == 0)
        #expect(queue.unfinished == 2)
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    @Test("a redriven letter runs first, and what it parked goes on when it completes")
    func redrive() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        _ = queue.die(first, parksKey: true)
        #expect(queue.enqueue(first.redriven(to: 0, resettingDepth: false)) == false)
        #expect(queue.enqueue(makeDelivery(3, key: "a")) == true)
        #expect(queue.takeRun(limit: 9).numbers == [1])
        #expect(queue.finish(first)?.unparked.numbers == [2, 3])
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    @Test("a redriven letter that dies again without parking lets go on what it parked before")
    func redriveDiesOtherwise() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        _ = queue.die(first, parksKey: true)
        _ = queue.enqueue(first.redriven(to: 0, resettingDepth: false))
        let again = queue.takeRun(limit: 1)[0]
        #expect(queue.die(again, parksKey: false).unparked.numbers == [2])
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    @Test("a letter that did not park comes back late and does not overlap the key")
    func lateRedrive() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(3, key: "a"))
        let first = queue.takeRun(limit: 1)[0]
        _ = queue.die(first, parksKey: false)
        let second = queue.takeRun(limit: 9)
        #expect(second.numbers == [2])
        #expect(queue.enqueue(first.redriven(to: 0, resettingDepth: false)) == false)
        #expect(queue.readyCount == 0)
        _ = queue.finish(second[0])
        #expect(queue.takeRun(limit: 9).numbers == [1])
    }

    @Test("a delivery refused on arrival parks its key without having been counted")
    func neverQueued() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"))
        let refused = makeDelivery(2, key: "a")
        #expect(queue.die(refused, parksKey: true, neverQueued: true).parked.isEmpty)
        #expect(queue.unfinished == 1)
        #expect(queue.enqueue(makeDelivery(3, key: "a")) == true)
        _ = queue.finish(queue.takeRun(limit: 1)[0])
        #expect(queue.readyCount == 0)
        #expect(queue.forgetLetter(refused).unparked.numbers == [3])
        #expect(queue.takeRun(limit: 9).numbers == [3])
    }

    // MARK: dropOldest and evictOldestParked

    @Test("of everything that has not started the oldest is dropped, whether it waits for its key or not")
    func dropsOldest() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(3, key: "b"))
        #expect(queue.takeRun(limit: 1).numbers == [1])
        #expect(queue.dropOldest()?.number == 2)
        #expect(queue.dropOldest()?.number == 3)
        #expect(queue.dropOldest() == nil)
        #expect(queue.unfinished == 1)
    }

    @Test("dropping the head of a key lets the key's next delivery be ready")
    func dropHead() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"))
        #expect(queue.dropOldest()?.number == 1)
        #expect(queue.takeRun(limit: 9).numbers == [2])
    }

    @Test("what is out, redriven or parked is not dropped")
    func spares() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(3))
        let run = queue.takeRun(limit: 9)
        #expect(run.numbers == [1, 3])
        _ = queue.die(run[0], parksKey: true)
        _ = queue.enqueue(run[0].redriven(to: 0, resettingDepth: false))
        #expect(queue.dropOldest() == nil)
    }

    @Test("the delivery that was parked first is evicted first")
    func evicts() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "b"), makeDelivery(3, key: "a"))
        let run = queue.takeRun(limit: 9)
        _ = queue.die(run[1], parksKey: true)
        _ = queue.enqueue(makeDelivery(4, key: "b"))
        _ = queue.die(run[0], parksKey: true)
        #expect(queue.evictOldestParked()?.delivery.number == 4)
        #expect(queue.evictOldestParked()?.delivery.number == 3)
        #expect(queue.evictOldestParked() == nil)
        #expect(queue.parked == 0)
    }

    @Test("evicting a redriven letter that is parked behind an earlier one leaves nothing blocked for ever")
    func evictsRedriven() {
        var queue = Self.queue(.perKey)
        let letters = [makeDelivery(1, key: "a"), makeDelivery(2, key: "a")]
        for letter in letters { _ = queue.die(letter, parksKey: true, neverQueued: true) }
        #expect(queue.enqueue(letters[1].redriven(to: 0, resettingDepth: false)) == true)
        #expect(queue.evictOldestParked()?.delivery.number == 2)
        #expect(queue.enqueue(makeDelivery(3, key: "a")) == true)
        #expect(queue.forgetLetter(letters[0]).unparked.numbers == [3])
        #expect(queue.takeRun(limit: 9).numbers == [3])
    }

    @Test("the deliveries that wait for their key are those that are neither out nor ready nor parked")
    func waiting() {
        var queue = Self.queue(.perKey, makeDelivery(1, key: "a"), makeDelivery(2, key: "a"), makeDelivery(4, key: "a"))
        _ = queue.die(makeDelivery(3, key: "a"), parksKey: true, neverQueued: true)
        #expect(queue.waitingDeliveries().numbers == [2])
    }
}
