//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The use cases, in a unit of work.
///
/// They are synchronous and know nothing of the bus. What happened is published in the unit of work, so that no event speaks of a
/// change that was not kept. An ``AllocationError`` means that the request is wrong and that trying again cannot help.
struct AllocationService<Unit: UnitOfWork> {
    private let unit: Unit

    init(in unit: Unit) {
        self.unit = unit
    }

    /// Adds the batch, and the product if it is the SKU's first.
    func addBatch(_ created: BatchCreated) throws {
        let batch = try Batch(
            reference: created.reference, sku: created.sku, quantity: created.quantity, eta: created.eta)
        var product = try unit.products.product(batch.sku) ?? Product(sku: batch.sku)
        try product.add(batch)
        try keep(product)
    }

    /// Promises stock to `line`.
    ///
    /// - Returns: The reference of the batch that has the line, or `nil` if the SKU is out of stock.
    func allocate(_ line: OrderLine) throws -> String? {
        var product = try product(line.sku)
        let reference = try product.allocate(line, in: unit.products)
        try keep(product)
        return reference
    }

    /// Sets how many units a batch holds; publishes an ``AllocationRequired`` for each line that no longer fits.
    func changeBatchQuantity(_ changed: BatchQuantityChanged) throws {
        var product = try product(changed.sku)
        try product.changeBatchQuantity(reference: changed.reference, to: changed.quantity, in: unit.products)
        try keep(product)
    }

    private func product(_ sku: String) throws -> Product {
        guard let product = try unit.products.product(sku) else { throw AllocationError.unknownSKU(sku) }
        return product
    }

    private func keep(_ product: Product) throws {
        try unit.products.save(product)
        for event in product.events { try unit.publish(event) }
    }
}
