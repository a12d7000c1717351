//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

extension AllocationEvent {
    /// The event as the bus takes it: of its own type, by which it finds its subscriptions.
    var event: any Event {
        switch self {
        case .batchCreated(let event): event
        case .allocationRequired(let event): event
        case .batchQuantityChanged(let event): event
        case .outOfStock(let event): event
        }
    }
}
