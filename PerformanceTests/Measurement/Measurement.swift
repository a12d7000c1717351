//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// One figure, what it compares with, and what it was expected to be.
struct Measurement: Sendable, Hashable {
    /// The benchmark's name and, when it yields more than one figure, after a slash which one this is.
    var name: String
    var value: Double
    var unit: String
    /// What the other way of doing the same work came to, in the same unit.
    var baseline: Double?
    var budget: Budget?

    /// The value as a multiple of the baseline.
    var ratio: Double? { baseline.map { value / $0 } }

    /// Whether the budget was kept; `nil` when there is none. What could not be measured (not a number) has not kept it.
    var pass: Bool? {
        switch budget?.limit {
        case .valueAtMost(let most): value <= most
        case .ratioAtLeast(let least): (ratio ?? .nan) >= least
        case nil: nil
        }
    }
}
