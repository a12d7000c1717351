//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Asks for stock for one order line, and for the answer: the reference of the batch that has it, or `nil` if the SKU is out of
/// stock, which also publishes an ``OutOfStock``.
///
/// It is the same use case as the event ``AllocationRequired``, for those who cannot go on without the result. An
/// ``AllocationError`` is thrown to the sender.
struct Allocate: Command, Hashable {
    typealias Reply = String?

    let orderID: String
    let sku: String
    /// Units; one or more.
    let quantity: Int

    var line: OrderLine { OrderLine(orderID: orderID, sku: sku, quantity: quantity) }
}
