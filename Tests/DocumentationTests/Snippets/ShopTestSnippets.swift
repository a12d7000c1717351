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

// snippet: docs/getting-started.md, a test
import Events
import EventsTesting
import Testing
// end snippet

@Suite("docs/getting-started.md", .timeLimit(.minutes(10)))
struct ShopTestSnippets {
    typealias OrderPlaced = FirstShop.OrderPlaced
    typealias Shop = ThirdShop.Shop

    // snippet: docs/getting-started.md, a test
    @Test("a mail that cannot be sent is a dead letter after three attempts")
    func mailServerIsDown() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let shop = Shop()
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            try await withEventBus(
                configuration: configuration, handlers: { try shop.register(in: &$0) }
            ) { bus in
                let probe = EventProbe(bus)
                try await bus.publish(OrderPlaced(orderID: "10248", customer: "VINET"))
                try await probe.settle()
                let letters = try await bus.deadLetters.list().letters
                #expect(letters.map(\.id.description) == ["confirm-by-mail/2"])
                #expect(letters.first?.attempts.count == 3)
            }
        }
    }
    // end snippet
}
