//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The offsets of a settlement, as distances from its first: `0-5 9`.
enum OffsetText {
    static func contains(_ text: String, _ distance: Int64) -> Bool {
        ranges(text).contains { $0.contains(distance) }
    }

    /// The distances. What cannot be read is left out.
    static func ranges(_ text: String) -> [ClosedRange<Int64>] {
        text.split(separator: " ").compactMap { part in
            let bounds = part.split(separator: "-", maxSplits: 1).map { Int64($0) }
            guard let low = bounds.first ?? nil, let high = bounds.count > 1 ? bounds[1] : low, low <= high else { return nil }
            return low...high
        }
    }
}
