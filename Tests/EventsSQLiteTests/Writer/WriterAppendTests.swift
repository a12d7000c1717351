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

@Suite("Appending to the SQLite log")
struct WriterAppendTests {
    @Test("events get offsets from 1 in the order in which they were handed in")
    func offsets() async throws {
        let log = try WriterFixture()
        try await log.open()
        let first = try await log.append(.named("a"), .named("b"))
        let second = try await log.append(.named("c"))
        #expect((first + second).map(\.offset.rawValue) == [1, 2, 3])
        #expect(try log.column("SELECT name FROM bus_events ORDER BY offset") == ["a", "b", "c"])
    }

    @Test("a row reads back as what was written, and is intact")
    func row() async throws {
        let log = try WriterFixture()
        try await log.open()
        var event = LogEvent.named("order.placed", key: "käse", idempotencyKey: "line 17", payload: #"{"id":"10248"}"#)
        event.correlationID = EventID("0199f3a4-7c1e-7000-8a5b-5b0f8d0c2e11")
        event.causationID = EventID("0199f3a4-7c1e-7000-8a5b-5b0f8d0c2e12")
        event.depth = 3
        event.emittedBy = "reserve-stock"
        event.headers = ["trace": "a/b", "and": "\"more\""]
        event.publishedAt = Date(timeIntervalSince1970: 1_800_000_000.123456)
        _ = try await log.append(event)
        let connection = try Connection(path: log.path, mode: .readOnly)
        let statement = try connection.prepare("SELECT \(EventRow.columns) FROM bus_events e")
        #expect(try statement.step())
        let row = EventRow(statement)
        #expect(row.isIntact)
        let read = row.decode(isIntact: true).event
        #expect(read.id == event.id && read.name == event.name && read.schemaVersion == 1 && read.depth == 3)
        #expect(read.orderingKey == "käse" && read.idempotencyKey == "line 17" && read.emittedBy == "reserve-stock")
        #expect(read.correlationID == event.correlationID && read.causationID == event.causationID)
        #expect(read.headers == event.headers && read.payload == event.payload)
        #expect(read.publishedAt.microseconds == event.publishedAt.microseconds)
        #expect(statement.text(10) == #"{"and":"\"more\"","trace":"a/b"}"#)
    }

    @Test(
        "a row whose payload, key or offset is another is not intact",
        arguments: ["payload = '[]'", "ordering_key = 'x'", "offset = 9"])
    func damage(_ change: String) async throws {
        let log = try WriterFixture()
        try await log.open()
        _ = try await log.append(.named("a"))
        try log.tamper("UPDATE bus_events SET \(change)")
        let connection = try Connection(path: log.path, mode: .readOnly)
        let statement = try connection.prepare("SELECT \(EventRow.columns) FROM bus_events e")
        #expect(try statement.step())
        #expect(!EventRow(statement).isIntact)
    }

    @Test("all that is handed in while a commit runs is one commit")
    func groupCommit() async throws {
        let log = try WriterFixture()
        try await log.open()
        let order = Notes<Int>()
        await withCheckedContinuation { continuation in
            log.whileBusy {
                for number in 0..<100 {
                    log.writer.submit(
                        .append(
                            LogAppend(events: [.named("a")]) { _ in
                                order.add(number)
                                if number == 99 { continuation.resume() }
                            }))
                }
            }
        }
        #expect(order.all == Array(0..<100))
        #expect(try log.count("bus_events") == 100)
    }

    @Test("a commit takes no more changes than it may, and the rest follows")
    func limitedCommit() async throws {
        var settings = LogSettings()
        settings.commitLimit = 3
        settings.commitBytes = 2000
        let log = try WriterFixture(settings: settings)
        try await log.open()
        await withTaskGroup { group in
            for _ in 0..<10 {
                group.addTask { _ = await log.append(all: [.named("a", payload: String(repeating: "x", count: 3000))]) }
            }
        }
        #expect(try log.count("bus_events") == 10)
    }

    @Test("a repeated idempotency key returns the first publication and stores nothing")
    func repeated() async throws {
        let log = try WriterFixture()
        try await log.open()
        let first = try await log.append(.named("a", idempotencyKey: "k"))[0]
        let again = try await log.append(.named("a"), .named("a", idempotencyKey: "k"))
        #expect(again[1] == Publication(offset: first.offset, id: first.id, correlationID: first.correlationID, isRepeat: true))
        #expect(again[0].offset.rawValue == 2)
        #expect(try log.count("bus_events") == 2)
    }

    @Test("an idempotency key that is twice in one append is a repeat as well")
    func repeatedAtOnce() async throws {
        let log = try WriterFixture()
        try await log.open()
        let both = try await log.append(.named("a", idempotencyKey: "k"), .named("a", idempotencyKey: "k"))
        #expect(both.map(\.isRepeat) == [false, true])
        #expect(both[0].id == both[1].id)
    }

    @Test("an idempotency key of another name fails its append alone, and nothing of that is stored")
    func reused() async throws {
        let log = try WriterFixture()
        try await log.open()
        _ = try await log.append(.named("a", idempotencyKey: "k"))
        async let bad = log.append(all: [.named("b"), .named("b", idempotencyKey: "k")])
        async let good = log.append(all: [.named("c")])
        let results = await (bad, good)
        #expect(throws: LogFailure.self) { try results.0.get() }
        #expect(try results.1.get()[0].offset.rawValue == 2)
        #expect(try log.column("SELECT name FROM bus_events ORDER BY offset") == ["a", "c"])
    }

    @Test("a key of a scheduled event is known before it has an offset")
    func repeatedScheduled() async throws {
        let log = try WriterFixture()
        try await log.open()
        let scheduled = LogEvent.named("a", idempotencyKey: "k")
        _ = try await log.schedule(ScheduledEvent(event: scheduled, due: .distantFuture, scheduledAt: WriterFixture.time))
        let publication = try await log.append(.named("a", idempotencyKey: "k"))[0]
        #expect(publication.id == scheduled.id && publication.offset.rawValue == 0 && publication.isRepeat)
    }

    @Test("offsets go on after the last one when the log is opened again")
    func head() async throws {
        let log = try WriterFixture()
        try await log.open()
        _ = try await log.append(.named("a"), .named("a"))
        let again = try await log.reopened()
        let opened = try await again.open()
        #expect(opened.head.rawValue == 2 && opened.epoch == 2)
        #expect(try await again.append(.named("a"))[0].offset.rawValue == 3)
    }

    @Test("a closed log refuses, and says so after submit has returned")
    func closed() async throws {
        let log = try WriterFixture()
        try await log.open()
        await log.writer.close()
        let result = await log.append(all: [.named("a")])
        let failure = try #require(throws: LogFailure.self) { try result.get() }
        #expect(failure.reason == .closed && !failure.isIndeterminate)
    }
}
