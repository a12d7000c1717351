//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Which part of the log each delivery of a subscription that is in memory accounts for. A pure structure.
///
/// Deliveries are taken from the log in offset order, and each claims what lies between the one before and itself; see ``LogClaim``.
struct ClaimBook {
    /// The offset of the delivery taken last.
    private(set) var last: Offset
    /// The claims of unsettled deliveries, ascending; the first `head` are gone.
    private var claims: [LogClaim] = []
    private var head = 0

    init(after offset: Offset) {
        last = offset
    }

    var count: Int { claims.count - head }

    /// Everything up to here is settled, if what was taken reaches to `end`.
    func floor(_ end: Offset) -> Offset {
        head < claims.count ? Offset(rawValue: claims[head].from.rawValue - 1) : end
    }

    /// A delivery was taken from the log; offsets rise.
    mutating func take(_ offset: Offset) {
        claims.append(LogClaim(from: Offset(rawValue: last.rawValue + 1), offset: offset))
        last = offset
    }

    /// Offsets up to here are settled already, so that the next delivery need not claim them.
    mutating func skip(to offset: Offset) {
        last = max(last, offset)
    }

    /// The claim of a delivery. One that has a row was settled before, and claims nothing more than itself.
    func claim(of offset: Offset) -> LogClaim {
        position(of: offset).map { claims[$0] } ?? LogClaim(from: offset, offset: offset)
    }

    /// Whether a delivery has no row yet: only its claim says that it is unfinished.
    func isUnsettled(_ offset: Offset) -> Bool { position(of: offset) != nil }

    /// A delivery's claim was settled. Returns whether there was one.
    @discardableResult
    mutating func settle(_ offset: Offset) -> Bool {
        guard let position = position(of: offset) else { return false }
        if position == head {
            head += 1
            // What is gone is cleared away when it is more than what is left, so each claim moves once on average.
            if head > 64, head * 2 > claims.count {
                claims.removeSubrange(0..<head)
                head = 0
            }
        } else {
            claims.remove(at: position)
        }
        return true
    }

    private func position(of offset: Offset) -> Int? {
        var low = head
        var high = claims.count
        // Deliveries are settled in about the order in which they were taken.
        if low < high, claims[low].offset == offset { return low }
        while low < high {
            let middle = low + (high - low) / 2
            if claims[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < claims.count && claims[low].offset == offset ? low : nil
    }
}
