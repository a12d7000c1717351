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

// snippet: docs/getting-started.md, things go wrong, the program
import Events
// end snippet

/// The program as it is after "Things go wrong".
enum ThirdShop {
    typealias OrderPlaced = FirstShop.OrderPlaced
    typealias StockReserved = SecondShop.StockReserved

    // snippet: docs/getting-started.md, things go wrong
    struct MailFault: Error {}

    actor MailServer {
        private var isDown = true

        func repair() { isDown = false }

        func send(_ text: String) throws {
            if isDown { throw MailFault() }
            print("sent: \(text)")
        }
    }

    struct Shop {
        let mail = MailServer()

        func register(in handlers: inout HandlerRegistry) throws {
            try handlers.subscribe("stock", to: OrderPlaced.self) { order, context in
                try context.emit(StockReserved(for: order))
            }
            let retry = RetryPolicy.exponential(base: .milliseconds(10), maxAttempts: 3)
            try handlers.subscribe("confirm-by-mail", to: StockReserved.self, retry: retry) {
                stock, context in
                print("attempt \(context.attempt) for order \(stock.orderID)")
                try await mail.send("order \(stock.orderID) is on its way")
            }
        }
    }
    // end snippet

    static func main() async throws {
        // snippet: docs/getting-started.md, things go wrong, the program
        let shop = Shop()
        try await withEventBus(handlers: { try shop.register(in: &$0) }) { bus in
            let receipt = try await bus.publish(OrderPlaced(orderID: "10248", customer: "VINET"))
            let outcome = try await bus.outcome(of: receipt, including: .descendants)
            print("completed \(outcome.completed), dead \(outcome.dead)")

            await shop.mail.repair()
            for letter in try await bus.deadLetters.list().letters {
                print("\(letter.id): \(letter.errorType) after \(letter.attempts.count) attempts")
                let again = try await bus.deadLetters.redrive(letter.id)
                print("redriven, success: \(try await bus.outcome(of: again).isSuccess)")
            }
        }
        // end snippet
    }
}
