//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine

extension AllocationEvent {
    /// The event that a line of the order stream describes.
    ///
    /// An ``OutOfStock`` cannot come from outside: it is what the service finds out.
    ///
    /// - Throws: ``Rejection`` with the first thing that is wrong.
    init(jsonLine bytes: [UInt8]) throws(Rejection) {
        let fields = try LineFields(jsonLine: bytes)
        let type = try fields.text("type")
        switch type {
        case BatchCreated.name:
            self = .batchCreated(
                BatchCreated(
                    reference: try fields.text("ref"), sku: try fields.text("sku"),
                    quantity: try fields.quantity("qty", minimum: 0), eta: try fields.date("eta")))
        case AllocationRequired.name:
            self = .allocationRequired(
                AllocationRequired(
                    orderID: try fields.text("orderid"), sku: try fields.text("sku"),
                    quantity: try fields.quantity("qty", minimum: 1)))
        case BatchQuantityChanged.name:
            self = .batchQuantityChanged(
                BatchQuantityChanged(
                    reference: try fields.text("ref"), sku: try fields.text("sku"),
                    quantity: try fields.quantity("qty", minimum: 0)))
        default:
            let known = [BatchCreated.name, AllocationRequired.name, BatchQuantityChanged.name]
                .map { "\"\($0)\"" }.joined(separator: ", ")
            throw Rejection("the type \(type.quoted) is unknown; use one of \(known)")
        }
    }
}
