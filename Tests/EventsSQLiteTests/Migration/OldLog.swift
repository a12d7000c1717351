//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation

@testable import EventsSQLite

/// The types of the events in the fixtures.
enum OldLog {
    struct Placed: Event {
        static let name = "order.placed"
        var order: String
        var quantity: Int
        var orderingKey: String? { order }
    }

    struct Shipped: Event {
        static let name = "order.shipped"
        var order: String
    }

    struct OutOfStock: Error {}

    /// A bus that leaves something of everything in its log: handled events, a retry, a dead letter with what it parks, an emission,
    /// a discard, a scheduled event, a row of the application's, and a backlog.
    static func write(_ path: String) async throws {
        let log = SQLiteEventLog.sqlite(path) { transaction in
            try transaction.execute("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL)")
        }
        try await withEventBus(log: log, handlers: register) { bus in
            let placed = try await bus.publish(contentsOf: (1...5).map { Placed(order: "A\($0)", quantity: $0) })
            for receipt in placed { _ = try await bus.outcome(of: receipt, including: .descendants) }
            let dead = try await bus.publish(Placed(order: "B", quantity: 100), idempotencyKey: "line-6")
            _ = try await bus.outcome(of: dead)
            let parked = try await bus.publish(Placed(order: "B", quantity: 1), headers: ["trace": "4bf92f35"])
            _ = try await bus.outcome(of: parked)
            let given = try await bus.publish(Placed(order: "C", quantity: 100))
            _ = try await bus.outcome(of: given)
            try await bus.deadLetters.discard(DeadLetter.ID(subscription: "reserve", offset: given.offset), reason: "void")
            try await bus.publish(Placed(order: "D", quantity: 50))
            while await bus.statistics().subscriptions["reserve"]?.retrying != 1 { await Task.yield() }
            let farAway = Date(timeIntervalSince1970: 4_102_444_800)
            try await bus.publish(Placed(order: "E", quantity: 1), at: farAway, idempotencyKey: "line-10")
        }
    }

    /// What people have done with it since version 2: an edit that changes nothing of what the handlers do, a letter that was sent back
    /// and failed again, and a plan.
    static func operate(_ path: String) async throws {
        func perform(_ change: ControlChange) async throws {
            _ = try await StoppedLog.perform(
                ControlRequest(change, actor: "operator", reason: "a try"), on: path,
                at: Date(timeIntervalSince1970: 1_800_000_000))
        }
        let letter = "reserve/11"
        try await perform(.edit(letter: letter, values: [ControlEdit(pointer: "/note", value: "\"mended\"")]))
        try await perform(.retry(.one(letter)))
        try await withEventBus(log: .sqlite(path), handlers: register) { bus in
            while try await bus.deadLetters.list().letters.first?.redrives != 1 { await Task.yield() }
        }
        try await perform(.plan(.all))
    }

    static func register(_ handlers: inout HandlerRegistry) throws {
        let retry = RetryPolicy.exponential(base: .milliseconds(1), maxAttempts: 2)
        try handlers.subscribe("reserve", to: Placed.self, retry: retry) { event, context in
            if event.quantity == 50 { throw Disposition.retry(after: .seconds(3_600)) }
            guard event.quantity < 100 else { throw OutOfStock() }
            try context.emit(Shipped(order: event.order))
            try context.onCommit { transaction in
                try transaction.execute(
                    "INSERT INTO stock VALUES (?, ?) ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity",
                    .text(event.order), .integer(Int64(event.quantity)))
            }
        }
        try handlers.subscribe("notify", to: Shipped.self) { _, _ in }
    }
}
