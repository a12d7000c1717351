//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Everything about one SKU: its batches and what was allocated to them. The aggregate, so the unit of consistency.
///
/// A product records what happened in ``events`` and does not know who will hear of it; the service hands them out. When a method
/// throws, the product and its lines are to be forgotten: taking changes back is the business of the transaction around them.
struct Product: Sendable, Equatable {
    let sku: String
    /// In the order of their arrival.
    private(set) var batches: [Batch]
    /// Lines that shrunk batches gave back, at any time.
    private(set) var deallocatedLines: Int
    /// What happened since the product was taken from its repository, in order.
    private(set) var events: [AllocationEvent] = []

    init(sku: String, batches: [Batch] = [], deallocatedLines: Int = 0) {
        self.sku = sku
        self.batches = batches
        self.deallocatedLines = deallocatedLines
    }

    /// Adds a batch.
    ///
    /// A batch that was created before with the same reference, quantity and ETA is left as it is: it is the same news again.
    ///
    /// - Throws: ``AllocationError/conflictingBatch(reference:sku:)`` if the reference stands for another batch of this SKU;
    ///   ``AllocationError/unknownSKU(_:)`` if the batch is of another SKU.
    mutating func add(_ batch: Batch) throws(AllocationError) {
        guard batch.sku == sku else { throw .unknownSKU(batch.sku) }
        guard let known = batches.first(where: { $0.reference == batch.reference }) else {
            batches.append(batch)
            return
        }
        guard known.hasSameOrigin(as: batch) else { throw .conflictingBatch(reference: batch.reference, sku: sku) }
    }

    /// Promises stock to `line`, in the first batch that has enough; a line already in that batch is not added again.
    ///
    /// - Returns: The batch's reference, or `nil` if no batch has enough, which is recorded as ``OutOfStock``.
    /// - Throws: ``AllocationError/invalidQuantity(_:minimum:)`` if the line asks for less than one unit;
    ///   ``AllocationError/unknownSKU(_:)`` if it asks for another SKU; what `lines` throws.
    mutating func allocate(_ line: OrderLine, in lines: some AllocatedLines) throws -> String? {
        guard line.sku == sku else { throw AllocationError.unknownSKU(line.sku) }
        guard line.quantity >= 1 else { throw AllocationError.invalidQuantity(line.quantity, minimum: 1) }
        guard let position = preferredBatch(for: line) else {
            events.append(.outOfStock(OutOfStock(sku: sku)))
            return nil
        }
        if try !lines.contains(line, in: batches[position]) {
            batches[position].allocate(line)
            try lines.append(line, to: batches[position])
        }
        return batches[position].reference
    }

    /// Sets the units a batch holds, and gives back lines, the most recently allocated first, until the rest fits. For each of them
    /// an ``AllocationRequired`` is recorded.
    ///
    /// - Throws: ``AllocationError/unknownBatch(reference:sku:)``, or ``AllocationError/invalidQuantity(_:minimum:)`` if
    ///   `quantity` is negative; what `lines` throws.
    mutating func changeBatchQuantity(reference: String, to quantity: Int, in lines: some AllocatedLines) throws {
        guard let position = batches.firstIndex(where: { $0.reference == reference }) else {
            throw AllocationError.unknownBatch(reference: reference, sku: sku)
        }
        try batches[position].changeQuantity(to: quantity)
        while batches[position].availableQuantity < 0, let line = try lines.removeLatest(of: batches[position]) {
            batches[position].deallocate(line)
            deallocatedLines += 1
            events.append(.allocationRequired(AllocationRequired(line)))
        }
    }

    /// Where the batch is that `line` gets: of those with enough, the preferred one, and of equals the one that came first.
    private func preferredBatch(for line: OrderLine) -> Int? {
        var found: Int?
        for (position, batch) in batches.enumerated() where batch.canAllocate(line) {
            if let other = found, !batch.isPreferred(to: batches[other]) { continue }
            found = position
        }
        return found
    }
}
