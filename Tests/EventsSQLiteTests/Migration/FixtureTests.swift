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
import Testing

@testable import EventsSQLite

/// Files that each version of the log's format has left, as SQL text in `Fixtures`. They are never changed: a version that comes
/// adds one.
@Suite("Logs that older versions wrote", .timeLimit(.minutes(15)))
struct FixtureTests {
    static let versions: [Int64] = Array(1...Schema.version)

    @Test("a log of every version opens, has what it had, and goes on", arguments: versions)
    func opens(version: Int64) async throws {
        let sandbox = try FileSandbox()
        let path = sandbox("old.db")
        let name = "log-version-\(version)"
        let fixture = try #require(Bundle.module.url(forResource: name, withExtension: "sql", subdirectory: "Fixtures"))
        do {
            let connection = try Connection(path: path, mode: .readWrite)
            try connection.execute(String(contentsOf: fixture, encoding: .utf8))
        }
        let works = Works()
        try await withEventBus(log: .sqlite(path), handlers: works.register) { bus in
            let letters = try await bus.deadLetters.list().letters
            #expect(letters.map(\.errorType) == ["OutOfStock"])
            // In the later ones it was sent back once, and failed as often again.
            #expect(letters.first?.attempts.count == (version == 1 ? 2 : 4))
            #expect(await bus.statistics().subscriptions["reserve"]?.parked == 1)
            let discards = try await bus.deadLetters.discards()
            #expect(discards.map(\.reason) == ["void"])
            let repeated = try await bus.publish(OldLog.Placed(order: "B", quantity: 100), idempotencyKey: "line-6")
            #expect(repeated.offset == letters.first?.id.offset)
            let receipt = try await bus.deadLetters.redrive(try #require(letters.first).id)
            let outcome = try await bus.outcome(of: receipt)
            #expect(outcome == Outcome(completed: 1))
            var names: [String] = []
            for try await recorded in try bus.history() {
                names.append(recorded.metadata.name)
                #expect(recorded.isIntact)
                #expect(recorded.event != nil)
            }
            #expect(names.count { $0 == "order.placed" } == 9)
            let rows = try await bus.read { try $0.query("SELECT count(*) FROM stock") }
            #expect(rows.first?[0] == .integer(5))
        }
    }

    @Test("a log of a newer version is refused, and not touched")
    func newer() async throws {
        let sandbox = try FileSandbox()
        let path = sandbox("new.db")
        try await withEventBus(log: .sqlite(path)) { _ in }
        do {
            let connection = try Connection(path: path, mode: .readWrite)
            try connection.execute("PRAGMA user_version = \(Schema.version + 1)")
        }
        await #expect {
            try await withEventBus(log: .sqlite(path)) { _ in }
        } throws: { error in
            (error as? LogFailure)?.reason == .newer
        }
        let connection = try Connection(path: path, mode: .readOnly)
        #expect(try connection.integer("PRAGMA user_version") == Schema.version + 1)
    }
}

/// Handlers for which everything works now.
private struct Works: Sendable {
    @Sendable func register(_ handlers: inout HandlerRegistry) throws {
        try handlers.subscribe("reserve", to: OldLog.Placed.self) { _, _ in }
        try handlers.subscribe("notify", to: OldLog.Shipped.self) { _, _ in }
    }
}
