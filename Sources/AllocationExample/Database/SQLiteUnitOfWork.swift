//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite

/// A unit of work that is one transaction of the bus's log.
struct SQLiteUnitOfWork: UnitOfWork {
    let products: SQLiteProductRepository
    private let transaction: SQLiteTransaction

    init(_ transaction: SQLiteTransaction) {
        self.transaction = transaction
        products = SQLiteProductRepository(transaction)
    }

    /// Publishes the event in this transaction. One about a SKU that is out of stock gets the number of its mail on its way.
    func publish(_ event: AllocationEvent) throws {
        switch event {
        case .outOfStock(let event):
            let number = try MailBook(transaction).add(event.sku)
            try transaction.emit(event, headers: [MailBook.numberHeader: String(number)])
        case .batchCreated, .allocationRequired, .batchQuantityChanged:
            try transaction.emit(event.event)
        }
    }
}
