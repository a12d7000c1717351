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

@Suite("The allocation service")
struct AllocationServiceTests {
    private var run = SynchronousRun()

    private func created(_ reference: String, _ quantity: Int, eta: String? = nil) -> AllocationEvent {
        .batchCreated(
            BatchCreated(reference: reference, sku: "LAMP", quantity: quantity, eta: eta.flatMap(CalendarDate.init)))
    }

    private func required(_ orderID: String, _ quantity: Int) -> AllocationEvent {
        .allocationRequired(AllocationRequired(orderID: orderID, sku: "LAMP", quantity: quantity))
    }

    @Test("moves the lines of a shrunk batch to the next one")
    mutating func reallocation() throws {
        try run.handle(created("b1", 50))
        try run.handle(created("b2", 50, eta: "1998-05-01"))
        try run.handle(required("o1", 20))
        try run.handle(required("o2", 20))
        try run.handle(.batchQuantityChanged(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 25)))

        let summary = run.summary
        #expect(summary.events.allocationRequired == 3)
        #expect(summary.deallocated == 1)
        #expect(summary.allocatedLines == 2)
        #expect(summary.availableUnits == 35)
        #expect(try run.allocate(OrderLine(orderID: "o2", sku: "LAMP", quantity: 20)).reference == "b2")
    }

    @Test("returns the batch of a line, or nothing when the SKU is out of stock")
    mutating func reference() throws {
        try run.handle(created("b1", 5))
        #expect(try run.allocate(OrderLine(orderID: "o1", sku: "LAMP", quantity: 5)).reference == "b1")

        let refused = try run.allocate(OrderLine(orderID: "o2", sku: "LAMP", quantity: 1))
        #expect(refused.reference == nil)
        #expect(refused.events == [.outOfStock(OutOfStock(sku: "LAMP"))])
    }

    @Test("refuses an unknown SKU or batch, and counts nothing for it")
    mutating func unknown() throws {
        #expect(throws: AllocationError.unknownSKU("LAMP")) { try run.handle(required("o1", 1)) }
        #expect(throws: AllocationError.unknownSKU("LAMP")) {
            try run.handle(.batchQuantityChanged(BatchQuantityChanged(reference: "b", sku: "LAMP", quantity: 1)))
        }
        try run.handle(created("b1", 5))
        #expect(throws: AllocationError.unknownBatch(reference: "b2", sku: "LAMP")) {
            try run.handle(.batchQuantityChanged(BatchQuantityChanged(reference: "b2", sku: "LAMP", quantity: 1)))
        }
        #expect(run.summary.skus == 1)
    }

    @Test("a refused first batch does not make its SKU known")
    mutating func refusedBatch() throws {
        #expect(throws: AllocationError.invalidQuantity(-1, minimum: 0)) { try run.handle(created("b1", -1)) }
        #expect(throws: AllocationError.unknownSKU("LAMP")) { try run.handle(required("o1", 1)) }
    }

    @Test("an order costs the same however many lines its batch already has", .timeLimit(.minutes(10)))
    mutating func manyLines() throws {
        // Copying the batch for each of them would take minutes.
        let lines = 100_000
        try run.handle(created("b1", lines))
        for number in 0..<lines { try run.handle(required("o\(number)", 1)) }
        #expect(run.summary.allocatedLines == lines)

        try run.handle(.batchQuantityChanged(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 0)))
        #expect(run.summary.deallocated == lines)
        #expect(run.summary.events.outOfStock == lines)
    }
}
