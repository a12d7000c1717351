//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The offsets that are settled for a subscription: everything up to a cursor, and ranges above it.
///
/// Deliveries claim the log without a gap (``LogClaim``), so offsets of types that a subscription does not take join their
/// neighbours, and there are never more ranges than deliveries that are unsettled among settled ones. A pure structure.
public struct OffsetRanges: Sendable, Hashable {
    /// Everything up to here is settled.
    public private(set) var cursor: Offset
    /// What is settled above the cursor: ascending, neither touching each other nor the cursor.
    public private(set) var ranges: [ClosedRange<Int64>] = []

    /// Everything up to a cursor, and nothing above.
    public init(cursor: Offset) {
        self.cursor = cursor
    }

    /// The end of the last range, or the cursor: nothing above it is settled.
    public var end: Offset { Offset(rawValue: ranges.last?.upperBound ?? cursor.rawValue) }

    /// Whether an offset is settled.
    public func contains(_ offset: Offset) -> Bool {
        if offset <= cursor { return true }
        let position = firstRange(endingAtOrAfter: offset.rawValue)
        return position < ranges.count && ranges[position].lowerBound <= offset.rawValue
    }

    /// Settles a delivery's claim. What is settled already stays so.
    public mutating func cover(_ claim: LogClaim) {
        var lower = min(claim.from.rawValue, claim.offset.rawValue)
        var upper = claim.offset.rawValue
        guard upper > cursor.rawValue else { return }
        // The first and the last range that the claim overlaps or touches become one with it.
        let first = firstRange(endingAtOrAfter: lower - 1)
        var last = first
        while last < ranges.count, ranges[last].lowerBound <= upper + 1 {
            lower = min(lower, ranges[last].lowerBound)
            upper = max(upper, ranges[last].upperBound)
            last += 1
        }
        if lower <= cursor.rawValue + 1 {
            // What lies below the claim and above the cursor are ranges that the claim has reached, so all of them are in it.
            cursor = Offset(rawValue: upper)
            ranges.removeSubrange(0..<last)
        } else {
            ranges.replaceSubrange(first..<last, with: CollectionOfOne(lower...upper))
        }
    }

    /// The unsettled stretches between the cursor and the last range, ascending.
    public var gaps: [ClosedRange<Int64>] {
        var gaps: [ClosedRange<Int64>] = []
        var end = cursor.rawValue
        for range in ranges {
            gaps.append(end + 1...range.lowerBound - 1)
            end = range.upperBound
        }
        return gaps
    }

    /// The position of the first range that ends at `offset` or after it; `ranges.count` if none does.
    private func firstRange(endingAtOrAfter offset: Int64) -> Int {
        // Most claims follow the last range or lie in it.
        if let last = ranges.last, last.upperBound < offset { return ranges.count }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].upperBound < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension OffsetRanges {
    /// The ranges above the cursor as text for a person and for a log: distances from the cursor, such as `2-5 9 12-40`.
    public var rangesText: String {
        var text = ""
        for range in ranges {
            if !text.isEmpty { text += " " }
            text += String(range.lowerBound - cursor.rawValue)
            if range.count > 1 { text += "-" + String(range.upperBound - cursor.rawValue) }
        }
        return text
    }

    /// The ranges above a cursor from their text, or `nil` if the text is none.
    public init?(cursor: Offset, rangesText: String) {
        self.init(cursor: cursor)
        for part in rangesText.split(separator: " ", omittingEmptySubsequences: true) {
            let bounds = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int64($0) }
            guard let lower = bounds[0], let upper = bounds.count > 1 ? bounds[1] : lower else { return nil }
            // Text that comes from a file may say anything: ranges rise, and leave a gap before each.
            let previous = ranges.last.map { $0.upperBound - cursor.rawValue } ?? 0
            guard lower > previous, lower - previous > 1, upper >= lower,
                !cursor.rawValue.addingReportingOverflow(upper).overflow
            else { return nil }
            ranges.append(cursor.rawValue + lower...cursor.rawValue + upper)
        }
    }
}
