//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// A batch turned out to hold another quantity than was thought.
struct BatchQuantityChanged: Event, Hashable {
    static let name = "batch.quantity.changed"

    let reference: String
    let sku: String
    /// Units the batch holds in all, allocated ones included; zero or more.
    let quantity: Int

    var orderingKey: String? { sku }
    var payloadByteCount: Int { reference.utf8.count + sku.utf8.count }

    /// The fields are stored as the order stream spells them.
    private enum CodingKeys: String, CodingKey {
        case reference = "ref"
        case sku
        case quantity = "qty"
    }
}
