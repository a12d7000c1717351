//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// An order line needs stock: it is new, or the batch that held it shrank.
struct AllocationRequired: Event, Hashable {
    static let name = "allocation.required"

    let orderID: String
    let sku: String
    /// Units; one or more.
    let quantity: Int

    var orderingKey: String? { sku }
    var payloadByteCount: Int { orderID.utf8.count + sku.utf8.count }

    var line: OrderLine { OrderLine(orderID: orderID, sku: sku, quantity: quantity) }

    /// The fields are stored as the order stream spells them.
    private enum CodingKeys: String, CodingKey {
        case orderID = "orderid"
        case sku
        case quantity = "qty"
    }
}

extension AllocationRequired {
    init(_ line: OrderLine) {
        self.init(orderID: line.orderID, sku: line.sku, quantity: line.quantity)
    }
}
