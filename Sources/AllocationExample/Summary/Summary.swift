//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a stream came to, in however many runs.
///
/// The names of its properties are the keys of the JSON line, which programs read: they do not change.
struct Summary: Sendable, Hashable {
    let events: EventCounts
    /// Malformed lines of the stream.
    let rejectedLines: Int
    /// Deliveries that are dead letters at the end. One that was redriven and completed is none any more.
    let deadLettered: Int
    /// Lines that a shrunk batch gave back.
    let deallocated: Int
    /// Lines that hold stock at the end, and the units they hold.
    let allocatedLines: Int
    let allocatedUnits: Int128
    /// Units that are still free at the end.
    let availableUnits: Int128
    /// SKUs known.
    let skus: Int
    /// SKUs that were out of stock for some line, at any time.
    let outOfStockSKUs: Int
    /// Events that earlier runs on the same file had settled already; 0 in a fresh run. They are in all the other numbers as well.
    let resumed: Int

    init(events: EventCounts, rejectedLines: Int, deadLettered: Int, stock: StockTotals, resumed: Int) {
        self.events = events
        self.rejectedLines = rejectedLines
        self.deadLettered = deadLettered
        deallocated = stock.deallocated
        allocatedLines = stock.allocatedLines
        allocatedUnits = stock.allocatedUnits
        availableUnits = stock.availableUnits
        skus = stock.skus
        outOfStockSKUs = stock.outOfStockSKUs
        self.resumed = resumed
    }

    /// One JSON object on one line, without a line feed. Its keys always come in the same order, so that two runs can be compared as
    /// text; `JSONEncoder` would give an order of its own.
    var jsonLine: String {
        let events = Self.object([
            ("batchCreated", events.batchCreated), ("allocationRequired", events.allocationRequired),
            ("batchQuantityChanged", events.batchQuantityChanged), ("outOfStock", events.outOfStock),
        ])
        return Self.object([
            ("events", events), ("rejectedLines", rejectedLines), ("deadLettered", deadLettered), ("deallocated", deallocated),
            ("allocatedLines", allocatedLines), ("allocatedUnits", allocatedUnits), ("availableUnits", availableUnits),
            ("skus", skus), ("outOfStockSKUs", outOfStockSKUs), ("resumed", resumed),
        ])
    }

    /// The keys are plain words and the values whole numbers or objects already written, so nothing needs escaping.
    private static func object(_ members: [(key: String, value: any CustomStringConvertible)]) -> String {
        "{" + members.map { "\"\($0.key)\":\($0.value.description)" }.joined(separator: ",") + "}"
    }
}
