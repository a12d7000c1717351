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

import Events

/// The program as it is after "One event leads to another".
enum SecondShop {
    typealias OrderPlaced = FirstShop.OrderPlaced

    // snippet: docs/getting-started.md, one event leads to another
    struct StockReserved: Event {
        static let name = "stock.reserved"
        var orderID: String
        var customer: String
        var orderingKey: String? { customer }

        init(for order: OrderPlaced) {
            orderID = order.orderID
            customer = order.customer
        }
    }

    struct Shop {
        func register(in handlers: inout HandlerRegistry) throws {
            try handlers.subscribe("stock", to: OrderPlaced.self) { order, context in
                try context.emit(StockReserved(for: order))
            }
            try handlers.subscribe("confirm-by-mail", to: StockReserved.self) { stock, _ in
                print("mail to \(stock.customer): order \(stock.orderID) is on its way")
            }
        }
    }
    // end snippet

    static func main() async throws {
        let shop = Shop()
        try await withEventBus(handlers: { try shop.register(in: &$0) }) { bus in
            try await bus.publish(OrderPlaced(orderID: "10248", customer: "VINET"))
        }
    }
}
