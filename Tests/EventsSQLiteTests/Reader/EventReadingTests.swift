//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting
import Foundation
import Testing

@testable import EventsSQLite

@Suite("Reading events")
struct EventReadingTests {
    @Test("an event comes back as it was written")
    func fields() async throws {
        try await ReadableLog.with { log in
            var event = ReadableLog.event(
                7, "order.placed", key: "k\u{0}\"ü", correlation: 5, cause: 6, seconds: 1_700_000_000.123_456,
                headers: ["trace": "1", "quoted\"": "line\nline"], payload: #"{"a":"ü"}"#)
            event.schemaVersion = 3
            event.depth = 9
            event.emittedBy = "reserve-stock"
            event.idempotencyKey = "line-17"
            try log.append(event)
            let page = try await log.reader.events(EventSelection())
            let read = try #require(page.events.first)
            #expect(read.isIntact)
            #expect(read.offset == .at(1))
            #expect(read.event.id == event.id)
            #expect(read.event.name == event.name)
            #expect(read.event.schemaVersion == 3)
            #expect(read.event.orderingKey == event.orderingKey)
            #expect(read.event.publishedAt.microseconds == event.publishedAt.microseconds)
            #expect(read.event.correlationID == event.correlationID)
            #expect(read.event.causationID == event.causationID)
            #expect(read.event.depth == 9)
            #expect(read.event.emittedBy == "reserve-stock")
            #expect(read.event.headers == event.headers)
            #expect(read.event.idempotencyKey == "line-17")
            #expect(read.event.payload == event.payload)
        }
    }

    @Test("what an event does not have is absent")
    func absent() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1, payload: ""))
            let event = try #require(try await log.reader.events(EventSelection()).events.first)
            #expect(event.isIntact)
            #expect(event.event.orderingKey == nil)
            #expect(event.event.correlationID == nil)
            #expect(event.event.causationID == nil)
            #expect(event.event.emittedBy == nil)
            #expect(event.event.headers.isEmpty)
            #expect(event.event.idempotencyKey == nil)
            #expect(event.event.payload.isEmpty)
        }
    }

    @Test("interests select by name and stretch of offsets")
    func interests() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b a c a b a b")
            var selection = EventSelection()
            selection.interests = [
                .init(eventName: "a", after: .at(1), through: .at(5)), .init(eventName: "b", after: .at(6)),
            ]
            let page = try await log.reader.events(selection)
            #expect(page.events.offsets == [3, 5, 8])
            #expect(page.through == .at(8))
            #expect(page.isLast)
        }
    }

    @Test(
        "an event that is not what was written is read whatever is selected",
        arguments: [
            "name = 'x'", "payload = '{ }'", "ordering_key = ''", "version = 2", "published_at = 9", "depth = 7",
            "headers = '{}'",
            "idempotency_key = ''", "emitted_by = 's'", "causation_id = 'x'", "checksum = checksum + 1",
            "checksum = checksum + 4294967296", "id = replace(id, '0', '1')",
        ])
    func damaged(change: String) async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b a")
            try log.writer.execute("UPDATE bus_events SET \(change) WHERE offset = 2")
            var selection = EventSelection()
            selection.interests = [.init(eventName: "a", after: .at(0))]
            let page = try await log.reader.events(selection)
            #expect(page.events.offsets == [1, 2, 3])
            #expect(page.events.map(\.isIntact) == [true, false, true])
            selection.interests = []
            selection.names = ["z"]
            selection.orderingKey = "z"
            selection.since = Date(timeIntervalSince1970: 100)
            #expect(try await log.reader.events(selection).events.offsets == [2])
        }
    }

    @Test("a row cannot pass for another")
    func moved() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            try log.writer.execute("UPDATE bus_events SET offset = 2")
            #expect(try await log.reader.events(EventSelection()).events.map(\.isIntact) == [false])
        }
    }

    @Test("a page ends at its limit, and the next goes on after it")
    func limit() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b a b a")
            var selection = EventSelection()
            selection.interests = [.init(eventName: "a", after: .at(0))]
            selection.limit = 2
            let first = try await log.reader.events(selection)
            #expect(first.events.offsets == [1, 3])
            #expect(first.through == .at(3))
            #expect(!first.isLast)
            selection.after = first.through
            let second = try await log.reader.events(selection)
            #expect(second.events.offsets == [5])
            #expect(second.isLast)
        }
    }

    @Test("a page that ends with the log is the last")
    func fullAndLast() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            var selection = EventSelection()
            selection.limit = 2
            let page = try await log.reader.events(selection)
            #expect(page.isLast)
            #expect(page.through == .at(2))
        }
    }

    @Test("a page holds no more bytes than asked for, but one event at least")
    func byteLimit() async throws {
        try await ReadableLog.with { log in
            for number in 1...3 as ClosedRange<UInt64> {
                try log.append(ReadableLog.event(number, payload: String(repeating: "x", count: 100)))
            }
            var selection = EventSelection()
            selection.byteLimit = 200
            let first = try await log.reader.events(selection)
            #expect(first.events.offsets == [1, 2])
            #expect(first.through == .at(2))
            #expect(!first.isLast)
            selection.byteLimit = 1
            #expect(try await log.reader.events(selection).events.offsets == [1])
        }
    }

    @Test("offsets that were pruned are no error")
    func gap() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a a a")
            try log.writer.execute("DELETE FROM bus_events WHERE offset < 3; UPDATE bus_log SET last_offset = 2")
            let page = try await log.reader.events(EventSelection())
            #expect(page.events.offsets == [3, 4])
            #expect(page.isLast)
        }
    }

    @Test("a log whose events were all pruned has been read up to the last of them")
    func allPruned() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            try log.writer.execute("DELETE FROM bus_events; UPDATE bus_log SET last_offset = 2")
            let page = try await log.reader.events(EventSelection())
            #expect(page.events.isEmpty)
            #expect(page.through == .at(2))
            #expect(page.isLast)
        }
    }

    @Test("a page reaches no further than the log, so that what is appended later is not passed over")
    func beyondHead() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            var selection = EventSelection()
            selection.through = .at(10)
            #expect(try await log.reader.events(selection).through == .at(2))
            selection.after = .at(5)
            #expect(try await log.reader.events(selection).through == .at(5))
        }
    }

    @Test("a page looks through so many rows and then says how far it got")
    func scanBound() async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("BEGIN")
            for number in 1...20_500 as ClosedRange<UInt64> {
                try log.append(ReadableLog.event(number, number == 20_400 ? "a" : "b"))
            }
            try log.writer.execute("COMMIT")
            var selection = EventSelection()
            selection.interests = [.init(eventName: "a", after: .at(0))]
            let first = try await log.reader.events(selection)
            #expect(first.events.isEmpty)
            #expect(first.through == .at(20_000))
            #expect(!first.isLast)
            selection.after = first.through
            let second = try await log.reader.events(selection)
            #expect(second.events.offsets == [20_400])
            #expect(second.isLast)
        }
    }

    @Test("names, a key and times select together")
    func history() async throws {
        try await ReadableLog.with { log in
            for (number, key) in [(1, "k"), (2, "k"), (3, nil), (4, "k"), (5, "k")] as [(UInt64, String?)] {
                try log.append(ReadableLog.event(number, number == 4 ? "b" : "a", key: key, seconds: Double(number)))
            }
            var selection = EventSelection()
            selection.names = ["a", "c"]
            #expect(try await log.reader.events(selection).events.offsets == [1, 2, 3, 5])
            selection.orderingKey = "k"
            #expect(try await log.reader.events(selection).events.offsets == [1, 2, 5])
            selection.since = Date(timeIntervalSince1970: 2)
            #expect(try await log.reader.events(selection).events.offsets == [2, 5])
            selection.before = Date(timeIntervalSince1970: 5)
            #expect(try await log.reader.events(selection).events.offsets == [2])
        }
    }
}
