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
/// A product records what happened in ``events`` and does not know who will hear of it; the unit of work collects them. It also
/// keeps, until ``commit()``, how to take each change back. The other way to roll back, working on a copy, would copy the
/// arrays of every batch it touches: one cheap allocation would cost as much as the SKU has allocated lines.
struct Product: Sendable, Equatable {
    let sku: String
    /// What happened since the last ``commit()``, in order.
    private(set) var events: [AllocationEvent] = []

    /// In the order of their arrival, so that a position stays valid for good.
    private var batches: [Batch] = []
    /// Positions in ``batches``, in the order in which to try them.
    private var preference: [Int] = []
    private var positions: [String: Int] = [:]
    private var changes: [Change] = []

    init(sku: String) {
        self.sku = sku
    }

    /// Adds a batch behind those to be tried before it, or as early.
    ///
    /// A batch that was created before with the same reference, quantity and ETA is left as it is: it is the same news again.
    ///
    /// - Throws: ``AllocationError/conflictingBatch(reference:sku:)`` if the reference stands for another batch of this SKU;
    ///   ``AllocationError/unknownSKU(_:)`` if the batch is of another SKU.
    mutating func add(_ batch: Batch) throws(AllocationError) {
        guard batch.sku == sku else { throw .unknownSKU(batch.sku) }
        if let position = positions[batch.reference] {
            guard batches[position].hasSameOrigin(as: batch) else {
                throw .conflictingBatch(reference: batch.reference, sku: sku)
            }
            return
        }
        let place = place(of: batch)
        positions[batch.reference] = batches.count
        preference.insert(batches.count, at: place)
        batches.append(batch)
        changes.append(.added(place: place))
    }

    /// Promises stock to `line`, in the first batch that has enough; a line already in that batch is not added again.
    ///
    /// - Returns: The batch's reference, or `nil` if no batch has enough, which is recorded as ``OutOfStock``.
    /// - Throws: ``AllocationError/invalidQuantity(_:minimum:)`` if the line asks for less than one unit;
    ///   ``AllocationError/unknownSKU(_:)`` if it asks for another SKU.
    mutating func allocate(_ line: OrderLine) throws(AllocationError) -> String? {
        guard line.sku == sku else { throw .unknownSKU(line.sku) }
        guard line.quantity >= 1 else { throw .invalidQuantity(line.quantity, minimum: 1) }
        guard let position = preference.first(where: { batches[$0].canAllocate(line) }) else {
            events.append(.outOfStock(OutOfStock(sku: sku)))
            return nil
        }
        if batches[position].allocate(line) {
            changes.append(.allocated(position: position))
        }
        return batches[position].reference
    }

    /// Sets the units a batch holds. For each line that no longer fits an ``AllocationRequired`` is recorded.
    ///
    /// - Throws: ``AllocationError/unknownBatch(reference:sku:)``, or ``AllocationError/invalidQuantity(_:minimum:)`` if
    ///   `quantity` is negative; then nothing has changed.
    mutating func changeBatchQuantity(reference: String, to quantity: Int) throws(AllocationError) {
        guard let position = positions[reference] else { throw .unknownBatch(reference: reference, sku: sku) }
        let oldQuantity = batches[position].quantity
        let deallocated = try batches[position].changeQuantity(to: quantity)
        changes.append(.quantityChanged(position: position, from: oldQuantity, deallocated: deallocated))
        for line in deallocated {
            events.append(.allocationRequired(AllocationRequired(line)))
        }
    }

    /// The product's part of the totals.
    var totals: StockTotals {
        var totals = StockTotals(skus: 1)
        for batch in batches {
            totals.allocatedLines += batch.allocatedLineCount
            totals.allocatedUnits += Int128(batch.allocatedQuantity)
            totals.availableUnits += Int128(batch.availableQuantity)
        }
        return totals
    }

    /// Where in ``preference`` a batch that arrives now belongs: behind all that are not worse.
    private func place(of batch: Batch) -> Int {
        var low = 0
        var high = preference.count
        while low < high {
            let middle = low + (high - low) / 2
            if batch.isPreferred(to: batches[preference[middle]]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

// MARK: - Commit and roll back

extension Product {
    /// One change to a product, with what is needed to take it back.
    private enum Change: Sendable, Equatable {
        /// A batch was appended, and inserted at this place of the preference.
        case added(place: Int)
        case allocated(position: Int)
        case quantityChanged(position: Int, from: Int, deallocated: [OrderLine])
    }

    /// Makes the changes final and forgets the events, which have been collected.
    mutating func commit() {
        changes.removeAll()
        events.removeAll()
    }

    /// Takes back everything since the last ``commit()``, the latest change first, and forgets its events.
    mutating func rollback() {
        while let change = changes.popLast() {
            switch change {
            case .added(let place):
                preference.remove(at: place)
                if let batch = batches.popLast() { positions[batch.reference] = nil }
            case .allocated(let position):
                _ = batches[position].deallocateLatest()
            case .quantityChanged(let position, let quantity, let deallocated):
                batches[position].restore(quantity: quantity, lines: deallocated)
            }
        }
        events.removeAll()
    }
}
