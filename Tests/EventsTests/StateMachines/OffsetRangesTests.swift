//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting
import Testing

@Suite("The offsets that are settled for a subscription")
struct OffsetRangesTests {
    private func ranges(after cursor: Int64 = 0, _ claims: (Int64, Int64)...) -> OffsetRanges {
        var ranges = OffsetRanges(cursor: Offset(rawValue: cursor))
        for (from, offset) in claims { ranges.cover(Self.claim(from, offset)) }
        return ranges
    }

    private static func claim(_ from: Int64, _ offset: Int64) -> LogClaim {
        LogClaim(from: Offset(rawValue: from), offset: Offset(rawValue: offset))
    }

    @Test("nothing above the cursor is settled at first")
    func empty() {
        let ranges = ranges(after: 5)
        #expect(ranges.contains(Offset(rawValue: 5)))
        #expect(!ranges.contains(Offset(rawValue: 6)))
        #expect(ranges.end.rawValue == 5)
        #expect(ranges.gaps == [])
    }

    @Test("a claim that follows the cursor moves it")
    func next() {
        #expect(ranges((1, 3)) == OffsetRanges(cursor: Offset(rawValue: 3)))
    }

    @Test("a claim that does not follow becomes a range")
    func apart() {
        let ranges = ranges((3, 4))
        #expect(ranges.cursor.rawValue == 0)
        #expect(ranges.ranges == [3...4])
        #expect(ranges.gaps == [1...2])
        #expect(ranges.end.rawValue == 4)
    }

    @Test("neighbours become one, and the cursor takes what it reaches")
    func neighbours() {
        #expect(ranges((2, 2), (4, 4), (3, 3)).ranges == [2...4])
        #expect(ranges((2, 2), (4, 4), (1, 1)).cursor.rawValue == 2)
        #expect(ranges((2, 2), (4, 4), (1, 1)).ranges == [4...4])
        #expect(ranges((2, 2), (4, 4), (1, 3)) == OffsetRanges(cursor: Offset(rawValue: 4)))
    }

    @Test("a claim may reach over ranges, below the cursor, or cover nothing new")
    func overlaps() {
        #expect(ranges((2, 2), (5, 6), (9, 9), (3, 8)).ranges == [2...9])
        #expect(ranges((4, 8), (5, 6)).ranges == [4...8])
        #expect(ranges(after: 5, (2, 7)).cursor.rawValue == 7)
        #expect(ranges(after: 5, (2, 3)) == OffsetRanges(cursor: Offset(rawValue: 5)))
        #expect(ranges(after: 5, (0, 9), (0, 9)).cursor.rawValue == 9)
    }

    @Test("a claim from behind its own offset covers that offset alone")
    func turnedRound() {
        #expect(ranges((9, 4)).ranges == [4...4])
    }

    @Test("any claims in any order settle what a set of them settles", arguments: UInt64(0)..<100)
    func model(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let start = Int64(random.next(below: 5))
        var ranges = OffsetRanges(cursor: Offset(rawValue: start))
        var settled = Set(0...start)
        for _ in 0..<60 {
            let offset = Int64(1 + random.next(below: 60))
            let from = max(0, offset - Int64(random.next(below: random.next(below: 4) == 0 ? 20 : 3)))
            ranges.cover(Self.claim(from, offset))
            settled.formUnion(from...offset)
            for offset in Int64(0)...64 {
                #expect(ranges.contains(Offset(rawValue: offset)) == settled.contains(offset), "seed \(seed), offset \(offset)")
            }
            expectNormal(ranges)
            #expect(ranges.end.rawValue == settled.max())
            let gaps = ranges.gaps.flatMap { $0 }
            #expect(gaps == (0...ranges.end.rawValue).filter { !settled.contains($0) })
            #expect(OffsetRanges(cursor: ranges.cursor, rangesText: ranges.rangesText) == ranges)
        }
    }

    private func expectNormal(_ ranges: OffsetRanges) {
        var previous = ranges.cursor.rawValue
        for range in ranges.ranges {
            #expect(range.lowerBound > previous + 1, "ranges touch neither each other nor the cursor")
            previous = range.upperBound
        }
    }

    @Test("claims without a gap leave no more ranges than deliveries that are not settled, and one")
    func fewRanges() {
        var random = SplitMix64(seed: 1)
        // Every tenth event is the subscription's; each delivery claims what lies before it.
        var claims: [LogClaim] = (Int64(0)..<200).map { Self.claim($0 * 10 + 1, $0 * 10 + 10) }
        claims.shuffle(using: &random)
        var ranges = OffsetRanges(cursor: Offset(rawValue: 0))
        for (settled, claim) in claims.enumerated() {
            ranges.cover(claim)
            #expect(ranges.ranges.count <= 200 - settled)
        }
        #expect(ranges == OffsetRanges(cursor: Offset(rawValue: 2000)))
    }

    @Test("the text has distances from the cursor")
    func text() {
        #expect(ranges(after: 100, (102, 105), (109, 109), (112, 140)).rangesText == "2-5 9 12-40")
        #expect(ranges(after: 100).rangesText == "")
    }

    @Test(
        "text that is none is refused",
        arguments: [
            "x", "1", "1-3", "0", "-3", "3-", "3-2", "2 3", "2-5 4", "5 2", "2--3", "2,5", "2-9223372036854775807",
            "99999999999999999999",
        ])
    func noText(text: String) {
        #expect(OffsetRanges(cursor: Offset(rawValue: 100), rangesText: text) == nil)
    }
}
