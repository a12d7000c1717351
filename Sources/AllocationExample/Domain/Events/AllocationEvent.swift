//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The events of this service: what the order stream brings, and what the domain records.
///
/// The set is closed, so a `switch` over it is checked by the compiler, and no event type can be forgotten where they are
/// published or counted.
enum AllocationEvent: Sendable, Hashable {
    case batchCreated(BatchCreated)
    case allocationRequired(AllocationRequired)
    case batchQuantityChanged(BatchQuantityChanged)
    case outOfStock(OutOfStock)

    /// The SKU the event is about, which is its ordering key.
    var sku: String {
        switch self {
        case .batchCreated(let event): event.sku
        case .allocationRequired(let event): event.sku
        case .batchQuantityChanged(let event): event.sku
        case .outOfStock(let event): event.sku
        }
    }
}
