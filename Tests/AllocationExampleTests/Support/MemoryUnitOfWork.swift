//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import AllocationExample

/// Order lines in memory.
final class MemoryLines: AllocatedLines {
    private struct Key: Hashable {
        let sku: String
        let reference: String

        init(_ batch: Batch) {
            sku = batch.sku
            reference = batch.reference
        }
    }

    private var lines: [Key: [OrderLine]] = [:]
    /// The same lines again, so that finding one costs the same however many there are.
    private var members: [Key: Set<OrderLine>] = [:]
    private(set) var count = 0

    func contains(_ line: OrderLine, in batch: Batch) -> Bool { members[Key(batch)]?.contains(line) == true }

    func append(_ line: OrderLine, to batch: Batch) {
        lines[Key(batch), default: []].append(line)
        members[Key(batch), default: []].insert(line)
        count += 1
    }

    func removeLatest(of batch: Batch) -> OrderLine? {
        guard let line = lines[Key(batch)]?.popLast() else { return nil }
        members[Key(batch)]?.remove(line)
        count -= 1
        return line
    }

    /// The lines of a batch, in order.
    func all(of batch: Batch) -> [OrderLine] { lines[Key(batch)] ?? [] }
}

/// Products in memory. The use cases check all that they refuse before they change anything, so there is nothing to roll back.
final class MemoryProducts: ProductRepository {
    let lines = MemoryLines()
    private(set) var products: [String: Product] = [:]

    func product(_ sku: String) -> Product? { products[sku] }

    func save(_ product: Product) {
        products[product.sku] = Product(
            sku: product.sku, batches: product.batches, deallocatedLines: product.deallocatedLines)
    }

    func contains(_ line: OrderLine, in batch: Batch) -> Bool { lines.contains(line, in: batch) }
    func append(_ line: OrderLine, to batch: Batch) { lines.append(line, to: batch) }
    func removeLatest(of batch: Batch) -> OrderLine? { lines.removeLatest(of: batch) }
}

/// A unit of work in memory.
final class MemoryUnitOfWork: UnitOfWork {
    let products = MemoryProducts()
    /// What was published and not taken yet.
    private(set) var events: [AllocationEvent] = []
    private var outOfStock: Set<String> = []

    func publish(_ event: AllocationEvent) {
        events.append(event)
        if case .outOfStock(let event) = event { outOfStock.insert(event.sku) }
    }

    /// Takes what was published.
    func takeEvents() -> [AllocationEvent] {
        defer { events = [] }
        return events
    }

    var totals: StockTotals {
        var totals = StockTotals()
        for product in products.products.values {
            totals.deallocated += product.deallocatedLines
            totals.skus += 1
            for batch in product.batches {
                totals.allocatedUnits += Int128(batch.allocatedQuantity)
                totals.availableUnits += Int128(batch.availableQuantity)
            }
        }
        totals.allocatedLines = products.lines.count
        totals.outOfStockSKUs = outOfStock.count
        return totals
    }
}
