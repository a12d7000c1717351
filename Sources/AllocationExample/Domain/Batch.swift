//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Stock of one SKU that arrives together.
///
/// Which order lines it is promised to is kept apart (``AllocatedLines``), because there may be any number of them. Between calls of
/// ``Product``, `0 <= allocatedQuantity <= quantity`, so ``availableQuantity`` is never negative. All quantities lie within
/// `0...Int.max`: a difference of two of them cannot overflow, and a line is added only if it fits under `quantity`.
struct Batch: Sendable, Equatable {
    let reference: String
    let sku: String
    /// The day the batch is expected, or `nil` if it is in stock.
    let eta: CalendarDate?
    /// Units bought when the batch was created; a later change of quantity leaves it as it is.
    let createdQuantity: Int
    /// Units bought, as of the latest change of quantity.
    private(set) var quantity: Int
    /// Units promised to order lines.
    private(set) var allocatedQuantity: Int

    /// A new batch.
    ///
    /// - Throws: ``AllocationError/invalidQuantity(_:minimum:)`` if `quantity`, in units, is negative.
    init(reference: String, sku: String, quantity: Int, eta: CalendarDate?) throws(AllocationError) {
        guard quantity >= 0 else { throw .invalidQuantity(quantity, minimum: 0) }
        self.init(
            reference: reference, sku: sku, eta: eta, createdQuantity: quantity, quantity: quantity, allocatedQuantity: 0)
    }

    /// A batch as a repository kept it.
    init(
        reference: String, sku: String, eta: CalendarDate?, createdQuantity: Int, quantity: Int, allocatedQuantity: Int
    ) {
        self.reference = reference
        self.sku = sku
        self.eta = eta
        self.createdQuantity = createdQuantity
        self.quantity = quantity
        self.allocatedQuantity = allocatedQuantity
    }

    /// Units that can still be promised.
    var availableQuantity: Int { quantity - allocatedQuantity }

    /// Whether `line` asks for this SKU and for no more than is available.
    func canAllocate(_ line: OrderLine) -> Bool {
        line.sku == sku && line.quantity <= availableQuantity
    }

    /// Whether this batch was created with the same facts as `other`, whatever happened to either since.
    func hasSameOrigin(as other: Batch) -> Bool {
        reference == other.reference && sku == other.sku && eta == other.eta && createdQuantity == other.createdQuantity
    }

    /// Whether this batch is to be tried before `other`: stock that is here first, then the one that arrives earliest.
    func isPreferred(to other: Batch) -> Bool {
        switch (eta, other.eta) {
        case (nil, .some): true
        case (.some(let mine), .some(let theirs)): mine < theirs
        case (_, nil): false
        }
    }

    /// Promises units to `line`, which must fit.
    mutating func allocate(_ line: OrderLine) {
        allocatedQuantity += line.quantity
    }

    /// Takes back the promise to `line`.
    mutating func deallocate(_ line: OrderLine) {
        allocatedQuantity -= line.quantity
    }

    /// Sets the units bought. Until enough lines are given back, ``availableQuantity`` may be negative.
    ///
    /// - Throws: ``AllocationError/invalidQuantity(_:minimum:)`` if `newQuantity` is negative; then nothing has changed.
    mutating func changeQuantity(to newQuantity: Int) throws(AllocationError) {
        guard newQuantity >= 0 else { throw .invalidQuantity(newQuantity, minimum: 0) }
        quantity = newQuantity
    }
}
