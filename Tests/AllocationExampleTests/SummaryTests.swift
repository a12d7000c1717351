//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("The summary")
struct SummaryTests {
    @Test("is one line of JSON whose keys always come in the same order")
    func jsonLine() {
        var counts = EventCounts()
        counts.count(.outOfStock(OutOfStock(sku: "LAMP")))
        counts.count(.outOfStock(OutOfStock(sku: "LAMP")))
        counts.count(.batchQuantityChanged(BatchQuantityChanged(reference: "b", sku: "LAMP", quantity: 1)))
        let stock = StockTotals(
            deallocated: 3, allocatedLines: 4, allocatedUnits: 2 * Int128(Int.max), availableUnits: 6, skus: 7, outOfStockSKUs: 8)
        let summary = Summary(events: counts, rejectedLines: 1, deadLettered: 2, stock: stock, resumed: 9)

        #expect(
            summary.jsonLine
                == #"{"events":{"batchCreated":0,"allocationRequired":0,"batchQuantityChanged":1,"outOfStock":2},"#
                + #""rejectedLines":1,"deadLettered":2,"deallocated":3,"allocatedLines":4,"#
                + #""allocatedUnits":18446744073709551614,"availableUnits":6,"skus":7,"outOfStockSKUs":8,"resumed":9}"#)
    }

    @Test("counts events by their names, and nothing under other names")
    func eventNames() {
        var byName = EventCounts()
        for name in ["batch.created", "allocation.required", "batch.quantity.changed", "out.of.stock", "order.placed"] {
            byName.count(name: name, times: 1)
        }
        var byEvent = EventCounts()
        byEvent.count(.batchCreated(BatchCreated(reference: "b", sku: "LAMP", quantity: 1, eta: nil)))
        byEvent.count(.allocationRequired(AllocationRequired(orderID: "o", sku: "LAMP", quantity: 1)))
        byEvent.count(.batchQuantityChanged(BatchQuantityChanged(reference: "b", sku: "LAMP", quantity: 1)))
        byEvent.count(.outOfStock(OutOfStock(sku: "LAMP")))
        #expect(byName == byEvent)
    }
}
