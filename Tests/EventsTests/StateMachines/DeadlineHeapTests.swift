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

@Suite("DeadlineHeap")
struct DeadlineHeapTests {
    private static func time(_ nanoseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    @Test("an empty heap has nothing due, at any time")
    func empty() {
        var heap = DeadlineHeap<Int>()
        #expect(heap.earliest == nil)
        #expect(heap.popDue(at: .distantFuture) == nil)
        #expect(heap.removeAll().count == 0)
        #expect(heap.remove { _ in true }.count == 0)
    }

    @Test("an element is due at its time and not a nanosecond before")
    func exact() {
        var heap = DeadlineHeap<String>()
        heap.insert("a", at: Self.time(10))
        #expect(heap.popDue(at: Self.time(9)) == nil)
        #expect(heap.popDue(at: Self.time(10)) == "a")
        #expect(heap.popDue(at: Self.time(10)) == nil)
    }

    @Test("elements due at the same time come in the order in which they were added")
    func stable() {
        var heap = DeadlineHeap<Int>()
        for number in 0..<100 { heap.insert(number, at: Self.time(5)) }
        for number in 0..<100 { #expect(heap.popDue(at: Self.time(5)) == number) }
    }

    @Test("the ends of the time line are times like others")
    func extremes() {
        var heap = DeadlineHeap<String>()
        heap.insert("never", at: Self.time(.max))
        heap.insert("always", at: Self.time(.min))
        #expect(heap.popDue(at: Self.time(.min)) == "always")
        #expect(heap.popDue(at: Self.time(.max - 1)) == nil)
        #expect(heap.popDue(at: Self.time(.max)) == "never")
    }

    @Test("the heap behaves like a sorted list through any sequence of operations", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var heap = DeadlineHeap<Int>()
        var model: [(time: Int64, element: Int)] = []
        func insertion(_ time: Int64) -> Int { model.firstIndex { $0.time > time } ?? model.count }
        for step in 0..<3_000 {
            switch random.next(below: 20) {
            case 0..<10:
                let time = Int64(random.next(below: 200))
                heap.insert(step, at: Self.time(time))
                model.insert((time, step), at: insertion(time))
            case 10..<19:
                let now = Int64(random.next(below: 200))
                let expected = model.first.map { $0.time <= now } == true ? model.removeFirst().element : nil
                #expect(heap.popDue(at: Self.time(now)) == expected)
            default:
                let divisor = random.next(below: 5) + 2
                let expected = model.filter { $0.element.isMultiple(of: divisor) }.map(\.element)
                model.removeAll { $0.element.isMultiple(of: divisor) }
                #expect(Set(heap.remove { $0.isMultiple(of: divisor) }) == Set(expected))
            }
            #expect(heap.count == model.count)
            #expect(heap.earliest == model.first.map { Self.time($0.time) })
        }
        #expect(Set(heap.removeAll()) == Set(model.map(\.element)))
        #expect(heap.count == 0)
    }
}
