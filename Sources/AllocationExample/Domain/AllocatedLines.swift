//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The order lines that batches are promised to, in the order in which they were allocated.
///
/// They are part of the ``Product`` aggregate, but a product asks for the few it needs instead of holding them: one cheap allocation
/// would otherwise cost as much as its SKU has lines.
protocol AllocatedLines {
    /// Whether `batch` has `line` already.
    func contains(_ line: OrderLine, in batch: Batch) throws -> Bool
    /// Adds a line that `batch` does not have.
    func append(_ line: OrderLine, to batch: Batch) throws
    /// Removes the line that was allocated last, and returns it; `nil` if `batch` has none.
    func removeLatest(of batch: Batch) throws -> OrderLine?
}
