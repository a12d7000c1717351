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

@Suite("Rolling back a product")
struct ProductRollbackTests {
    @Test("leaves it exactly as it was after the last commit, whatever happened in between", arguments: 0..<200)
    func randomChanges(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var product = Product(sku: "LAMP")
        for _ in 0..<Int.random(in: 0..<40, using: &random) { try change(&product, &random) }
        product.commit()
        let before = product

        for _ in 0..<Int.random(in: 1..<40, using: &random) { try change(&product, &random) }
        product.rollback()
        #expect(product == before)

        // What is equal also behaves alike.
        var copy = before
        var twin = random
        for _ in 0..<20 {
            try change(&product, &random)
            try change(&copy, &twin)
        }
        #expect(product == copy)
    }

    @Test("forgets the events of what was taken back")
    func events() throws {
        var product = Product(sku: "LAMP")
        _ = try product.allocate(OrderLine(orderID: "o1", sku: "LAMP", quantity: 1))
        #expect(product.events.count == 1)
        product.rollback()
        #expect(product.events.isEmpty)
    }

    private func change(_ product: inout Product, _ random: inout SeededGenerator) throws {
        let reference = "b\(Int.random(in: 0..<6, using: &random))"
        let quantity = Int.random(in: 0..<12, using: &random)
        do {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2:
                let eta = [nil, "1998-05-01", "1998-06-01"].randomElement(using: &random) ?? nil
                try product.add(
                    Batch(reference: reference, sku: "LAMP", quantity: quantity, eta: eta.flatMap(CalendarDate.init)))
            case 2..<8:
                let orderID = "o\(Int.random(in: 0..<10, using: &random))"
                _ = try product.allocate(OrderLine(orderID: orderID, sku: "LAMP", quantity: max(1, quantity / 3)))
            default:
                try product.changeBatchQuantity(reference: reference, to: quantity)
            }
        } catch {
            // Refused, which changes nothing: the comparison covers that too. One `switch`, because Swift 6.3.1 crashes on
            // `catch` patterns that leave cases of a typed error open.
            switch error {
            case .unknownBatch, .conflictingBatch: break
            case .unknownSKU, .invalidQuantity: throw error
            }
        }
    }
}
