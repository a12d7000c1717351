//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Values in ascending order, to ask for more than one percentile after sorting once.
struct SortedSamples: Sendable, Hashable {
    private let values: [Double]

    init(_ values: some Sequence<Double>) {
        self.values = values.sorted()
    }

    /// The smallest value that at least `percent` of all values do not exceed (the nearest rank), so always one that was measured
    /// and never one in between. 0 gives the smallest value, 100 the largest. Not a number when there are no values.
    func percentile(_ percent: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        // Multiplied before it is divided: 99.9 / 100 * 1000 is a little more than 999 and would be rounded up to the next rank.
        let rank = Int((percent * Double(values.count) / 100).rounded(.up))
        return values[min(max(rank, 1), values.count) - 1]
    }
}
