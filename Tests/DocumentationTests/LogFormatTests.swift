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
import Testing

/// docs/log-format.md describes the tables that a log has, and its queries work on a log with everything in it.
@Suite("Log format", .timeLimit(.minutes(10)))
struct LogFormatTests {
    private struct Placed: Event {
        static let name = "order.placed"
        var orderID: String
        var customer: String
        var orderingKey: String? { customer }
    }

    private struct Reserved: Event {
        static let name = "stock.reserved"
        var orderID: String
    }

    private struct Fault: Error {}

    /// A table's columns, each as its name and its type as the page writes it.
    private typealias Columns = [String]

    @Test("every table and every column is described, in order and with its type, and no other")
    func tables() async throws {
        let found = try await withFolder { folder in
            try await withEventBus(log: .sqlite(folder + "/shop.db")) { bus in
                try await bus.read { try $0.query("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") }
            }
        }
        var tables: [String: Columns] = [:]
        for row in found {
            guard let name = row["name"].string, name.hasPrefix("bus_"), let sql = row["sql"].string else { continue }
            tables[name] = Self.columns(of: sql)
        }
        let described = try Self.described()
        #expect(Set(described.keys) == Set(tables.keys))
        for (name, columns) in tables { #expect(described[name] == columns, "docs/log-format.md: \(name)") }
    }

    @Test("every index is named, and no other")
    func indexes() async throws {
        let found = try await withFolder { folder in
            try await withEventBus(log: .sqlite(folder + "/shop.db")) { bus in
                try await bus.read {
                    try $0.query("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").map(\.values)
                }
            }
        }
        let names = try Documentation.page("docs/log-format.md").tableRows(under: "index").map {
            $0.cells[0].filter { $0 != "`" }
        }
        #expect(Set(names) == Set(found.compactMap { $0.first?.string }))
    }

    @Test("every query of the page finds something in a log that has something of everything")
    func queries() async throws {
        let queries = try Documentation.pages().flatMap(\.blocks).filter { $0.language == "sql" }
        #expect(queries.count >= 12)
        try await withFolder { folder in
            let path = folder + "/shop.db"
            try await Self.fill(path)
            try await Self.open(path) { bus in
                for query in queries {
                    do {
                        let rows = try await bus.read { try $0.query(query.lines.joined(separator: "\n")) }
                        #expect(!rows.isEmpty, "\(query) finds nothing")
                    } catch {
                        Issue.record("\(query): \(error)")
                    }
                }
            }
        }
    }

    @Test("the query for the backlog counts what the bus counts")
    func backlog() async throws {
        let query = try #require(
            try Documentation.page("docs/log-format.md").blocks.first { $0.lines.contains { $0.hasSuffix("AS not_begun,") } })
        try await withFolder { folder in
            let path = folder + "/shop.db"
            try await Self.fill(path)
            try await Self.open(path) { bus in
                let rows = try await bus.read { try $0.query(query.lines.joined(separator: "\n")) }
                let counts = Dictionary(
                    uniqueKeysWithValues: rows.map { ($0["name"].string ?? "", $0.values.dropFirst().map(\.int)) })
                // Not begun, waiting, to be tried again, without a handler, dead. Of VINET's three, one is dead and two wait.
                #expect(counts["confirm-by-mail"] == [0, 2, 0, 0, 1])
                #expect(counts["charge"] == [0, 0, 1, 0, 0])
                // Absent since the first process: it had taken none of the events.
                #expect(counts["archive"] == [5, 0, 0, 0, 0])
                #expect(counts["stock"] == [0, 0, 0, 0, 0])
            }
        }
    }

    // MARK: A log with something of everything

    /// Leaves a log with finished, dead, parked, discarded and scheduled events, a retry that is due in an hour, and subscriptions
    /// that nobody serves.
    private static func fill(_ path: String) async throws {
        let absent = try await EventBus(log: .sqlite(path)) { handlers in
            try handlers.subscribe("archive", to: Placed.self) { _, _ in }
        }
        absent.beginShutdown()
        _ = try await absent.run()
        let retry = RetryPolicy.constant(.milliseconds(1), maxAttempts: 2)
        try await withEventBus(log: .sqlite(path)) { handlers in
            try handlers.subscribe("confirm-by-mail", to: Placed.self, retry: retry) { order, _ in
                if order.customer == "VINET" { throw Fault() }
            }
            try handlers.subscribe("stock", to: Placed.self) { order, context in
                if order.customer == "TOMSP" { throw Disposition.discard("no such customer") }
                try context.emit(Reserved(orderID: order.orderID))
            }
            try handlers.subscribe("charge", to: Placed.self) { order, _ in
                if order.customer == "HANAR" { throw Disposition.retry(after: .seconds(3_600)) }
            }
        } _: { bus in
            let orders = ["VINET", "VINET", "VINET", "TOMSP"].enumerated().map { Placed(orderID: "1024\($0)", customer: $1) }
            for receipt in try await bus.publish(contentsOf: orders) {
                _ = try await bus.outcome(of: receipt, including: .descendants)
            }
            // It fails again.
            _ = try await bus.outcome(
                of: bus.deadLetters.redrive(DeadLetter.ID(subscription: "confirm-by-mail", offset: Offset(rawValue: 1))))
            try await bus.publish(Placed(orderID: "10252", customer: "VICTE"), after: .seconds(3_600))
            try await bus.publish(Placed(orderID: "10251", customer: "HANAR"), idempotencyKey: "web-10248")
            while await bus.statistics().subscriptions["charge"]?.retrying == 0 { await Task.yield() }
            while await bus.statistics().subscriptions["stock"]?.completed != 4 { await Task.yield() }
            while await bus.statistics().subscriptions["confirm-by-mail"]?.completed != 2 { await Task.yield() }
        }
    }

    private static func open(
        _ path: String, _ body: @escaping @Sendable (EventBus) async throws -> Void
    ) async throws {
        let bus = try await EventBus(log: .sqlite(path)) { handlers in
            for name in ["confirm-by-mail", "stock", "charge"] { try handlers.subscribe(name, to: Placed.self) { _, _ in } }
        }
        try await body(bus)
        bus.beginShutdown()
        _ = try await bus.run()
    }

    // MARK: Reading

    /// The columns in the text of a `CREATE TABLE`, each on a line of its own.
    private static func columns(of sql: String) -> Columns {
        sql.split(separator: "\n").compactMap { line -> String? in
            guard let match = line.firstMatch(of: /^\s*([a-z_]+) (INTEGER|TEXT)\b(.*)/) else { return nil }
            let mayBeNull = !match.3.contains("NOT NULL") && !match.3.contains("PRIMARY KEY")
            return "\(match.1): \(match.2.lowercased())\(mayBeNull ? " or NULL" : "")"
        }
    }

    /// The tables that the page describes.
    private static func described() throws -> [String: Columns] {
        var tables: [String: Columns] = [:]
        var table: String?
        for (_, line) in try Documentation.page("docs/log-format.md").prose {
            if line.hasPrefix("#") { table = line.wholeMatch(of: /### `(bus_[a-z_]+)`/).map { String($0.1) } }
            guard let table, let match = line.firstMatch(of: /^\| `([a-z_]+)` \| ([^|]+) \|/) else { continue }
            tables[table, default: []].append("\(match.1): \(match.2)")
        }
        return tables
    }
}
