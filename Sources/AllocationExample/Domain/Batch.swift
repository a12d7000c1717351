//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Stock of one SKU that arrives together, and the order lines allocated to it.
///
/// Between calls, `0 <= allocatedQuantity <= quantity`, so ``availableQuantity`` is never negative. All quantities lie within
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
    private(set) var allocatedQuantity = 0

    /// The allocated lines, in the order in which they were allocated; a shrinking batch takes them from the end.
    private var lines: [OrderLine] = []
    /// The same lines again, so that finding one costs the same however many there are.
    private var members: Set<OrderLine> = []

    /// - Throws: ``AllocationError/invalidQuantity(_:minimum:)`` if `quantity`, in units, is negative.
    init(reference: String, sku: String, quantity: Int, eta: CalendarDate?) throws(AllocationError) {
        guard quantity >= 0 else { throw .invalidQuantity(quantity, minimum: 0) }
        self.reference = reference
        self.sku = sku
        self.eta = eta
        self.createdQuantity = quantity
        self.quantity = quantity
    }

    /// Units that can still be promised.
    var availableQuantity: Int { quantity - allocatedQuantity }

    var allocatedLineCount: Int { lines.count }

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

    /// Promises units to `line`.
    ///
    /// - Returns: Whether the line was added; `false` if it already was here, or cannot be allocated.
    mutating func allocate(_ line: OrderLine) -> Bool {
        guard canAllocate(line), members.insert(line).inserted else { return false }
        lines.append(line)
        allocatedQuantity += line.quantity
        return true
    }

    /// Takes back the promise to the line that was allocated last.
    mutating func deallocateLatest() -> OrderLine? {
        guard let line = lines.popLast() else { return nil }
        members.remove(line)
        allocatedQuantity -= line.quantity
        return line
    }

    /// Sets the units bought, and gives back lines, the most recently allocated first, until the rest fits.
    ///
    /// - Returns: The lines that no longer fit, in the order in which they were given back.
    /// - Throws: ``AllocationError/invalidQuantity(_:minimum:)`` if `newQuantity` is negative; then nothing has changed.
    mutating func changeQuantity(to newQuantity: Int) throws(AllocationError) -> [OrderLine] {
        guard newQuantity >= 0 else { throw .invalidQuantity(newQuantity, minimum: 0) }
        quantity = newQuantity
        var deallocated: [OrderLine] = []
        while availableQuantity < 0, let line = deallocateLatest() {
            deallocated.append(line)
        }
        return deallocated
    }

    /// Undoes ``changeQuantity(to:)``: the quantity as it was, and the lines it gave back where they were.
    mutating func restore(quantity oldQuantity: Int, lines deallocated: [OrderLine]) {
        quantity = oldQuantity
        for line in deallocated.reversed() {
            _ = allocate(line)
        }
    }
}
