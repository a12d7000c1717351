//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import AllocationExample

/// A product and its lines, by themselves.
struct LoneProduct {
    private(set) var product: Product
    let lines = MemoryLines()

    init(sku: String) {
        product = Product(sku: sku)
    }

    var events: [AllocationEvent] { product.events }

    mutating func add(_ batch: Batch) throws { try product.add(batch) }

    mutating func allocate(_ line: OrderLine) throws -> String? { try product.allocate(line, in: lines) }

    mutating func changeBatchQuantity(reference: String, to quantity: Int) throws {
        try product.changeBatchQuantity(reference: reference, to: quantity, in: lines)
    }

    /// Takes the product from a repository again, in which its events are not.
    mutating func commit() {
        product = Product(sku: product.sku, batches: product.batches, deallocatedLines: product.deallocatedLines)
    }

    var allocatedLines: Int { lines.count }
    var allocatedUnits: Int128 { product.batches.reduce(0) { $0 + Int128($1.allocatedQuantity) } }
    var availableUnits: Int128 { product.batches.reduce(0) { $0 + Int128($1.availableQuantity) } }
}
