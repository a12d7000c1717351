//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

enum PublishingSnippets {
    // snippet: docs/publishing.md, an event
    struct OrderPlaced: Event {
        static let name = "order.placed"
        var orderID: String
        var customer: String
        var lines: [String]

        var orderingKey: String? { customer }
        var payloadByteCount: Int { lines.reduce(0) { $0 + $1.utf8.count } }
    }
    // end snippet

    struct OrderCancelled: Event {
        static let name = "order.cancelled"
        var orderID: String
    }

    struct InvoiceRequested: Event {
        static let name = "invoice.requested"
        var orderID: String
    }

    struct InvoiceSent: Event {
        static let name = "invoice.sent"
        var orderID: String
        var number: Int
    }

    struct StockReserved: Event {
        static let name = "stock.reserved"
        var sku: String
        var quantity: Int
    }

    // snippet: docs/publishing.md, a command
    struct Reserve: Command {
        typealias Reply = String
        var sku: String
        var quantity: Int
    }
    // end snippet

    static let warehouse = Warehouse()
    static let ledger = Ledger()
    static let dashboard = Dashboard()
    static let order = OrderPlaced(orderID: "10248", customer: "VINET", lines: ["CHAI", "CHANG"])
    static let orders = (1...3).map { OrderPlaced(orderID: "\($0)", customer: "VINET", lines: ["CHAI"]) }

    static func makeBus() throws -> EventBus {
        // snippet: docs/publishing.md, subscriptions
        let bus = try EventBus { handlers in
            try handlers.subscribe("stock", to: OrderPlaced.self, maxConcurrency: 2) { order, _ in
                try await warehouse.reserve(order.lines, for: order.orderID)
            }
            // Several types: one queue and one order among them.
            try handlers.subscribe("ledger") {
                On(OrderPlaced.self) { order, _ in await ledger.open(order.orderID) }
                On(OrderCancelled.self) { order, _ in await ledger.close(order.orderID) }
            }
        }
        // end snippet
        return bus
    }

    static func subscribeLater(_ bus: EventBus) async throws {
        // snippet: docs/publishing.md, a later subscription
        let options = SubscriptionOptions(retry: .none, maxConcurrency: 1)
        let audit = try await bus.subscribe("audit", to: OrderPlaced.self, options: options) {
            order, _ in
            await ledger.note(order.orderID)
        }
        print("sees everything after offset \(audit.startsAfter)")
        await audit.cancel()
        // end snippet
    }

    static func publish(_ bus: EventBus) async throws {
        // snippet: docs/publishing.md, a publish
        let receipt = try await bus.publish(
            OrderPlaced(orderID: "10248", customer: "VINET", lines: ["CHAI"]),
            headers: ["channel": "web"])
        print("\(receipt.id) is number \(receipt.offset)")
        // end snippet
    }

    static func publishBatch(_ bus: EventBus) async throws {
        // snippet: docs/publishing.md, a batch
        try await bus.publish(contentsOf: orders)
        // end snippet
    }

    static func subscribeDashboard(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/publishing.md, a queue
        let lossy = QueuePolicy(capacity: 500, byteCapacity: 4_000_000, overflow: .dropOldest)
        try handlers.subscribe("dashboard", to: OrderPlaced.self, queue: lossy) { order, _ in
            await dashboard.show(order.orderID)
        }
        // end snippet
    }

    static func subscribeInvoicing(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/publishing.md, emission
        try handlers.subscribe("invoicing", to: OrderPlaced.self) { order, context in
            // Now, whatever becomes of this attempt:
            try await context.publish(InvoiceRequested(orderID: order.orderID))
            let number = try await ledger.invoice(order.orderID)
            // Only if this attempt succeeds:
            try context.emit(InvoiceSent(orderID: order.orderID, number: number))
        }
        // end snippet
    }

    static func awaitOutcome(_ bus: EventBus) async throws {
        // snippet: docs/publishing.md, an outcome
        let receipt = try await bus.publish(order)
        let outcome = try await bus.outcome(of: receipt, including: .descendants)
        if !outcome.isSuccess {
            print("\(outcome.dead) dead, \(outcome.parked) parked, \(outcome.dropped) dropped")
        }
        // end snippet
    }

    static func handleReserve(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/publishing.md, a command's handler
        try handlers.handle(Reserve.self) { command, context in
            try context.emit(StockReserved(sku: command.sku, quantity: command.quantity))
            return "batch-7"
        }
        // end snippet
    }

    static func send(_ bus: EventBus) async throws -> String {
        // snippet: docs/publishing.md, sending a command
        let batch = try await bus.send(Reserve(sku: "CHAI", quantity: 3))
        // end snippet
        return batch
    }

    static func lookOn(_ bus: EventBus) async {
        // snippet: docs/publishing.md, a stream
        let placed = bus.events(of: OrderPlaced.self)
        for await envelope in placed {
            print("\(envelope.metadata.offset): \(envelope.event.orderID)")
        }
        // end snippet
    }

    static func run(_ bus: EventBus) async throws {
        // snippet: docs/publishing.md, running
        let report = try await bus.run()
        print(report)  // completed 3, released 0, abandoned 0, dead letters 0, parked 0
        // end snippet
    }

    static var configuration: EventBusConfiguration {
        // snippet: docs/publishing.md, a configuration
        var configuration = EventBusConfiguration(workers: 8)
        configuration.shutdownDeadline = .seconds(10)
        // end snippet
        return configuration
    }
}
