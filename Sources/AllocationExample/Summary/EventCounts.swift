//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How many events of each type there were, those from the stream and those they caused.
struct EventCounts: Sendable, Hashable {
    private(set) var batchCreated = 0
    private(set) var allocationRequired = 0
    private(set) var batchQuantityChanged = 0
    private(set) var outOfStock = 0

    mutating func count(_ event: AllocationEvent) {
        switch event {
        case .batchCreated: batchCreated += 1
        case .allocationRequired: allocationRequired += 1
        case .batchQuantityChanged: batchQuantityChanged += 1
        case .outOfStock: outOfStock += 1
        }
    }

    /// Counts events by their name; other names count nowhere.
    mutating func count(name: String, times: Int) {
        switch name {
        case BatchCreated.name: batchCreated += times
        case AllocationRequired.name: allocationRequired += times
        case BatchQuantityChanged.name: batchQuantityChanged += times
        case OutOfStock.name: outOfStock += times
        default: break
        }
    }
}
