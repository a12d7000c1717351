//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// One line of a customer's order: so many units of one SKU.
///
/// Two lines with the same order, SKU and quantity are the same line, which is how a batch knows that it already has one.
struct OrderLine: Sendable, Hashable {
    let orderID: String
    let sku: String
    /// Units; a ``Product`` refuses a line of less than one.
    let quantity: Int
}
