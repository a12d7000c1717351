//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension Sequence where Element == Double {
    /// The value in the middle; between the two middle ones, halfway. Not a number when there are no values.
    ///
    /// Of repeated measurements the median is the one to report: another program that takes the processor for a moment spoils some
    /// repetitions, and the mean with them, and the best one says only what luck can do.
    var median: Double {
        let sorted = sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
