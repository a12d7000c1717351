//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Testing

@testable import EventsSQLite

/// A handler's commit closure does what it may not, in the midst of handlers that do nothing wrong.
@Suite("Hostile commit closures on a bus", .timeLimit(.minutes(15)))
struct HostileCommitTests {
    struct Deed: Event {
        static let name = "deed"
        let number: Int
        let sql: String?
    }

    static let sql = [
        "ROLLBACK", "COMMIT", "INSERT OR ROLLBACK INTO mine VALUES (1)", "ATTACH ':memory:' AS other", "PRAGMA synchronous = OFF",
        "DELETE FROM bus_events", "UPDATE bus_subscriptions SET cursor = 0", "SAVEPOINT mine",
        "INSERT INTO mine WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n) SELECT 1000 + x FROM n",
    ]

    @Test("fail their own attempts alone: the others of the commit are committed", arguments: sql)
    func contained(sql: String) async throws {
        let sandbox = try FileSandbox()
        var options = SQLiteLogOptions()
        options.actionBudget = .milliseconds(100)
        options.migrate = { transaction in
            try transaction.execute("CREATE TABLE IF NOT EXISTS mine (x INTEGER UNIQUE)")
            try transaction.execute("INSERT OR IGNORE INTO mine VALUES (1)")
        }
        let innocents = 20
        try await withEventBus(log: .sqlite(sandbox("log.db"), options: options)) { handlers in
            try handlers.subscribe(
                "s", to: Deed.self, retry: .constant(.milliseconds(1), maxAttempts: 2), onDeadLetter: .continue
            ) { deed, context in
                try context.onCommit { transaction in
                    try transaction.execute("INSERT INTO mine VALUES (?)", .integer(Int64(100 + deed.number)))
                    // It hides the error as well as it can.
                    if let sql = deed.sql { _ = try? transaction.execute(sql) }
                }
            }
        } _: { bus in
            let deeds = (0..<innocents).map { Deed(number: $0, sql: $0 == innocents / 2 ? sql : nil) }
            let receipts = try await bus.publish(contentsOf: deeds)
            for (number, receipt) in receipts.enumerated() {
                let isHostile = number == innocents / 2
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome == (isHostile ? Outcome(dead: 1) : Outcome(completed: 1)))
            }
            let rows = try await bus.read { try $0.query("SELECT x FROM mine ORDER BY x").map { $0[0].int } }
            #expect(rows == [1] + (0..<innocents).filter { $0 != innocents / 2 }.map { 100 + $0 })
            let letters = try await bus.deadLetters.list().letters
            let letter = try #require(letters.first)
            #expect(letter.errorType == "LogFailure")
            #expect(letter.attempts.count == 2)
        }
    }
}
