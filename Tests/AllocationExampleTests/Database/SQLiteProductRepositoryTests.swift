//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite
import Testing

@testable import AllocationExample

@Suite("The products in the log's file")
struct SQLiteProductRepositoryTests {
    private struct Refusal: Error {}

    private static func created(_ reference: String, _ quantity: Int, eta: CalendarDate? = nil) -> BatchCreated {
        BatchCreated(reference: reference, sku: "LAMP", quantity: quantity, eta: eta)
    }

    /// Runs a bus whose log has the service's tables, and nobody who handles events.
    private static func withBus(_ path: String, _ body: @escaping @Sendable (EventBus) async throws -> Void) async throws {
        var options = SQLiteLogOptions()
        options.migrate = { try Schema.migrate($0) }
        try await withEventBus(log: .sqlite(path, options: options)) { try await body($0) }
    }

    @Test("are the same after a restart")
    func restart() async throws {
        try await withTemporaryLog { log in
            try await Self.withBus(log) { bus in
                try await bus.commit { transaction in
                    let service = AllocationService(in: SQLiteUnitOfWork(transaction))
                    try service.addBatch(Self.created("b1", 5))
                    try service.addBatch(Self.created("b2", 5, eta: CalendarDate("1998-05-01")))
                    _ = try service.allocate(OrderLine(orderID: "o1", sku: "LAMP", quantity: 3))
                }
            }
            try await Self.withBus(log) { bus in
                let product = try await bus.commit { try SQLiteProductRepository($0).product("LAMP") }
                #expect(product?.batches.map(\.reference) == ["b1", "b2"])
                #expect(product?.batches.map(\.availableQuantity) == [2, 5])
                #expect(product?.batches.last?.eta == CalendarDate("1998-05-01"))
                let other = try await bus.commit { try SQLiteProductRepository($0).product("DESK") }
                #expect(other == nil)
            }
        }
    }

    @Test("are as they were, and nothing is published, when a unit of work throws after its changes")
    func rollback() async throws {
        try await withTemporaryLog { log in
            try await Self.withBus(log) { bus in
                try await bus.commit { try AllocationService(in: SQLiteUnitOfWork($0)).addBatch(Self.created("b1", 5)) }
                let before = try await bus.read { try StockTotals($0) }
                await #expect(throws: Refusal.self) {
                    try await bus.commit { transaction in
                        let service = AllocationService(in: SQLiteUnitOfWork(transaction))
                        _ = try service.allocate(OrderLine(orderID: "o1", sku: "LAMP", quantity: 3))
                        _ = try service.allocate(OrderLine(orderID: "o2", sku: "LAMP", quantity: 3))
                        throw Refusal()
                    }
                }
                #expect(try await bus.read { try StockTotals($0) } == before)
                #expect(try await bus.read { try EventCounts($0) } == EventCounts())
            }
        }
    }

    @Test("add up to more units than SQLite can")
    func hugeQuantities() async throws {
        try await withTemporaryLog { log in
            try await Self.withBus(log) { bus in
                try await bus.commit { transaction in
                    let service = AllocationService(in: SQLiteUnitOfWork(transaction))
                    for reference in ["a", "b", "c", "d"] { try service.addBatch(Self.created(reference, .max)) }
                    for order in 1...3 { _ = try service.allocate(OrderLine(orderID: "o\(order)", sku: "LAMP", quantity: .max)) }
                    _ = try service.allocate(OrderLine(orderID: "o4", sku: "LAMP", quantity: 5))
                }
                let totals = try await bus.read { try StockTotals($0) }
                #expect(totals.allocatedUnits == 3 * Int128(Int.max) + 5)
                #expect(totals.availableUnits == Int128(Int.max) - 5)
            }
        }
    }

    @Test("come to what products in memory come to, whatever happens to them", arguments: 0..<10)
    func againstMemory(seed: UInt64) async throws {
        try await withTemporaryLog { log in
            try await Self.withBus(log) { bus in
                var random = SeededGenerator(seed: seed)
                let memory = MemoryUnitOfWork()
                for number in 1...150 {
                    let change = Self.change(number, &random)
                    let expected = change.answer(of: AllocationService(in: memory))
                    let found = try await bus.commit { change.answer(of: AllocationService(in: SQLiteUnitOfWork($0))) }
                    try #require(found == expected, "seed \(seed), change \(number)")
                    let totals = try await bus.read { try StockTotals($0) }
                    try #require(totals == memory.totals, "seed \(seed), change \(number)")
                }
            }
        }
    }

    private enum Change: Sendable {
        case add(BatchCreated)
        case allocate(OrderLine)
        case quantity(BatchQuantityChanged)

        /// What the service says to it: the batch, or the error.
        func answer(of service: AllocationService<some UnitOfWork>) -> String {
            do {
                return try apply(service) ?? "none"
            } catch {
                return "\(error)"
            }
        }

        private func apply(_ service: AllocationService<some UnitOfWork>) throws -> String? {
            switch self {
            case .add(let event): try service.addBatch(event)
            case .allocate(let line): return try service.allocate(line)
            case .quantity(let event): try service.changeBatchQuantity(event)
            }
            return nil
        }
    }

    private static func change(_ number: Int, _ random: inout SeededGenerator) -> Change {
        let reference = "b\(Int.random(in: 0..<6, using: &random))"
        let quantity = Int.random(in: 0..<12, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<2:
            let eta = [nil, "1998-05-01", "1998-06-01"].randomElement(using: &random) ?? nil
            return .add(created(reference, quantity, eta: eta.flatMap(CalendarDate.init)))
        case 2..<8:
            let orderID = "o\(Int.random(in: 0..<10, using: &random))"
            return .allocate(OrderLine(orderID: orderID, sku: "LAMP", quantity: max(1, quantity / 3)))
        default: return .quantity(BatchQuantityChanged(reference: reference, sku: "LAMP", quantity: quantity))
        }
    }
}
