//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The use cases: each is one unit of work.
///
/// They are synchronous and know nothing of the bus. Each takes an `emit` that is called for every event recorded, before the
/// commit; what it throws, the use case throws, and then nothing has changed. An ``AllocationError`` means that the request is
/// wrong and that trying again cannot help.
struct AllocationService: Sendable {
    private let unitOfWork: UnitOfWork

    init(unitOfWork: UnitOfWork) {
        self.unitOfWork = unitOfWork
    }

    /// Adds the batch, and the product if it is the SKU's first.
    func addBatch(_ created: BatchCreated, emit: (AllocationEvent) throws -> Void) throws {
        let batch = try Batch(
            reference: created.reference, sku: created.sku, quantity: created.quantity, eta: created.eta)
        try unitOfWork.run { products in
            products.addIfMissing(batch.sku)
            try products.change(batch.sku) { try $0.add(batch) }
        } emitting: { event in
            try emit(event)
        }
    }

    /// Promises stock to `line`.
    ///
    /// - Returns: The reference of the batch that has the line, or `nil` if the SKU is out of stock.
    func allocate(_ line: OrderLine, emit: (AllocationEvent) throws -> Void) throws -> String? {
        try unitOfWork.run { products in
            try products.change(line.sku) { try $0.allocate(line) }
        } emitting: { event in
            try emit(event)
        }
    }

    /// Sets how many units a batch holds; emits an ``AllocationRequired`` for each line that no longer fits.
    func changeBatchQuantity(_ changed: BatchQuantityChanged, emit: (AllocationEvent) throws -> Void) throws {
        try unitOfWork.run { products in
            try products.change(changed.sku) {
                try $0.changeBatchQuantity(reference: changed.reference, to: changed.quantity)
            }
        } emitting: { event in
            try emit(event)
        }
    }
}
