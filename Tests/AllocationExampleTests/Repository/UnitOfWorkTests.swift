//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("A unit of work")
struct UnitOfWorkTests {
    private struct Refusal: Error {}

    private let unitOfWork = UnitOfWork()

    private func addBatch(_ reference: String, sku: String = "LAMP", _ quantity: Int) throws {
        try unitOfWork.run { products in
            products.addIfMissing(sku)
            try products.change(sku) { try $0.add(Batch(reference: reference, sku: sku, quantity: quantity, eta: nil)) }
        } emitting: { _ in
        }
    }

    @Test("commits what was changed and hands out the events of all it has seen, in order")
    func commit() throws {
        try addBatch("b", 5)
        try addBatch("d", sku: "DESK", 1)
        var events: [AllocationEvent] = []
        try unitOfWork.run { products in
            #expect(products.seen.isEmpty)
            for sku in ["DESK", "LAMP", "DESK"] {
                _ = try products.change(sku) { try $0.allocate(OrderLine(orderID: "o1", sku: sku, quantity: 9)) }
            }
            #expect(products.seen == ["DESK", "LAMP"])
        } emitting: {
            events.append($0)
        }
        #expect(events.map(\.sku) == ["DESK", "DESK", "LAMP"])
        #expect(unitOfWork.totals.outOfStockSKUs == 2)
    }

    @Test("hands out an event once")
    func eventsOnce() throws {
        try addBatch("b", 5)
        var events: [AllocationEvent] = []
        for orderID in ["o1", "o2"] {
            _ = try unitOfWork.run { products in
                try products.change("LAMP") { try $0.allocate(OrderLine(orderID: orderID, sku: "LAMP", quantity: 9)) }
            } emitting: {
                events.append($0)
            }
        }
        #expect(events.count == 2)
    }

    @Test("leaves everything as it was when the work fails after its changes")
    func failingWork() throws {
        try addBatch("b", 5)
        let before = unitOfWork.totals
        #expect(throws: Refusal.self) {
            try unitOfWork.run { products in
                _ = try products.change("LAMP") { try $0.allocate(OrderLine(orderID: "o1", sku: "LAMP", quantity: 5)) }
                products.addIfMissing("DESK")
                throw Refusal()
            } emitting: { _ in
                Issue.record("nothing happened, so there is nothing to emit")
            }
        }
        #expect(unitOfWork.totals == before)
        #expect(throws: AllocationError.unknownSKU("DESK")) {
            try unitOfWork.run {
                try $0.change("DESK") { _ in }
            } emitting: { _ in
            }
        }
    }

    @Test("leaves everything as it was when an event cannot be emitted")
    func failingEmission() throws {
        try addBatch("b", 5)
        _ = try unitOfWork.run { products in
            try products.change("LAMP") { try $0.allocate(OrderLine(orderID: "o1", sku: "LAMP", quantity: 5)) }
        } emitting: { _ in
        }
        let before = unitOfWork.totals
        #expect(throws: Refusal.self) {
            try unitOfWork.run { products in
                try products.change("LAMP") { try $0.changeBatchQuantity(reference: "b", to: 0) }
            } emitting: { _ in
                throw Refusal()
            }
        }
        #expect(unitOfWork.totals == before)
        #expect(before.allocatedLines == 1)
    }

    @Test("is alone with the products, also when many run at the same time")
    func concurrency() async throws {
        try addBatch("b", 1_000)
        let unitOfWork = unitOfWork
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<100 {
                        let line = OrderLine(orderID: "\(task)-\(number)", sku: "LAMP", quantity: 1)
                        // Every other one is taken back.
                        _ = try? unitOfWork.run { products in
                            _ = try products.change("LAMP") { try $0.allocate(line) }
                            if number.isMultiple(of: 2) { throw Refusal() }
                        } emitting: { _ in
                        }
                    }
                }
            }
        }
        #expect(unitOfWork.totals.allocatedLines == 400)
        #expect(unitOfWork.totals.availableUnits == 600)
    }
}
