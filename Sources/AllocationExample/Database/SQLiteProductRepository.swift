//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsSQLite

/// The products as the tables have them, for the duration of one transaction.
///
/// It reads what is committed and writes what changed, so nothing of the state is kept in memory and there is nothing to rebuild
/// after a restart. Two transactions never overlap: the log has one writer.
final class SQLiteProductRepository: ProductRepository {
    private let transaction: SQLiteTransaction
    /// The products as the tables have them, by SKU, to know what changed.
    private var stored: [String: Product] = [:]

    init(_ transaction: SQLiteTransaction) {
        self.transaction = transaction
    }

    // MARK: Products

    func product(_ sku: String) throws -> Product? {
        let rows = try transaction.query("SELECT deallocated_lines FROM allocation_products WHERE sku = ?", .text(sku))
        guard let row = rows.first else { return nil }
        let product = try Product(sku: sku, batches: batches(of: sku), deallocatedLines: row.integer(0))
        stored[sku] = product
        return product
    }

    private func batches(of sku: String) throws -> [Batch] {
        try transaction.query(
            """
            SELECT reference, eta, created_quantity, quantity, allocated_quantity
            FROM allocation_batches WHERE sku = ? ORDER BY id
            """, .text(sku)
        ).map { row in
            try Batch(
                reference: row.text(0), sku: sku, eta: row.date(1), createdQuantity: row.integer(2), quantity: row.integer(3),
                allocatedQuantity: row.integer(4))
        }
    }

    func save(_ product: Product) throws {
        let before = stored[product.sku]
        if before == nil || before?.deallocatedLines != product.deallocatedLines {
            try transaction.execute(
                """
                INSERT INTO allocation_products (sku, deallocated_lines) VALUES (?, ?)
                ON CONFLICT DO UPDATE SET deallocated_lines = excluded.deallocated_lines
                """, .text(product.sku), SQLiteValue(product.deallocatedLines))
        }
        let batches = before?.batches ?? []
        for (batch, old) in zip(product.batches, batches) where batch != old {
            try transaction.execute(
                "UPDATE allocation_batches SET quantity = ?, allocated_quantity = ? WHERE sku = ? AND reference = ?",
                SQLiteValue(batch.quantity), SQLiteValue(batch.allocatedQuantity), .text(batch.sku), .text(batch.reference))
        }
        for batch in product.batches.dropFirst(batches.count) { try insert(batch) }
        stored[product.sku] = product
    }

    private func insert(_ batch: Batch) throws {
        try transaction.execute(
            """
            INSERT INTO allocation_batches (sku, reference, eta, created_quantity, quantity, allocated_quantity)
            VALUES (?, ?, ?, ?, ?, ?)
            """, .text(batch.sku), .text(batch.reference), SQLiteValue(batch.eta?.description),
            SQLiteValue(batch.createdQuantity), SQLiteValue(batch.quantity), SQLiteValue(batch.allocatedQuantity))
    }

    // MARK: Lines

    func contains(_ line: OrderLine, in batch: Batch) throws -> Bool {
        try !transaction.query(
            "SELECT 1 FROM allocation_lines WHERE sku = ? AND reference = ? AND order_id = ? AND quantity = ?",
            .text(batch.sku), .text(batch.reference), .text(line.orderID), SQLiteValue(line.quantity)
        ).isEmpty
    }

    func append(_ line: OrderLine, to batch: Batch) throws {
        try transaction.execute(
            "INSERT INTO allocation_lines (sku, reference, order_id, quantity) VALUES (?, ?, ?, ?)",
            .text(batch.sku), .text(batch.reference), .text(line.orderID), SQLiteValue(line.quantity))
    }

    func removeLatest(of batch: Batch) throws -> OrderLine? {
        let rows = try transaction.query(
            """
            SELECT id, order_id, quantity FROM allocation_lines
            WHERE sku = ? AND reference = ? ORDER BY id DESC LIMIT 1
            """, .text(batch.sku), .text(batch.reference))
        guard let row = rows.first else { return nil }
        try transaction.execute("DELETE FROM allocation_lines WHERE id = ?", SQLiteValue(row.integer(0)))
        return try OrderLine(orderID: row.text(1), sku: batch.sku, quantity: row.integer(2))
    }
}
