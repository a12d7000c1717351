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

@Suite("A product")
struct ProductTests {
    private var product = LoneProduct(sku: "LAMP")

    private func batch(_ reference: String, _ quantity: Int, eta: String? = nil) throws -> Batch {
        try Batch(reference: reference, sku: "LAMP", quantity: quantity, eta: eta.flatMap(CalendarDate.init))
    }

    private func line(_ orderID: String, _ quantity: Int) -> OrderLine {
        OrderLine(orderID: orderID, sku: "LAMP", quantity: quantity)
    }

    @Test("tries stock first, then the earliest arrival, and what ties in the order it came")
    mutating func preference() throws {
        try product.add(batch("late", 1, eta: "1998-06-01"))
        try product.add(batch("early", 1, eta: "1998-05-01"))
        try product.add(batch("stock-1", 1))
        try product.add(batch("early-2", 1, eta: "1998-05-01"))
        try product.add(batch("stock-2", 1))

        var order: [String?] = []
        for number in 1...6 { order.append(try product.allocate(line("o\(number)", 1))) }
        #expect(order == ["stock-1", "stock-2", "early", "early-2", "late", nil])
    }

    @Test("allocates a line to the first batch that has enough for the whole line")
    mutating func wholeLine() throws {
        try product.add(batch("small", 9))
        try product.add(batch("exact", 10, eta: "1998-05-01"))

        #expect(try product.allocate(line("o1", 10)) == "exact")
        #expect(product.availableUnits == 9)
    }

    @Test("does not allocate a line again to the batch that has it")
    mutating func sameLineTwice() throws {
        try product.add(batch("b", 10))

        #expect(try product.allocate(line("o1", 3)) == "b")
        #expect(try product.allocate(line("o1", 3)) == "b")
        #expect(product.allocatedLines == 1)
        #expect(product.availableUnits == 7)
        #expect(product.events.isEmpty)
    }

    @Test("allocates another quantity of the same order as a line of its own")
    mutating func otherQuantity() throws {
        try product.add(batch("b", 10))

        _ = try product.allocate(line("o1", 3))
        _ = try product.allocate(line("o1", 4))
        #expect(product.allocatedLines == 2)
        #expect(product.allocatedUnits == 7)
    }

    @Test("records that it is out of stock when no batch has enough")
    mutating func outOfStock() throws {
        try product.add(batch("b", 2))

        #expect(try product.allocate(line("o1", 3)) == nil)
        #expect(product.events == [.outOfStock(OutOfStock(sku: "LAMP"))])
        #expect(product.availableUnits == 2)
    }

    @Test("a shrunk batch gives back its most recent lines first, until the rest fits")
    mutating func shrinking() throws {
        try product.add(batch("b", 10))
        for (orderID, quantity) in [("o1", 4), ("o2", 3), ("o3", 3)] { _ = try product.allocate(line(orderID, quantity)) }

        try product.changeBatchQuantity(reference: "b", to: 5)
        #expect(
            product.events == [
                .allocationRequired(AllocationRequired(line("o3", 3))),
                .allocationRequired(AllocationRequired(line("o2", 3))),
            ])
        #expect(product.allocatedUnits == 4)
        #expect(product.availableUnits == 1)
    }

    @Test("a batch that shrinks to exactly what is allocated keeps all its lines")
    mutating func shrinkingToFit() throws {
        try product.add(batch("b", 10))
        _ = try product.allocate(line("o1", 4))

        try product.changeBatchQuantity(reference: "b", to: 4)
        #expect(product.events.isEmpty)
        #expect(product.availableUnits == 0)
    }

    @Test("a line that was given back can be allocated to the same batch again")
    mutating func allocatedAgain() throws {
        try product.add(batch("b", 5))
        _ = try product.allocate(line("o1", 5))
        try product.changeBatchQuantity(reference: "b", to: 0)
        try product.changeBatchQuantity(reference: "b", to: 9)

        #expect(try product.allocate(line("o1", 5)) == "b")
        #expect(product.allocatedLines == 1)
    }

    @Test("refuses an unknown batch, another SKU and impossible quantities, and stays as it was")
    mutating func refusals() throws {
        try product.add(batch("b", 5))
        product.commit()
        let before = product.product

        #expect(throws: AllocationError.unknownBatch(reference: "x", sku: "LAMP")) {
            try product.changeBatchQuantity(reference: "x", to: 1)
        }
        #expect(throws: AllocationError.invalidQuantity(-1, minimum: 0)) {
            try product.changeBatchQuantity(reference: "b", to: -1)
        }
        #expect(throws: AllocationError.invalidQuantity(0, minimum: 1)) { try product.allocate(line("o1", 0)) }
        #expect(throws: AllocationError.unknownSKU("DESK")) {
            try product.allocate(OrderLine(orderID: "o1", sku: "DESK", quantity: 1))
        }
        #expect(throws: AllocationError.invalidQuantity(-1, minimum: 0)) { try batch("c", -1) }
        #expect(product.product == before)
    }

    @Test("takes the news of a batch twice for one batch, and refuses other news under the same reference")
    mutating func batchTwice() throws {
        try product.add(batch("b", 5))
        try product.changeBatchQuantity(reference: "b", to: 4)
        try product.add(batch("b", 5))
        #expect(product.availableUnits == 4)

        #expect(throws: AllocationError.conflictingBatch(reference: "b", sku: "LAMP")) { try product.add(batch("b", 6)) }
        #expect(product.availableUnits == 4)
    }

    @Test("counts and shrinks with the largest quantities there are")
    mutating func hugeQuantities() throws {
        for reference in ["a", "b", "c"] {
            try product.add(batch(reference, .max))
            #expect(try product.allocate(line("o-\(reference)", .max)) == reference)
        }
        #expect(product.allocatedUnits == 3 * Int128(Int.max))

        try product.changeBatchQuantity(reference: "a", to: 0)
        #expect(product.allocatedUnits == 2 * Int128(Int.max))
        #expect(product.availableUnits == 0)
    }
}
