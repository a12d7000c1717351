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

@Suite("RingBuffer")
struct RingBufferTests {
    private static func contents(_ buffer: RingBuffer<Int>) -> [Int] {
        (0..<buffer.count).compactMap { buffer[$0] }
    }

    @Test("an empty buffer answers every question with nothing")
    func empty() {
        var buffer = RingBuffer<Int>()
        #expect(buffer.isEmpty)
        #expect(buffer.count == 0)
        #expect(buffer.first == nil)
        #expect(buffer.last == nil)
        #expect(buffer[0] == nil)
        #expect(buffer.popFirst() == nil)
        #expect(buffer.remove(at: 0) == nil)
    }

    @Test("positions outside of the buffer have no element")
    func outside() {
        var buffer = RingBuffer<Int>()
        buffer.append(1)
        for position in [-1, 1, .min, .max] {
            #expect(buffer[position] == nil)
            #expect(buffer.remove(at: position) == nil)
        }
        #expect(Self.contents(buffer) == [1])
    }

    @Test("inserting at the count appends")
    func insertAtEnd() {
        var buffer = RingBuffer<Int>()
        buffer.insert(1, at: 0)
        buffer.insert(2, at: 1)
        #expect(Self.contents(buffer) == [1, 2])
    }

    @Test("the buffer behaves like an array through any sequence of operations", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var buffer = RingBuffer<Int>()
        var model: [Int] = []
        // Growing and shrinking take turns, so that the buffer wraps, grows while wrapped, and runs empty.
        for step in 0..<4_000 {
            let grows = (step / 200).isMultiple(of: 2)
            switch random.next(below: grows ? 8 : 5) {
            case 0, 1:
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(buffer.popFirst() == expected)
            case 2:
                let position = random.next(below: model.count + 2)
                let expected = position < model.count ? model.remove(at: position) : nil
                #expect(buffer.remove(at: position) == expected)
            case 3:
                let position = random.next(below: model.count + 1)
                buffer.insert(step, at: position)
                model.insert(step, at: position)
            case 4:
                buffer.prepend(step)
                model.insert(step, at: 0)
            default:
                buffer.append(step)
                model.append(step)
            }
            #expect(buffer.count == model.count)
            #expect(buffer.first == model.first)
            #expect(buffer.last == model.last)
            if step.isMultiple(of: 50) { #expect(Self.contents(buffer) == model) }
        }
        #expect(Self.contents(buffer) == model)
    }

    @Test("a buffer that was very long works on after it ran empty")
    func shrinks() {
        var buffer = RingBuffer<Int>()
        for round in 0..<2 {
            for number in 0..<10_000 { buffer.append(number) }
            for number in 0..<10_000 { #expect(buffer.popFirst() == number) }
            #expect(buffer.isEmpty, "round \(round)")
        }
        buffer.prepend(7)
        #expect(buffer.popFirst() == 7)
    }

    @Test("a copy is unaffected by what happens to the original")
    func valueSemantics() {
        var original = RingBuffer<Int>()
        for number in 0..<5 { original.append(number) }
        let copy = original
        _ = original.popFirst()
        original.append(9)
        #expect(Self.contents(copy) == [0, 1, 2, 3, 4])
    }

    @Test("an element that left the buffer is released")
    func releases() {
        final class Token {}
        weak var token: Token?
        var buffer = RingBuffer<Token>()
        do {
            let made = Token()
            token = made
            buffer.append(made)
        }
        #expect(token != nil)
        _ = buffer.popFirst()
        #expect(token == nil)
    }
}
