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
import Foundation

/// A shop whose log has something of everything.
enum Shop {
    struct Placed: Event {
        static let name = "order.placed"
        var orderID: String
        var customer: String
        var quantity = 1
        var orderingKey: String? { customer }
    }

    struct Reserved: Event {
        static let name = "stock.reserved"
        var orderID: String
    }

    struct MailRefused: Error, CustomStringConvertible {
        var description: String { hostileText }
    }

    /// What a terminal must not get: a colour, a turn of the text, a bell, and the end of the line.
    static let hostileText = "452 \u{1B}[31mfull\u{202E}evil\u{7}\nX"

    /// Leaves a log. Of its events,
    ///
    /// - 1 to 3 are orders of VINET: the mail of the first is a dead letter, the others are parked behind it;
    /// - 4 is discarded by the stock; 5 to 7 are what the stock emitted for the first three;
    /// - 8 is an order of HANAR, whose charge is tried again in an hour; 9 was emitted for it;
    /// - 10 is an order of WOLZA, which the audit has called hopeless; 11 was emitted for it;
    /// - one more is scheduled. The subscription `archive` is absent.
    static func fill(_ path: String) async throws {
        try await withEventBus(
            log: .sqlite(path), handlers: { try $0.subscribe("archive", to: Placed.self) { _, _ in } }
        ) { _ in }
        try await run(path, failing: true) { bus in
            let orders = ["VINET", "VINET", "VINET", "TOMSP"].enumerated().map { Placed(orderID: "1024\($0)", customer: $1) }
            for receipt in try await bus.publish(contentsOf: orders, headers: ["trace": "4bf92f35"]) {
                _ = try await bus.outcome(of: receipt, including: .descendants)
            }
            try await bus.publish(Placed(orderID: "10251", customer: "HANAR"), idempotencyKey: "web-10251")
            while await bus.statistics().subscriptions["charge"]?.retrying == 0 { await Task.yield() }
            while await bus.statistics().subscriptions["ledger"]?.completed != 4 { await Task.yield() }
            let hopeless = try await bus.publish(Placed(orderID: "10252", customer: "WOLZA"))
            _ = try await bus.outcome(of: hopeless, including: .descendants)
            try await bus.publish(Placed(orderID: "10253", customer: "VICTE"), after: .seconds(36_000))
        }
    }

    /// Runs the shop for the duration of `body`.
    @discardableResult
    static func run<Value: Sendable>(
        _ path: String, failing: Bool = false, served: Bool = true,
        onMail: @escaping @Sendable (Placed) async throws -> Void = { _ in },
        _ body: @escaping @Sendable (EventBus) async throws -> Value
    ) async throws -> Value {
        var options = SQLiteLogOptions()
        options.isServed = served
        let retry = RetryPolicy.constant(.milliseconds(1), maxAttempts: 2)
        return try await withEventBus(
            log: .sqlite(path, options: options),
            handlers: { handlers in
                try handlers.subscribe("mail", to: Placed.self, retry: retry) { order, _ in
                    if failing, order.customer == "VINET" { throw MailRefused() }
                    try await onMail(order)
                }
                try handlers.subscribe("stock", to: Placed.self) { order, context in
                    if order.customer == "TOMSP" { throw Disposition.discard("no such customer") }
                    try context.emit(Reserved(orderID: order.orderID))
                }
                try handlers.subscribe("charge", to: Placed.self) { order, _ in
                    if failing, order.customer == "HANAR" { throw Disposition.retry(after: .seconds(36_000)) }
                }
                try handlers.subscribe("ledger", to: Reserved.self, order: .serial) { _, _ in }
                try handlers.subscribe("audit", to: Placed.self, order: .unordered) { order, _ in
                    if failing, order.customer == "WOLZA" { throw Disposition.permanentFailure("not a customer") }
                }
            }, body)
    }

    /// A folder with a log in it, which is made once and copied for each test: nobody has it open then.
    static func copy() async throws -> Folder {
        let original = try await Original.shared.path()
        let folder = try Folder()
        try FileManager.default.copyItem(atPath: original, toPath: folder.log)
        return folder
    }

    private actor Original {
        static let shared = Original()
        private var making: Task<Folder, any Error>?

        func path() async throws -> String {
            if let making { return try await making.value.log }
            let task = Task {
                let folder = try Folder()
                try await Shop.fill(folder.log)
                return folder
            }
            making = task
            return try await task.value.log
        }
    }
}

/// A folder of a test's own, removed with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "operations-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The log's file.
    var log: String { path + "/shop.db" }

    /// Changes the file as nobody should, while nobody has it open.
    func damage(_ sql: String) throws {
        let connection = try Connection(path: log, mode: .readWrite)
        try connection.execute(sql)
    }

    /// The first column of a query.
    func column(_ sql: String) throws -> [String] {
        let connection = try Connection(path: log, mode: .readOnly)
        let statement = try connection.prepare(sql)
        var values: [String] = []
        while try statement.step() { values.append(statement.text(0)) }
        return values
    }
}
