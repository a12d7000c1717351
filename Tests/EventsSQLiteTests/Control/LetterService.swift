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

/// A service whose handlers fail as they are told to, on a log in a sandbox.
final class LetterService: Sendable {
    struct Ordered: Event {
        static let name = "order.placed"
        var key: String?
        var quantity: Int
        var orderingKey: String? { key }
    }

    struct Refused: Error {}

    let sandbox: FileSandbox
    let path: String
    /// Whether an order of such a quantity fails.
    private let failing = Guarded<Set<Int>>([])
    private let quantities = Guarded<[Int]>([])

    init() throws {
        sandbox = try FileSandbox()
        path = sandbox("log.db")
    }

    /// What was handled well, in order.
    var handled: [Int] { quantities.withLock { $0 } }

    func fail(_ quantities: Set<Int>) {
        failing.withLock { $0 = quantities }
    }

    var caller: Caller {
        get throws { Caller(ControlAddress(database: try DatabasePath(path).path)) }
    }

    /// Runs the service for the duration of `body`.
    @discardableResult
    func run<Value: Sendable>(
        subscriptions: [String] = ["mail"], served: Bool = true, _ body: @escaping @Sendable (EventBus) async throws -> Value
    ) async throws -> Value {
        var options = SQLiteLogOptions()
        options.isServed = served
        let log = SQLiteEventLog(path: path, options: options)
        return try await withEventBus(
            log: log,
            handlers: { handlers in
                for name in subscriptions {
                    try handlers.subscribe(name, to: Ordered.self, retry: .none) { order, _ in
                        if self.failing.withLock({ $0.contains(order.quantity) }) { throw Refused() }
                        self.quantities.withLock { $0.append(order.quantity) }
                    }
                }
            }, body)
    }

    /// Leaves so many dead letters, of orders with the quantities from 1 on.
    func leaveLetters(_ count: Int, key: @escaping @Sendable (Int) -> String? = { _ in nil }) async throws {
        fail(Set(1...count))
        try await run { bus in
            let receipts = try await bus.publish(contentsOf: (1...count).map { Ordered(key: key($0), quantity: $0) })
            for receipt in receipts { _ = try await bus.outcome(of: receipt) }
        }
        fail([])
    }

    /// Waits until a query of the log has a row.
    func wait(for sql: String, on bus: EventBus) async throws {
        while try await bus.read({ try $0.query(sql) }).isEmpty { await Task.yield() }
    }

    /// Reads the log while nobody has it open.
    func column(_ sql: String) throws -> [SQLiteValue] {
        let connection = try Connection(path: path, mode: .readOnly)
        let statement = try connection.prepare(sql)
        var values: [SQLiteValue] = []
        while try statement.step() { values.append(statement.values[0]) }
        return values
    }
}
