//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// The event of nearly all benchmarks: a small fact.
struct OrderPlaced: Event {
    static let name = "order.placed"

    var orderID: Int
    var quantity = 3
    /// Orders of one SKU have to be handled in order; without one, nothing is to be kept in order.
    var sku: String?

    var orderingKey: String? { sku }
}

/// An event that knows when it set out.
struct Pinged: Event {
    static let name = "pinged"

    var sentAt = ContinuousClock.now
}
