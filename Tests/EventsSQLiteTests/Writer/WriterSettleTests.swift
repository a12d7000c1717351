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

@Suite("Settling in the SQLite log")
struct WriterSettleTests {
    let log: WriterFixture
    let key: SubscriptionKey

    init() async throws {
        log = try WriterFixture()
        let opened = try await log.open([.to("s", "a")])
        key = opened.subscriptions[0].key
        for _ in 0..<10 { _ = try await log.append(.named("a", key: "k")) }
    }

    @Test("what completes moves the cursor, and what completes out of order becomes ranges")
    func cursor() async throws {
        _ = try await log.settle(key, completed: [.at(1), .at(2), .at(4), .at(7)])
        #expect(try log.rows("SELECT cursor, ranges FROM bus_subscriptions")[0].values == [2, "2 5"])
        #expect(
            try log.rows("SELECT first_offset, last_offset, offsets FROM bus_settlements")[0].values == [1, 7, "0-1 3 6"])
        #expect(try log.count("bus_deliveries") == 0)
    }

    @Test("a claim covers what its subscription does not take")
    func claim() async throws {
        _ = try await log.settle(key, completed: [.at(5, from: 1)])
        #expect(try log.rows("SELECT cursor, ranges FROM bus_subscriptions")[0].values == [5, ""])
    }

    @Test("a retry has a row with its times and counts, which its completion removes")
    func retry() async throws {
        let due = WriterFixture.time + 60
        let attempt = Attempt(
            number: 1, startedAt: WriterFixture.time, duration: .milliseconds(5), errorType: "MailFault", errorText: "no",
            isCounted: true)
        let counts = LogCounts(attempts: 1, failedAttempts: 1)
        _ = try await log.settle(key, items: [.at(1, key: "k", .retry(due: due), counts: counts, attempt: attempt)])
        let row = try log.rows("SELECT state, due_at, decided_at, attempts, failed_attempts, ordering_key FROM bus_deliveries")[0]
        #expect(row.values == ["retry", SQLiteValue(due), SQLiteValue(WriterFixture.time), 1, 1, "k"])
        #expect(try log.rows("SELECT number, duration, error_type FROM bus_attempts")[0].values == [1, 5000, "MailFault"])
        _ = try await log.settle(key, completed: [.at(1)])
        #expect(try log.count("bus_deliveries") == 0)
        #expect(try log.count("bus_attempts") == 1)
        #expect(try log.column("SELECT cursor FROM bus_subscriptions") == [1])
        #expect(try log.column("SELECT offsets FROM bus_settlements") == ["0"])
    }

    @Test("a delivery that completed does not complete again in the history")
    func twice() async throws {
        _ = try await log.settle(key, completed: [.at(1), .at(2)])
        _ = try await log.settle(key, completed: [.at(1)])
        #expect(try log.column("SELECT offsets FROM bus_settlements") == ["0-1"])
    }

    @Test("a dead letter has its event's name and correlation, and no row")
    func dead() async throws {
        _ = try await log.settle(key, items: [.at(1, key: "k", .waiting)])
        _ = try await log.settle(key, items: [.at(1, key: "k", .letter(), counts: LogCounts(attempts: 3, failedAttempts: 3))])
        let row = try log.rows("SELECT offset, event_name, correlation_id, reason, attempts, parks_key FROM bus_dead_letters")[0]
        let id = try log.column("SELECT id FROM bus_events WHERE offset = 1")[0]
        #expect(row.values == [1, "a", id, "exhausted", 3, 1])
        #expect(try log.count("bus_deliveries") == 0)
    }

    @Test("a discarded delivery is remembered with its reason")
    func discarded() async throws {
        _ = try await log.settle(key, items: [.at(1, .discarded(reason: "stale"))])
        #expect(try log.rows("SELECT offset, reason, was_dead FROM bus_discards")[0].values == [1, "stale", 0])
        #expect(try log.column("SELECT cursor FROM bus_subscriptions") == [1])
        #expect(try log.count("bus_settlements") == 0)
    }

    @Test("of many attempts the first and the latest 255 stay")
    func manyAttempts() async throws {
        for number in [1, 2, 3, 257] {
            let attempt = Attempt(
                number: number, startedAt: WriterFixture.time, duration: .zero, errorType: "E", errorText: "", isCounted: true)
            _ = try await log.settle(key, items: [.at(1, .retry(due: WriterFixture.time), attempt: attempt)])
        }
        #expect(try log.column("SELECT number FROM bus_attempts ORDER BY 1") == [1, 3, 257])
    }

    @Test("what an attempt emits and schedules is committed with its end")
    func emissions() async throws {
        var item = LogSettlement.Item.completing(1, emitting: .named("b"), .named("c"))
        item.scheduled = [ScheduledEvent(event: .named("d"), due: WriterFixture.time + 60, scheduledAt: WriterFixture.time)]
        let settled = try await log.settle(key, items: [item, .completing(2, emitting: .named("e"))])
        #expect(settled.failures.isEmpty)
        #expect(settled.stored.map(\.event.name) == ["b", "c", "e"])
        #expect(settled.stored.map(\.offset.rawValue) == [11, 12, 13])
        #expect(try log.column("SELECT name FROM bus_events WHERE offset > 10 ORDER BY offset") == ["b", "c", "e"])
        #expect(try log.column("SELECT name FROM bus_scheduled") == ["d"])
    }

    @Test("an item whose action throws is not done, gives its offsets back, and harms no other")
    func throwingItem() async throws {
        struct Refused: Error {}
        let bad = LogSettlement.Item.completing(1, emitting: .named("bad"), actions: [.sql { _ in throw Refused() }])
        let settled = try await log.settle(key, items: [bad, .completing(2, emitting: .named("good"))])
        #expect(settled.failures.keys.sorted() == [0])
        #expect(settled.failures[0] is Refused)
        #expect(settled.stored.map(\.offset.rawValue) == [11])
        #expect(try log.column("SELECT name FROM bus_events WHERE offset > 10") == ["good"])
        #expect(try log.rows("SELECT cursor, ranges FROM bus_subscriptions")[0].values == [0, "2"])
    }

    @Test("an emission that reuses a key of another name fails its item alone")
    func reusedKey() async throws {
        _ = try await log.append(.named("x", idempotencyKey: "k"))
        let bad = LogSettlement.Item.completing(1, emitting: .named("y", idempotencyKey: "k"))
        let settled = try await log.settle(key, completed: [.at(3)], items: [bad, .at(2, .completed)])
        #expect((settled.failures[0] as? LogFailure)?.reason == .keyReused)
        #expect(try log.rows("SELECT cursor, ranges FROM bus_subscriptions")[0].values == [0, "2-3"])
    }

    @Test("a settlement of a subscription that is gone fails and harms no other")
    func unknown() async throws {
        await #expect(throws: LogFailure.self) { try await log.settle(SubscriptionKey(rawValue: 99), completed: [.at(1)]) }
        _ = try await log.settle(key, completed: [.at(1)])
        #expect(log.writer.poison == nil)
    }
}

@Suite("The bound on a subscription's ranges")
struct WriterRangesTests {
    @Test("ranges stay within 8 KiB: the deliveries that keep the cursor back get rows")
    func bound() async throws {
        let log = try WriterFixture()
        let key = try await log.open([.to("s", "a")]).subscriptions[0].key
        let count: Int64 = 12_000
        _ = await log.append(all: (0..<count).map { .named($0 % 3 == 0 ? "other" : "a", key: "k\($0 % 7)") })
        // Of each three events, the first is of another type, the second stays unsettled, the third completes.
        for start in stride(from: Int64(0), to: count, by: 600) {
            let claims = stride(from: start + 3, through: start + 600, by: 3).map { LogClaim.at($0) }
            _ = try await log.settle(key, completed: claims)
            let size = try #require(try log.column("SELECT length(ranges) FROM bus_subscriptions")[0].int)
            #expect(size <= LogTables.longestRanges)
        }
        // What has no row yet is in a gap; nothing is both, and nothing is neither.
        let settled = try #require(await log.writer.settled(key))
        let rows = try log.column("SELECT offset FROM bus_deliveries ORDER BY offset").compactMap(\.int64)
        let inGaps = stride(from: Int64(2), through: count, by: 3).filter { !settled.contains(Offset(rawValue: $0)) }
        #expect(rows + inGaps == Array(stride(from: 2, through: count, by: 3)))
        #expect(!rows.isEmpty)
        #expect(try log.column("SELECT DISTINCT state FROM bus_deliveries") == ["waiting"])
        #expect(try log.column("SELECT ordering_key FROM bus_deliveries WHERE offset = 2") == ["k1"])
    }

    @Test("an event that is not intact gets a row too, whatever its name says")
    func corrupt() async throws {
        let log = try WriterFixture()
        let key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = await log.append(all: (0..<9_000).map { _ in .named("other") })
        try log.tamper("UPDATE bus_events SET payload = 'x' WHERE offset = 2")
        _ = try await log.settle(key, completed: stride(from: Int64(3), through: 9_000, by: 3).map { .at($0) })
        #expect(try log.column("SELECT offset FROM bus_deliveries") == [2])
    }
}
