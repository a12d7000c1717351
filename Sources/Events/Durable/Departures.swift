//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Deliveries that were settled for good while the log was being read. A pure structure.
///
/// A read sees the log as it was when it began. What it finds of a delivery that was handled since then must not bring that back:
/// it would be handled twice.
struct Departures {
    /// Reads that are under way, by how many deliveries had left when each was asked for.
    private var reads: [Int] = []
    private var left: [Offset: Int] = [:]
    private var count = 0
    private var pruneAt = leastPruning

    private static let leastPruning = 1_024

    /// A read is asked for. Returns what it is known by.
    mutating func beginReading() -> Int {
        reads.append(count)
        return count
    }

    /// What a read found was taken in.
    mutating func endReading(_ read: Int) {
        if let position = reads.firstIndex(of: read) { reads.remove(at: position) }
        if reads.isEmpty { left = [:] }
    }

    /// A delivery is settled for good.
    mutating func leave(_ offset: Offset) {
        guard let oldest = reads.first else { return }
        count += 1
        left[offset] = count
        guard left.count >= pruneAt else { return }
        // Reads overlap, so there may always be one; what left before all of them is no longer of interest.
        left = left.filter { $0.value > oldest }
        pruneAt = max(Self.leastPruning, left.count * 2)
    }

    /// Whether a delivery left after a read was asked for.
    func hasLeft(_ offset: Offset, since read: Int) -> Bool {
        left[offset].map { $0 > read } ?? false
    }

    /// How many departures are remembered.
    var remembered: Int { left.count }
}
