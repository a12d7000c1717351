//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Changes to the products that happen together or not at all, and the events they lead to.
///
/// ```
/// let reference = try unitOfWork.run { products in
///     try products.change(line.sku) { try $0.allocate(line) }
/// } emitting: { event in
///     try context.emit(event)
/// }
/// ```
///
/// Units of work are handled one at a time, whoever starts them. The bus already keeps the events of one SKU apart, but it
/// gives no order between events and commands, and both change products. A unit of work does not wait for anything and
/// takes microseconds, so one lock costs less than what it would take to have many.
final class UnitOfWork: Sendable {
    private let repository = Guarded(ProductRepository())

    /// Runs `work`, hands what it recorded to `emit`, event by event, and commits.
    ///
    /// If either throws, every product is as it was before and the error is thrown on. Neither may wait for long or start
    /// another unit of work: both run while the products are locked.
    ///
    /// - Parameters:
    ///   - work: Changes products; runs exactly once.
    ///   - emit: Takes note of one event, in the order in which they happened. It comes before the commit, because an event that
    ///     cannot be emitted must not leave behind the change it speaks of.
    func run<Value: Sendable>(
        _ work: (inout ProductRepository) throws -> Value,
        emitting emit: (AllocationEvent) throws -> Void
    ) throws -> Value {
        try repository.withLock { products in
            Result { try Self.run(work, on: &products, emitting: emit) }
        }.get()
    }

    /// All or nothing.
    private static func run<Value>(
        _ work: (inout ProductRepository) throws -> Value, on products: inout ProductRepository,
        emitting emit: (AllocationEvent) throws -> Void
    ) throws -> Value {
        do {
            let value = try work(&products)
            for event in products.collectEvents() { try emit(event) }
            products.commit()
            return value
        } catch {
            products.rollback()
            throw error
        }
    }

    /// What all products hold, as of the last commit.
    var totals: StockTotals {
        repository.withLock { $0.totals }
    }
}
