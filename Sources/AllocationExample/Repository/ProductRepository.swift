//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// All products by SKU, and which of them the current unit of work has ``seen``.
///
/// Products are changed where they are stored, never copied out: see ``Product`` for why.
struct ProductRepository: Sendable {
    private var products: [String: Product] = [:]
    /// The SKUs touched since the last commit, in the order in which they were first touched.
    private(set) var seen: [String] = []
    /// Those of ``seen`` that did not exist before.
    private var added: Set<String> = []
    /// What only a commit may count.
    private var committed = CommittedFacts()

    /// Changes the product of `sku`.
    ///
    /// - Throws: ``AllocationError/unknownSKU(_:)`` if there is none, and whatever `change` throws.
    mutating func change<Value>(_ sku: String, _ change: (inout Product) throws -> Value) throws -> Value {
        guard let index = products.index(forKey: sku) else { throw AllocationError.unknownSKU(sku) }
        if !seen.contains(sku) { seen.append(sku) }
        return try change(&products.values[index])
    }

    /// Makes a product for `sku`, unless there is one.
    mutating func addIfMissing(_ sku: String) {
        guard products[sku] == nil else { return }
        products[sku] = Product(sku: sku)
        seen.append(sku)
        added.insert(sku)
    }

    /// The events of every product that was seen, in order.
    func collectEvents() -> [AllocationEvent] {
        seen.flatMap { products[$0]?.events ?? [] }
    }

    /// Makes all changes final.
    mutating func commit() {
        committed.add(collectEvents())
        endUnit { $0.commit() }
    }

    /// Takes all changes back.
    mutating func rollback() {
        for sku in added { products[sku] = nil }
        endUnit { $0.rollback() }
    }

    private mutating func endUnit(_ finish: (inout Product) -> Void) {
        for sku in seen {
            guard let index = products.index(forKey: sku) else { continue }
            finish(&products.values[index])
        }
        seen.removeAll(keepingCapacity: true)
        added.removeAll(keepingCapacity: true)
    }

    /// What all products hold together; walks over all batches.
    var totals: StockTotals {
        var totals = products.values.reduce(into: StockTotals()) { $0.add($1.totals) }
        totals.deallocated = committed.deallocated
        totals.outOfStockSKUs = committed.outOfStockSKUs.count
        return totals
    }
}

extension ProductRepository {
    /// What happened in committed units of work and cannot be seen in the products afterwards.
    private struct CommittedFacts: Sendable {
        var deallocated = 0
        var outOfStockSKUs: Set<String> = []

        mutating func add(_ events: [AllocationEvent]) {
            for event in events {
                switch event {
                case .allocationRequired: deallocated += 1
                case .outOfStock(let event): outOfStockSKUs.insert(event.sku)
                case .batchCreated, .batchQuantityChanged: break
                }
            }
        }
    }
}
