//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// An order line found no batch of its SKU with enough units left.
struct OutOfStock: Event, Hashable {
    static let name = "out.of.stock"

    let sku: String

    var orderingKey: String? { sku }
    var payloadByteCount: Int { sku.utf8.count }
}
