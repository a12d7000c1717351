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

/// Drives a `DeliveryQueue` and its model through the same random steps and compares them after each.
struct QueueExercise {
    private var queue: DeliveryQueue
    private var model: QueueModel
    private var random: SplitMix64
    private var nextOffset: Int64 = 1
    private var out: [Delivery] = []
    private var held: [Delivery] = []
    private var letters: [Delivery] = []
    /// The deliveries that are ready, waiting or parked.
    private var inside: [Int64: Delivery] = [:]
    private var step = 0

    init(order: DeliveryOrder, seed: UInt64) {
        queue = DeliveryQueue(order: order)
        model = QueueModel(order: order)
        random = SplitMix64(seed: seed)
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            step += 1
            switch random.next(below: 40) {
            // Keys that are parked for long collect deliveries; past some, nothing new comes.
            case 0..<13: if inside.count < 60 { arrive() } else { finish() }
            case 13..<20: take()
            case 20..<26: finish()
            case 26..<29: die()
            case 29..<31: hold()
            case 31..<33: resume()
            case 33: returnUnstarted()
            case 34..<36: letters.count < 20 ? redrive() : forget()
            case 36: forget()
            case 37: dieOnArrival()
            case 38: dropOldest()
            default: evict()
            }
            compare()
        }
    }

    /// Brings everything to its end: when nothing runs and no dead letter is left, the queue must be empty.
    mutating func drain() {
        while !(letters.isEmpty && held.isEmpty && out.isEmpty && inside.isEmpty) {
            let before = (letters.count, held.count, out.count, inside.count)
            while !letters.isEmpty { forget() }
            while !held.isEmpty { resume() }
            take()
            while !out.isEmpty { finish() }
            compare()
            if (letters.count, held.count, out.count, inside.count) == before {
                Issue.record("deliveries \(inside.keys.sorted().prefix(5)) and perhaps more can never move again")
                return
            }
        }
        #expect(queue.readyCount == 0)
        #expect(queue.unfinished == 0)
        #expect(queue.unfinishedBytes == 0)
        #expect(queue.parked == 0)
        #expect(queue.keyCount == 0)
    }

    // MARK: Steps

    private mutating func makeNext() -> Delivery {
        defer { nextOffset += 1 }
        return makeDelivery(nextOffset, key: ["a", "b", "c", nil][random.next(below: 4)])
    }

    private mutating func arrive() {
        let delivery = makeNext()
        inside[delivery.number] = delivery
        #expect(queue.enqueue(delivery) == model.enqueue(delivery), "step \(step)")
    }

    private mutating func take() {
        let limit = random.next(below: 5) + 1
        let run = queue.takeRun(limit: limit)
        #expect(run.numbers == model.take(limit), "step \(step)")
        out += run
        for delivery in run { inside[delivery.number] = nil }
    }

    private mutating func returnUnstarted() {
        // Only what was taken last can still be unstarted.
        let count = random.next(below: min(3, out.count) + 1)
        let rest = out.suffix(count)
        out.removeLast(count)
        for delivery in rest { inside[delivery.number] = delivery }
        queue.returnUnstarted(rest)
        model.returnUnstarted(rest.numbers)
    }

    private mutating func finish() {
        guard let delivery = Self.pick(from: &out, by: &random) else { return }
        check(queue.finish(delivery) ?? DeliveryQueue.Moves(), model.finish(delivery))
    }

    private mutating func die() {
        guard let delivery = Self.pick(from: &out, by: &random) else { return }
        let parks = Bool.random(using: &random)
        letters.append(delivery)
        check(queue.die(delivery, parksKey: parks), model.die(delivery, parks: parks, wasOut: true))
    }

    private mutating func dieOnArrival() {
        let delivery = makeNext()
        let parks = Bool.random(using: &random)
        letters.append(delivery)
        check(
            queue.die(delivery, parksKey: parks, neverQueued: true), model.die(delivery, parks: parks, wasOut: false))
    }

    private mutating func hold() {
        guard let delivery = Self.pick(from: &out, by: &random) else { return }
        held.append(delivery)
    }

    private mutating func resume() {
        guard let delivery = Self.pick(from: &held, by: &random) else { return }
        inside[delivery.number] = delivery
        queue.resume(delivery)
        model.resume(delivery.number)
    }

    private mutating func redrive() {
        guard let letter = Self.pick(from: &letters, by: &random) else { return }
        let delivery = letter.redriven(to: 0, resettingDepth: false)
        inside[delivery.number] = delivery
        #expect(queue.enqueue(delivery) == model.enqueue(delivery), "step \(step)")
    }

    private mutating func forget() {
        guard let letter = Self.pick(from: &letters, by: &random) else { return }
        check(queue.forgetLetter(letter), model.forget(letter))
    }

    private mutating func dropOldest() {
        guard let delivery = queue.dropOldest() else { return }
        #expect(delivery.redrives == 0, "step \(step)")
        #expect(model.hasNotStarted(delivery), "step \(step): \(delivery.number) cannot be dropped")
        inside[delivery.number] = nil
        model.drop(delivery)
    }

    private mutating func evict() {
        guard let (delivery, moves) = queue.evictOldestParked() else {
            #expect(model.parked == 0, "step \(step)")
            return
        }
        #expect(model.isParked(delivery), "step \(step): \(delivery.number) is not parked")
        inside[delivery.number] = nil
        check(moves, model.evict(delivery))
    }

    // MARK: Checks

    private static func pick(from list: inout [Delivery], by random: inout SplitMix64) -> Delivery? {
        list.isEmpty ? nil : list.remove(at: random.next(below: list.count))
    }

    private func check(_ moves: DeliveryQueue.Moves, _ expected: (parked: [Int64], unparked: [Int64])) {
        #expect(moves.parked.numbers == expected.parked, "step \(step)")
        #expect(moves.unparked.numbers == expected.unparked, "step \(step)")
    }

    /// One comparison of everything, because an expectation for each would take most of the time of a long walk.
    private func compare() {
        let state = [queue.readyCount, queue.parked, queue.unfinished, queue.unfinishedBytes, queue.keyCount]
        let expected = [
            model.ready.count, model.parked, model.unfinished, model.unfinished * MemoryLayout<Numbered>.stride,
            model.lanes.count,
        ]
        if state != expected { Issue.record("step \(step): ready, parked, unfinished, bytes, keys: \(state), not \(expected)") }
        let keys = (out + held + model.ready.compactMap { inside[$0] }).compactMap { model.laneKey($0) }
        if Set(keys).count != keys.count { Issue.record("step \(step): two deliveries of a key are out") }
    }
}
