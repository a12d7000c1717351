//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// A batch of one SKU was bought.
struct BatchCreated: Event, Hashable {
    static let name = "batch.created"

    let reference: String
    let sku: String
    /// Units bought; zero or more.
    let quantity: Int
    /// The day the batch is expected, or `nil` if it is in stock.
    let eta: CalendarDate?

    var orderingKey: String? { sku }
    var payloadByteCount: Int { reference.utf8.count + sku.utf8.count }

    /// The fields are stored as the order stream spells them.
    private enum CodingKeys: String, CodingKey {
        case reference = "ref"
        case sku
        case quantity = "qty"
        case eta
    }
}
