//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// The README shows how a program would be written, which has the second closure trail.
// swift-format-ignore-file: OnlyOneTrailingClosureArgument

// snippet: README.md, ten lines
import Events
// end snippet
// snippet: README.md, a durable bus
import EventsSQLite
// end snippet

enum ReadmeSnippets {
    // snippet: README.md, ten lines
    struct OrderPlaced: Event {
        static let name = "order.placed"
        var orderID: String
        var orderingKey: String? { orderID }  // one order's events: in order
    }
    // end snippet

    static func tenLines() async throws {
        // snippet: README.md, ten lines
        let outcome = try await withEventBus(handlers: { handlers in
            try handlers.subscribe("mail", to: OrderPlaced.self) { order, context in
                print("attempt \(context.attempt) to confirm order \(order.orderID)")
            }
        }) { bus in
            try await bus.outcome(of: bus.publish(OrderPlaced(orderID: "10248")))
        }
        print("completed \(outcome.completed), dead \(outcome.dead)")
        // end snippet
    }

    static func durable(_ path: String) async throws {
        // snippet: README.md, a durable bus
        try await withEventBus(
            log: .sqlite(path),
            handlers: { handlers in
                try handlers.subscribe("mail", to: OrderPlaced.self) { order, context in
                    print("attempt \(context.attempt) to confirm order \(order.orderID)")
                }
            }
        ) { bus in
            let order = OrderPlaced(orderID: "10248")
            let receipt = try await bus.publish(order, idempotencyKey: "web-10248")
            print("event \(receipt.offset): \(try await bus.outcome(of: receipt))")
        }
        // end snippet
    }
}
