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
import Foundation

/// The snippets of docs/durability.md. `DurabilityTests` runs them on logs of its own.
enum DurabilitySnippets {
    struct OrderPlaced: Event {
        static let name = "order.placed"
        var orderID: String
        var sku: String
        var orderingKey: String? { sku }
    }

    struct StockReserved: Event {
        static let name = "stock.reserved"
        var orderID: String
    }

    struct StockDelivered: Event {
        static let name = "stock.delivered"
        var sku: String
        var pieces: Int
    }

    struct PaymentDue: Event {
        static let name = "payment.due"
        var orderID: String
    }

    static let orders = ["10248", "10249", "10250"].map { OrderPlaced(orderID: $0, sku: "CHAI") }

    /// A log with the table that the snippets write to.
    static func open(
        _ path: String, register: @Sendable (inout HandlerRegistry) throws -> Void
    ) async throws -> EventBus {
        // snippet: docs/durability.md, opening
        let log: SQLiteEventLog = .sqlite(path) { transaction in
            try transaction.execute(
                "CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, pieces INTEGER)")
        }
        let bus = try await EventBus(log: log, handlers: register)
        // end snippet
        return bus
    }

    static func openInTurn(
        _ path: String, register: @Sendable (inout HandlerRegistry) throws -> Void
    ) async throws -> EventBus {
        // snippet: docs/durability.md, options
        var options = SQLiteLogOptions()
        options.ifOwned = .wait(upTo: .seconds(30))
        let bus = try await EventBus(log: .sqlite(path, options: options), handlers: register)
        // end snippet
        return bus
    }

    static func publish(_ order: OrderPlaced, on bus: EventBus, undecided: Ledger) async throws {
        // snippet: docs/durability.md, three results
        let key = "order-\(order.orderID)"
        do {
            try await bus.publish(order, idempotencyKey: key)
        } catch let error as PublishError where error.result == .indeterminate {
            await undecided.note(key)  // to be published again, with this key, on the next bus
        }
        // Any other error: nothing is stored.
        // end snippet
    }

    static func publishBatch(_ bus: EventBus) async throws -> [Receipt] {
        // snippet: docs/durability.md, a batch with keys
        let receipts = try await bus.publish(
            contentsOf: orders, idempotencyKey: { order in "order-\(order.orderID)" })
        // end snippet
        return receipts
    }

    static func schedule(_ bus: EventBus) async throws -> Bool {
        // snippet: docs/durability.md, scheduling
        let id = try await bus.publish(PaymentDue(orderID: "10248"), after: .seconds(86_400))
        let isCancelled = try await bus.cancelScheduled(id)
        // end snippet
        return isCancelled
    }

    static func subscribeFromTheBeginning(_ handlers: inout HandlerRegistry, _ ledger: Ledger) throws {
        // snippet: docs/durability.md, a start
        try handlers.subscribe("ledger", to: OrderPlaced.self, start: .beginning) { order, _ in
            await ledger.open(order.orderID)
        }
        // end snippet
    }

    static func remove(_ bus: EventBus) async throws {
        // snippet: docs/durability.md, a removal
        if let removed = try await bus.removeSubscription("ledger") {
            print("gave up \(removed.unfinished) deliveries, \(removed.deadLetters) dead letters")
        }
        // end snippet
    }

    static func subscribeStock(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/durability.md, one commit
        try handlers.subscribe("stock", to: OrderPlaced.self) { order, context in
            try context.emit(StockReserved(orderID: order.orderID))
            try context.onCommit { transaction in
                let changed = try transaction.execute(
                    "UPDATE stock SET pieces = pieces - 1 WHERE sku = ? AND pieces > 0",
                    .text(order.sku))
                if changed == 0 { throw Disposition.permanentFailure("out of stock") }
            }
        }
        // end snippet
    }

    static func deliver(_ bus: EventBus) async throws {
        // snippet: docs/durability.md, a commit of its own
        try await bus.commit { transaction in
            try transaction.execute(
                """
                INSERT INTO stock VALUES (?, ?)
                ON CONFLICT (sku) DO UPDATE SET pieces = pieces + excluded.pieces
                """, "CHAI", 2)
            try transaction.publish(StockDelivered(sku: "CHAI", pieces: 2))
        }
        // end snippet
    }

    static func history(_ bus: EventBus, since yesterday: Date) async throws {
        // snippet: docs/durability.md, history
        let filter = HistoryFilter(names: ["order.placed"], since: yesterday)
        for try await recorded in try bus.history(filter) {
            print(recorded.metadata.offset, recorded.metadata.publishedAt, recorded.event as Any)
        }
        // end snippet
    }

    static func replay(_ bus: EventBus) async throws {
        // snippet: docs/durability.md, replay
        let report = try await bus.replay("search-index")
        print("handled again: \(report.completed), failed: \(report.dead)")
        // end snippet
    }

    static func list(_ bus: EventBus) async throws {
        // snippet: docs/durability.md, reading
        let rows = try await bus.read { try $0.query("SELECT sku, pieces FROM stock") }
        for row in rows { print(row["sku"].string ?? "?", row["pieces"].int ?? 0) }
        // end snippet
    }

    static func limitCrashes(_ handlers: inout HandlerRegistry, _ warehouse: Warehouse) throws {
        // snippet: docs/durability.md, a crash limit
        try handlers.subscribe("render", options: SubscriptionOptions(maxCrashes: 2)) {
            On(OrderPlaced.self) { order, _ in
                try await warehouse.reserve([order.sku], for: order.orderID)
            }
        }
        // end snippet
    }

    static var bounded: EventBusConfiguration {
        // snippet: docs/durability.md, bounds
        var configuration = EventBusConfiguration()
        configuration.backlog = BacklogPolicy(limit: 100_000, overflow: .reject)
        configuration.retention = RetentionPolicy(maxAge: .seconds(30 * 86_400))
        // end snippet
        return configuration
    }

    static func redrive(on bus: EventBus) async throws {
        // snippet: docs/durability.md, a letter
        if let id = DeadLetter.ID("mail/12") { try await bus.deadLetters.redrive(id) }
        // end snippet
    }

    static func backUp(_ bus: EventBus, to target: String) async throws {
        // snippet: docs/durability.md, a backup
        try await bus.backup(to: target)
        // end snippet
    }

    static func run(_ bus: EventBus, exit: (Int32) -> Void) async throws {
        // snippet: docs/durability.md, a failed log
        do {
            print(try await bus.run())
        } catch let failure as LogFailure {
            print("the log failed: \(failure)")
            exit(1)  // and let whatever supervises the process start it anew
        }
        // end snippet
    }
}

/// The event of before, as a later version of the program has it.
enum LaterDurabilitySnippets {
    // snippet: docs/durability.md, a new version
    struct OrderPlaced: Event {
        static let name = "order.placed"
        static let schemaVersion = 2
        var orderID: String
        var skus: [String]
    }

    struct OrderPlacedV1: Decodable {
        var orderID: String
        var sku: String
    }
    // end snippet

    static func register(_ handlers: inout HandlerRegistry, _ ledger: Ledger) throws {
        try handlers.subscribe("ledger", to: OrderPlaced.self) { order, _ in
            await ledger.note("\(order.orderID): \(order.skus)")
        }
    }

    static func upcast(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/durability.md, an upcaster
        try handlers.upcast(OrderPlaced.self, from: 1) { (old: OrderPlacedV1) in
            OrderPlaced(orderID: old.orderID, skus: [old.sku])
        }
        // end snippet
    }
}
