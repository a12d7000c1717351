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
import EventsTesting
import Testing

/// The ways in which a person first writes down a bus with a SQLite log.
@Suite("A SQLite log that is written where the bus is made")
struct InlineLogTests {
    struct Job: Event {
        static let name = "job"
        var number: Int
    }

    @Test("takes a closure that makes tables, in either of the bus's shapes")
    func migrating() async throws {
        let sandbox = try FileSandbox()
        let bus = try await EventBus(
            log: .sqlite(sandbox("log.db")) { transaction in
                try transaction.execute("CREATE TABLE IF NOT EXISTS mine (x)")
            })
        try await bus.commit { try $0.execute("INSERT INTO mine VALUES (1)") }
        bus.beginShutdown()
        try await bus.run()
        let rows = try await withEventBus(
            log: .sqlite(sandbox("log.db")) { try $0.execute("CREATE TABLE IF NOT EXISTS other (x)") },
            handlers: { try $0.subscribe("s", to: Job.self) { _, _ in } }
        ) { bus in try await bus.read { try $0.query("SELECT x, 'a' AS y FROM mine") } }
        #expect(rows.map(\.description) == ["x: 1, y: a"])
    }

    @Test("refuses a time that is none")
    func options() async throws {
        let sandbox = try FileSandbox()
        for change: (inout SQLiteLogOptions) -> Void in [
            { $0.actionBudget = .zero }, { $0.actionBudget = .seconds(-1) }, { $0.busyTimeout = .seconds(-1) },
        ] {
            var options = SQLiteLogOptions()
            change(&options)
            let failure = await #expect(throws: LogFailure.self) {
                _ = try await EventBus(log: .sqlite(sandbox("log.db"), options: options))
            }
            #expect(failure?.reason == .invalid && failure?.message.contains("; it must") == true)
        }
    }
}
