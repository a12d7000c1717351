//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Changes to products, and the events they lead to, that happen together or not at all.
///
/// There is no method to commit or to roll back: a unit of work is handed to whom does the work, and its fate is decided by whether
/// that throws. The durable one (``SQLiteUnitOfWork``) is the transaction in which the bus records that an event was handled.
protocol UnitOfWork {
    associatedtype Products: ProductRepository

    var products: Products { get }

    /// Makes an event known to whom it concerns, if the unit of work is committed.
    func publish(_ event: AllocationEvent) throws
}
