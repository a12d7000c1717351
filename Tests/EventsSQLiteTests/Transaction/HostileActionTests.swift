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

@Suite("Commit actions that do what they may not")
struct HostileActionTests {
    let log: WriterFixture
    let key: SubscriptionKey

    init() async throws {
        log = try WriterFixture()
        key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = await log.append(all: (0..<9).map { _ in .named("a") })
        _ = try await log.transact { tx throws in
            try tx.execute("CREATE TABLE mine (x INTEGER UNIQUE)")
            try tx.execute("INSERT INTO mine VALUES (1)")
            try tx.execute("CREATE TRIGGER angry BEFORE UPDATE ON mine BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
        }
    }

    static let refused = [
        "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT x", "RELEASE bus_part", "ROLLBACK TO bus_part", "ATTACH ':memory:' AS x",
        "DETACH main", "PRAGMA synchronous = OFF", "PRAGMA user_version", "ANALYZE", "DELETE FROM bus_events",
        "INSERT INTO BUS_LOG VALUES (2, 0, 0, 0)", "UPDATE bus_subscriptions SET cursor = 0", "DROP TABLE bus_events",
        "DROP INDEX bus_deliveries_by_key", "CREATE TABLE bus_mine (x)", "CREATE TEMP TABLE bus_events (x)",
        "CREATE TEMP VIEW bus_events AS SELECT 1", "CREATE INDEX mine_index ON bus_events (name)",
        "CREATE TRIGGER hook AFTER INSERT ON bus_events BEGIN DELETE FROM mine; END",
        "CREATE TEMP TRIGGER hook AFTER INSERT ON bus_events BEGIN DELETE FROM mine; END",
        "ALTER TABLE bus_events RENAME TO mine2",
        "ALTER TABLE bus_events ADD COLUMN x", "ALTER TABLE mine RENAME TO bus_mine", "SELECT load_extension('x')",
        "SELECT fts3_tokenizer('simple', x'4141414141414141')", "SELECT hex(FTS3_TOKENIZER('simple'))",
        "UPDATE sqlite_sequence SET seq = 0", "INSERT OR ROLLBACK INTO mine VALUES (1)", "UPDATE mine SET x = 2",
        "WITH bus_log AS (SELECT 1) DELETE FROM bus_events", "CREATE TABLE link (o REFERENCES bus_scheduled (id))",
        "CREATE TABLE link (o REFERENCES bus_events (offset) ON DELETE CASCADE)",
        "CREATE TABLE link (s, o, FOREIGN KEY (s, o) REFERENCES Bus_Deliveries (subscription, offset))",
        "ALTER TABLE mine ADD COLUMN letter REFERENCES bus_dead_letters (arrival)",
    ]

    @Test("each fails its own item even when it catches the error, and harms nothing else of the commit", arguments: refused)
    func contained(_ sql: String) async throws {
        let hostile = CommitAction.sql { tx in
            try tx.execute("INSERT INTO mine VALUES (66)")
            _ = try tx.append([.named("bad")])
            _ = try? tx.execute(sql)
            // After a rollback this would be a commit of its own.
            _ = try? tx.execute("INSERT INTO mine VALUES (67)")
        }
        let honest = CommitAction.sql { _ = try $0.execute("INSERT INTO mine VALUES (?)", 7) }
        let settled = try await log.settle(
            key, completed: [.at(1)],
            items: [
                .completing(2, emitting: .named("before"), actions: [honest]), .completing(3, actions: [hostile]),
                .completing(4, emitting: .named("after")),
            ])
        #expect(settled.failures.keys.sorted() == [1])
        #expect((settled.failures[1] as? LogFailure)?.reason == .action)
        #expect(settled.stored.map(\.event.name) == ["before", "after"])
        #expect(try log.column("SELECT name FROM bus_events WHERE offset > 9 ORDER BY offset") == ["before", "after"])
        #expect(try log.column("SELECT x FROM mine ORDER BY x") == [1, 7])
        #expect(try log.rows("SELECT cursor, ranges FROM bus_subscriptions")[0].values == [2, "2"])
        #expect(log.writer.poison == nil)
    }

    @Test("each fails a commit of its own too", arguments: refused)
    func alone(_ sql: String) async throws {
        await #expect(throws: LogFailure.self) { try await log.transact { _ = try $0.execute(sql) } }
        #expect(try await log.append(.named("a"))[0].offset.rawValue == 10)
    }

    @Test("the log's tables can be read, and a table of one's own can be changed in every way")
    func allowed() async throws {
        _ = try await log.transact { tx throws in
            #expect(try tx.query("SELECT count(*) FROM bus_events")[0][0] == 9)
            try tx.execute("CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, x)")
            try tx.execute("INSERT INTO numbered (x) VALUES (1)")
            try tx.execute("ALTER TABLE numbered RENAME TO counted")
            try tx.execute("ALTER TABLE counted ADD COLUMN y")
            try tx.execute("CREATE INDEX counted_index ON counted (x)")
            try tx.execute("CREATE VIEW both AS SELECT * FROM counted JOIN bus_events ON offset = x")
            #expect(try tx.query("SELECT * FROM both").count == 1)
            try tx.execute("DROP VIEW both")
            try tx.execute("DROP TABLE counted")
            _ = try tx.append([.named("b")])
        }
        #expect(try log.column("SELECT name FROM bus_events WHERE offset = 10") == ["b"])
    }

    @Test("a deferred foreign key that refers to nothing fails the action that left it so, and not the commit")
    func foreignKey() async throws {
        _ = try await log.transact { tx in
            try tx.execute("CREATE TABLE child (x REFERENCES mine (x) DEFERRABLE INITIALLY DEFERRED)")
        }
        let orphan = CommitAction.sql { _ = try $0.execute("INSERT INTO child VALUES (99)") }
        let settled = try await log.settle(
            key, items: [.completing(1, actions: [orphan]), .completing(2, emitting: .named("b"))])
        #expect(settled.failures[0] is SQLiteFailure)
        #expect(settled.stored.map(\.offset.rawValue) == [10])
        #expect(log.writer.poison == nil)
    }

    @Test(
        "a file in which another program tied something to a table of the log is refused, and says what",
        arguments: [
            "CREATE TABLE link (o REFERENCES bus_scheduled (id))",
            "CREATE TABLE link (o REFERENCES bus_events (offset) ON DELETE CASCADE)",
            "CREATE TRIGGER link AFTER DELETE ON bus_events BEGIN DELETE FROM bus_deliveries; END",
        ])
    func tiedFromOutside(_ sql: String) async throws {
        await log.writer.close()
        try log.tamper(sql)
        let failure = await #expect(throws: LogFailure.self) { _ = try await log.reopened().open() }
        #expect(failure?.reason == .invalid && failure?.message.contains("link") == true)
    }

    @Test("running out of row numbers fails the action, and not the commit: the disk is not full")
    func exhausted() async throws {
        _ = try await log.transact { tx in
            try tx.execute("CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT)")
            try tx.execute("INSERT INTO counted VALUES (9223372036854775807)")
        }
        let action = CommitAction.sql { _ = try $0.execute("INSERT INTO counted DEFAULT VALUES") }
        let settled = try await log.settle(
            key, items: [.completing(1, actions: [action]), .completing(2, emitting: .named("b"))])
        #expect((settled.failures[0] as? SQLiteFailure)?.code == 13)
        #expect(settled.stored.map(\.offset.rawValue) == [10])
        let failure = await #expect(throws: SQLiteFailure.self) { _ = try await log.transact { try action.perform($0) } }
        #expect(failure?.code == 13)
        #expect(log.writer.poison == nil)
    }

    @Test("many actions that destroy the transaction fail alone, and the rest is committed")
    func many() async throws {
        let failures = Notes<Int>()
        let stored = Notes<Int64>()
        log.whileBusy {
            for number in 0..<40 {
                let action = CommitAction.sql { tx in
                    if number % 3 == 0 { _ = try? tx.execute("INSERT OR ROLLBACK INTO mine VALUES (1)") }
                    _ = try tx.append([.named("n")])
                }
                log.writer.submit(
                    .transact(
                        LogTransact(action: action) { result in
                            switch result {
                            case .success(let events): stored.add(events.first?.offset.rawValue ?? 0)
                            case .failure: failures.add(number)
                            }
                        }))
            }
        }
        await log.writer.close()
        #expect(failures.all == (0..<40).filter { $0 % 3 == 0 })
        #expect(stored.all == Array(10..<(10 + 26)))
        #expect(try log.count("bus_events") == 35)
    }

    @Test("an action whose statements take too long fails, and the rest of its commit does not")
    func slow() async throws {
        let slow = try WriterFixture(now: SlowClock().now)
        let key = try await slow.open([.to("s", "a")]).subscriptions[0].key
        _ = try await slow.append(.named("a"), .named("a"))
        let forever = CommitAction.sql { tx in
            _ = try? tx.query("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n")
        }
        let settled = try await slow.settle(
            key, items: [.completing(1, actions: [forever]), .completing(2, emitting: .named("b"))])
        #expect((settled.failures[0] as? LogFailure)?.reason == .budget)
        #expect(settled.stored.map(\.offset.rawValue) == [3])
    }

    @Test("a write that takes too long costs the transaction, which is done again without it")
    func slowWrite() async throws {
        let slow = try WriterFixture(now: SlowClock().now)
        let key = try await slow.open([.to("s", "a")]).subscriptions[0].key
        _ = try await slow.append(.named("a"), .named("a"))
        try await slow.writer.migrate(.sql { _ = try $0.execute("CREATE TABLE mine (x)") })
        let forever = CommitAction.sql { tx in
            _ = try? tx.execute(
                "INSERT INTO mine WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n")
        }
        let settled = try await slow.settle(key, completed: [.at(2)], items: [.completing(1, actions: [forever])])
        #expect((settled.failures[0] as? LogFailure)?.reason == .budget)
        #expect(try slow.count("mine") == 0)
        #expect(try slow.column("SELECT ranges FROM bus_subscriptions") == ["2"])
    }
}
