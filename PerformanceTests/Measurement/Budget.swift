//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A limit that a measurement is held against.
struct Budget: Sendable, Hashable {
    enum Limit: Sendable, Hashable {
        /// The value may be this much, in the measurement's own unit.
        case valueAtMost(Double)
        /// The value must be this many times its baseline.
        case ratioAtLeast(Double)
    }

    let limit: Limit
    /// A hard budget fails the run when it is missed. The others are expectations, which depend on what else the machine does and
    /// fail the run only when asked to.
    let isHard: Bool

    static func hard(_ limit: Limit) -> Budget { Budget(limit: limit, isHard: true) }
    static func expected(_ limit: Limit) -> Budget { Budget(limit: limit, isHard: false) }

    /// The limit as a bare number.
    var number: Double {
        switch limit {
        case .valueAtMost(let value): value
        case .ratioAtLeast(let ratio): ratio
        }
    }
}
