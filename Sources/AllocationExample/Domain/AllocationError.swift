//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine

/// What the domain refuses because the request itself is wrong: trying again cannot help.
enum AllocationError: Error, Sendable, Hashable {
    /// No batch of this SKU was ever created.
    case unknownSKU(String)
    /// The SKU is known, but has no batch with this reference.
    case unknownBatch(reference: String, sku: String)
    /// The SKU already has a batch with this reference, and that one was created with another quantity or ETA.
    case conflictingBatch(reference: String, sku: String)
    /// A quantity, in units, that is below the smallest one that means something here.
    case invalidQuantity(Int, minimum: Int)
}

extension AllocationError: CustomStringConvertible {
    var description: String {
        switch self {
        case .unknownSKU(let sku):
            "SKU \(sku.quoted) is unknown: no batch of it was ever created"
        case .unknownBatch(let reference, let sku):
            "SKU \(sku.quoted) has no batch \(reference.quoted)"
        case .conflictingBatch(let reference, let sku):
            "SKU \(sku.quoted) already has a batch \(reference.quoted), created with another quantity or ETA"
        case .invalidQuantity(let quantity, let minimum):
            "a quantity of \(quantity) is not possible here: the smallest is \(minimum)"
        }
    }
}
