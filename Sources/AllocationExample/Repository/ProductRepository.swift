//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Where the products are kept, with their lines.
protocol ProductRepository: AllocatedLines {
    /// The product of a SKU, or `nil` if there is none.
    func product(_ sku: String) throws -> Product?
    /// Keeps a product as it is now.
    func save(_ product: Product) throws
}
