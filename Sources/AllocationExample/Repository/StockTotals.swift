//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a set of products holds.
struct StockTotals: Sendable, Hashable {
    /// Lines that a shrunk batch gave back.
    var deallocated = 0
    /// Lines that hold stock now.
    var allocatedLines = 0
    /// Units promised to them. Each batch may hold up to `Int.max` units, so their sum needs more than an `Int`.
    var allocatedUnits: Int128 = 0
    /// Units that can still be promised.
    var availableUnits: Int128 = 0
    /// SKUs known.
    var skus = 0
    /// SKUs that were out of stock for some line, at any time.
    var outOfStockSKUs = 0

    mutating func add(_ other: StockTotals) {
        deallocated += other.deallocated
        allocatedLines += other.allocatedLines
        allocatedUnits += other.allocatedUnits
        availableUnits += other.availableUnits
        skus += other.skus
        outOfStockSKUs += other.outOfStockSKUs
    }
}
