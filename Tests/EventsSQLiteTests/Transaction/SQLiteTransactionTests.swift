//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite
import Events
import Foundation
import Testing

@testable import EventsSQLite

@Suite("A transaction for SQL of one's own")
struct SQLiteTransactionTests {
    let log: WriterFixture

    init() async throws {
        log = try WriterFixture()
        try await log.open()
        _ = try await log.transact { tx throws in
            try tx.execute("CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL)")
            try tx.execute("INSERT INTO stock VALUES (?, ?), (?, ?)", "tea", 5, "chai", 7)
        }
    }

    private func stock() throws -> [[SQLiteValue]] {
        try log.rows("SELECT sku, quantity FROM stock ORDER BY sku").map(\.values)
    }

    @Test("rows and events commit together, and what is read is what was written")
    func together() async throws {
        let stored = try await log.transact { tx throws in
            let left = try tx.query("SELECT quantity FROM stock WHERE sku = ?", "tea")[0]["quantity"].int ?? 0
            let changed = try tx.execute("UPDATE stock SET quantity = ? WHERE sku = 'tea'", SQLiteValue(left - 1))
            #expect(changed == 1)
            #expect(try tx.query("SELECT quantity FROM stock WHERE sku = 'tea'")[0][0] == 4)
            let publications = try tx.append([.named("stock.taken", payload: "{\"left\":\(left - 1)}")])
            #expect(publications[0].offset.rawValue == 1)
            let id = try tx.schedule([
                ScheduledEvent(event: .named("later"), due: .distantFuture, scheduledAt: WriterFixture.time)
            ])
            #expect(try tx.cancelScheduled(id[0]))
        }
        #expect(stored.map(\.event.name) == ["stock.taken"])
        #expect(try stock() == [["chai", 7], ["tea", 4]])
        #expect(try log.column("SELECT name FROM bus_events") == ["stock.taken"])
        #expect(try log.count("bus_scheduled") == 0)
    }

    @Test("what throws undoes all of it, and the offset is given to the next")
    func throwing() async throws {
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            try await log.transact { tx throws in
                try tx.execute("DELETE FROM stock")
                _ = try tx.append([.named("bad")])
                throw Refused()
            }
        }
        #expect(try stock().count == 2)
        #expect(try await log.append(.named("good"))[0].offset.rawValue == 1)
    }

    @Test("an action may catch an error of SQL and go on")
    func caught() async throws {
        _ = try await log.transact { tx throws in
            let failure = #expect(throws: SQLiteFailure.self) { try tx.execute("INSERT INTO stock VALUES (?, 1)", "tea") }
            #expect(failure?.code == 2067 || failure?.code == 1555)
            #expect(failure?.description.contains("tea") == false)
            try tx.execute("UPDATE stock SET quantity = 0 WHERE sku = 'tea'")
        }
        #expect(try stock() == [["chai", 7], ["tea", 0]])
    }

    @Test("execute counts rows that it changed, and nothing for other statements")
    func counts() async throws {
        _ = try await log.transact { tx throws in
            #expect(try tx.execute("UPDATE stock SET quantity = quantity + 1") == 2)
            #expect(try tx.execute("CREATE TABLE other (x)") == 0)
            #expect(try tx.execute("SELECT * FROM stock") == 0)
            #expect(try tx.execute("DELETE FROM stock WHERE sku = 'none'") == 0)
        }
    }

    @Test("several statements at once, too few values and wrong SQL are refused")
    func wrong() async throws {
        _ = try await log.transact { tx throws in
            #expect(throws: SQLiteFailure.self) { try tx.execute("DELETE FROM stock; DELETE FROM stock") }
            #expect(throws: SQLiteFailure.self) { try tx.execute("DELETE FROM stock WHERE sku = ?") }
            #expect(throws: SQLiteFailure.self) { try tx.query("SELEKT 1") }
            #expect(throws: SQLiteFailure.self) { try tx.execute("") }
        }
        #expect(try stock().count == 2)
    }

    @Test("a transaction that is used after its closure throws")
    func escaped() async throws {
        // Closures alone use it, and these run on the log's thread.
        final class Box: @unchecked Sendable {
            var transaction: SQLiteTransaction?
        }
        let box = Box()
        _ = try await log.transact { box.transaction = $0 }
        let failure = await #expect(throws: LogFailure.self) {
            try await log.transact { _ in _ = try box.transaction?.execute("DELETE FROM stock") }
        }
        #expect(failure?.reason == .invalid)
        #expect(try stock().count == 2)
    }

    @Test("tables of one's own are made by a migration, however long it takes")
    func migrate() async throws {
        let slow = try WriterFixture(now: SlowClock().now)
        try await slow.open()
        try await slow.writer.migrate(
            .sql { tx in
                try tx.execute("CREATE TABLE mine (x)")
                try tx.execute("INSERT INTO mine VALUES (1)")
            })
        #expect(try slow.count("mine") == 1)
    }

    @Test("values come back as they were bound")
    func values() async throws {
        let date = Date(timeIntervalSince1970: 1_800_000_000.5)
        _ = try await log.transact { tx throws in
            let row = try tx.query(
                "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f, ? AS g", 1, 2.5, "text", nil, true,
                SQLiteValue(Data([1, 2])), SQLiteValue(date))[0]
            #expect(row.columns == ["a", "b", "c", "d", "e", "f", "g"])
            #expect(row["a"].int == 1 && row["b"].double == 2.5 && row["c"].string == "text")
            #expect(row["d"].isNull && row["e"].bool == true && row["f"].data == Data([1, 2]) && row["g"].date == date)
            #expect(row["none"].isNull && row[99].isNull && row["c"].int == nil && row["a"].double == 1)
        }
    }
}

/// A clock of which each look takes a second.
final class SlowClock: Sendable {
    private let seconds = Guarded<Int64>(0)

    var now: @Sendable () -> MonotonicTime {
        { [self] in
            let time = seconds.withLock { seconds in
                seconds += 1
                return seconds
            }
            return MonotonicTime(nanoseconds: time * 1_000_000_000)
        }
    }
}
