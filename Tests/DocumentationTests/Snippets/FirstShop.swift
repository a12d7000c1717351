//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// The tutorial shows how a program would be written, which has the second closure trail.
// swift-format-ignore-file: OnlyOneTrailingClosureArgument

// snippet: docs/getting-started.md, an event and a handler
import Events
// end snippet

// snippet: docs/getting-started.md, the first program
import Events
// end snippet

/// The program as it is after "An event and a handler".
enum FirstShop {
    // snippet: docs/getting-started.md, an event and a handler
    struct OrderPlaced: Event {
        static let name = "order.placed"
        var orderID: String
        var customer: String
        var orderingKey: String? { customer }
    }

    struct Shop {
        func register(in handlers: inout HandlerRegistry) throws {
            try handlers.subscribe("confirm-by-mail", to: OrderPlaced.self) { order, _ in
                print("mail to \(order.customer): thank you for order \(order.orderID)")
            }
        }
    }
    // end snippet

    static func main() async throws {
        // snippet: docs/getting-started.md, the first program
        let shop = Shop()
        try await withEventBus(handlers: { try shop.register(in: &$0) }) { bus in
            try await bus.publish(OrderPlaced(orderID: "10248", customer: "VINET"))
        }
        // end snippet
    }
}
