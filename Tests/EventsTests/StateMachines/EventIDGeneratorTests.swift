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

@Suite("EventIDGenerator")
struct EventIDGeneratorTests {
    private static func milliseconds(_ id: EventID) -> UInt64 { id.high >> 16 }
    private static func sequence(_ id: EventID) -> UInt64 { id.high & 0x0FFF }

    @Test("an identifier holds the time, version 7 and the variant of RFC 9562")
    func layout() {
        var generator = EventIDGenerator()
        let id = generator.next(now: 1_767_225_600_123)
        #expect(Self.milliseconds(id) == 1_767_225_600_123)
        #expect((id.high >> 12) & 0xF == 7)
        #expect(id.low >> 62 == 0b10)
    }

    @Test("a new millisecond begins its sequence anew")
    func newMillisecond() {
        var generator = EventIDGenerator()
        _ = generator.next(now: 5)
        #expect(Self.sequence(generator.next(now: 5)) == 1)
        #expect(Self.sequence(generator.next(now: 6)) == 0)
    }

    @Test("identifiers rise strictly, within a millisecond, past the end of the sequence and when the clock steps back")
    func rises() {
        var generator = EventIDGenerator()
        var last = generator.next(now: 1_000)
        for step in 0..<20_000 as Range<UInt64> {
            let id = generator.next(now: [1_000, 1_001, 900, 0][Int(step / 5_000)])
            #expect(id > last)
            last = id
        }
        #expect(Self.milliseconds(last) >= 1_004, "a full sequence borrows from the next millisecond")
    }

    @Test("the random parts differ, beyond what is fetched at once")
    func random() {
        var generator = EventIDGenerator()
        let count = 1_000
        #expect(Set((0..<count).map { _ in generator.next(now: 1).low }).count == count)
    }

    @Test("many tasks that share a generator never get the same identifier")
    func shared() async {
        let generator = SharedEventIDGenerator()
        let ids = await withTaskGroup(of: [EventID].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).map { _ in generator.next(now: 1) } }
            }
            return await group.reduce(into: [EventID]()) { $0 += $1 }
        }
        #expect(Set(ids).count == 4_000)
    }
}
