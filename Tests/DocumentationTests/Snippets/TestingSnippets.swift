//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// The page shows closures as one would write them.
// swift-format-ignore-file: OnlyOneTrailingClosureArgument

import Events
import EventsTesting
import Testing

/// The page's own tests, which run as part of this suite.
@Suite("docs/testing.md", .timeLimit(.minutes(10)))
struct TestingSnippets {
    struct OrderPlaced: Event {
        static let name = "order.placed"
        var orderID: String
    }

    struct StockReserved: Event {
        static let name = "stock.reserved"
        var orderID: String
    }

    struct OutOfStock: Event {
        static let name = "out.of.stock"
    }

    struct WarehouseBusy: Error {}

    struct Oversold: Error, CustomStringConvertible {
        var pieces: Int
        var description: String { "\(pieces) pieces taken" }
    }

    actor Shelf {
        private var pieces: Int
        private(set) var taken = 0

        init(pieces: Int) {
            self.pieces = pieces
        }

        nonisolated func register(in handlers: inout HandlerRegistry) throws {
            try handlers.subscribe("shelf", to: OrderPlaced.self) { _, _ in await self.take() }
        }

        private func take() {
            guard pieces > 0 else { return }
            pieces -= 1
            taken += 1
        }
    }

    // snippet: docs/testing.md, a handler
    @Sendable func registerStock(_ handlers: inout HandlerRegistry) throws {
        let retry = RetryPolicy.exponential(base: .seconds(10), maxAttempts: 3, jitter: .none)
        try handlers.subscribe("stock", to: OrderPlaced.self, retry: retry) {
            order, context in
            guard context.attempt > 1 else { throw WarehouseBusy() }
            try context.emit(StockReserved(orderID: order.orderID))
        }
    }
    // end snippet

    // snippet: docs/testing.md, a retry
    @Test("a busy warehouse is asked again after ten seconds")
    func retriesReservation() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            try await withEventBus(configuration: configuration, handlers: registerStock) {
                bus in
                let receipt = try await bus.publish(OrderPlaced(orderID: "10248"))
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome.completed == 1)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 10_000_000_000))
            }
        }
    }
    // end snippet

    // snippet: docs/testing.md, manual time
    @Test("the second attempt comes after ten seconds and not before")
    func waitsTenSeconds() async throws {
        try await withSeededSchedule(seed: 1, time: .manual) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            try await withEventBus(configuration: configuration, handlers: registerStock) {
                bus in
                try await bus.publish(OrderPlaced(orderID: "10248"))
                await schedule.advance(by: .seconds(9))
                #expect(await bus.statistics().subscriptions["stock"]?.retrying == 1)
                await schedule.advance(by: .seconds(1))
                #expect(await bus.statistics().subscriptions["stock"]?.completed == 1)
            }
        }
    }
    // end snippet

    // snippet: docs/testing.md, a probe
    @Test("a placed order reserves stock, and no order runs out of it")
    func reservesStock() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            try await withEventBus(configuration: configuration, handlers: registerStock) {
                bus in
                let probe = EventProbe(bus)
                try await bus.publish(OrderPlaced(orderID: "10248"))
                let found = try await probe.expect(StockReserved.self, within: .seconds(30))
                #expect(found.event.orderID == "10248")
                #expect(found.metadata.emittedBy == "stock")
                try await probe.expectNone(of: OutOfStock.self)
            }
        }
    }
    // end snippet

    @Test("an event that is meant is told from others of its type by what it holds")
    func reservesStockForSecond() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            try await withEventBus(configuration: .on(schedule), handlers: registerStock) { bus in
                let probe = EventProbe(bus)
                try await bus.publish(contentsOf: ["10248", "10249"].map { OrderPlaced(orderID: $0) })
                // snippet: docs/testing.md, a probe with a condition
                let second = try await probe.expect(
                    StockReserved.self, within: .seconds(30), where: { $0.orderID == "10249" })
                #expect(second.event.orderID == "10249")
                // end snippet
            }
        }
    }

    // snippet: docs/testing.md, an exploration
    @Test("two orders for the last piece: one gets it, whoever comes first")
    func lastPiece() async throws {
        try await exploreSchedules(seeds: 0..<1_000) { schedule in
            let shelf = Shelf(pieces: 1)
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            try await withEventBus(
                configuration: configuration, handlers: { try shelf.register(in: &$0) }
            ) { bus in
                try await bus.publish(OrderPlaced(orderID: "10248"))
                try await bus.publish(OrderPlaced(orderID: "10249"))
            }
            let taken = await shelf.taken
            guard taken == 1 else { throw Oversold(pieces: taken) }
        }
    }
    // end snippet

    // snippet: docs/testing.md, a clock
    @Test("the bus has one deadline: the retry")
    func oneDeadline() async throws {
        let clock = ManualClock()
        var configuration = EventBusConfiguration()
        configuration.environment = .manual(clock: clock)
        try await withEventBus(configuration: configuration, handlers: registerStock) {
            bus in
            let receipt = try await bus.publish(OrderPlaced(orderID: "10248"))
            try await clock.waitForDeadlines(1)
            clock.advance(by: .seconds(10))
            let outcome = try await bus.outcome(of: receipt)
            #expect(outcome.completed == 1)
        }
    }
    // end snippet

    /// A shelf with the fault that the page speaks of: it looks, waits, and takes.
    actor HastyShelf {
        private var pieces = 1
        private(set) var taken = 0

        func look() -> Int { pieces }

        func take() {
            pieces -= 1
            taken += 1
        }
    }

    @Test("a shelf that looks, waits and takes is found out, and the error names the seed")
    func hastyShelf() async throws {
        let error = await #expect(throws: ScheduleError.self) {
            try await exploreSchedules(seeds: 0..<1_000) { schedule in
                let shelf = HastyShelf()
                var configuration = EventBusConfiguration()
                configuration.environment = schedule.environment
                try await withEventBus(
                    configuration: configuration,
                    handlers: { handlers in
                        try handlers.subscribe("shelf", to: OrderPlaced.self) { _, _ in
                            guard await shelf.look() > 0 else { return }
                            await Task.yield()
                            await shelf.take()
                        }
                    }
                ) { bus in
                    try await bus.publish(OrderPlaced(orderID: "10248"))
                    try await bus.publish(OrderPlaced(orderID: "10249"))
                }
                let taken = await shelf.taken
                guard taken == 1 else { throw Oversold(pieces: taken) }
            }
        }
        let description = try #require(error).description
        // How many steps it takes, and which seed comes first, is the executor's business and may change.
        #expect(description.contains("the body threw Oversold: 2 pieces taken"))
        #expect(description.wholeMatch(of: /failed after \d+ steps with seed \d+: .*/) != nil)
    }

    // snippet: docs/testing.md, a crash
    @Test("an order that was published before the crash is handled after it, once")
    func survivesCrash() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            var configuration = EventBusConfiguration()
            configuration.environment = schedule.environment
            let order = OrderPlaced(orderID: "10248")
            let log = MemoryEventLog()
            let first = try await EventBus(
                log: log, configuration: configuration, handlers: registerStock)
            try await first.publish(order, idempotencyKey: "web-10248")

            let survivor = log.crash()  // the first process ends here
            try await withEventBus(
                log: survivor, configuration: configuration, handlers: registerStock
            ) { bus in
                let receipt = try await bus.publish(order, idempotencyKey: "web-10248")
                let outcome = try await bus.outcome(of: receipt)
                #expect(receipt.offset.rawValue == 1)
                #expect(outcome.completed == 1)
            }
        }
    }
    // end snippet
}
