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

@Suite("Scheduling in the SQLite log")
struct WriterScheduleTests {
    let log: WriterFixture
    let time = WriterFixture.time

    init() async throws {
        log = try WriterFixture()
        try await log.open()
    }

    private func scheduled(_ name: String, in seconds: Double, key: String? = nil, at decided: Double = 0) -> ScheduledEvent {
        ScheduledEvent(event: .named(name, idempotencyKey: key), due: time + seconds, scheduledAt: time + decided)
    }

    @Test("what is due is appended in order of time, up to the limit, and forgotten")
    func release() async throws {
        _ = try await log.schedule(scheduled("c", in: 30), scheduled("a", in: 10), scheduled("b", in: 20), scheduled("d", in: 99))
        let first = try await log.release(at: time + 50, limit: 2)
        #expect(first.events.map(\.event.name) == ["a", "b"])
        #expect(first.events.map(\.offset.rawValue) == [1, 2])
        #expect(first.next?.due == time + 30)
        let second = try await log.release(at: time + 50)
        #expect(second.events.map(\.event.name) == ["c"])
        #expect(second.next == ScheduledTime(due: time + 99, decided: time))
        #expect(try log.count("bus_scheduled") == 1)
        let connection = try Connection(path: log.path, mode: .readOnly)
        let statement = try connection.prepare("SELECT \(EventRow.columns) FROM bus_events e")
        while try statement.step() { #expect(EventRow(statement).isIntact) }
    }

    @Test("a row that is damaged is released all the same, and is seen to be damaged")
    func damaged() async throws {
        _ = try await log.append(.named("a", idempotencyKey: "k"))
        _ = try await log.schedule(scheduled("b", in: 10), scheduled("c", in: 11))
        try log.tamper("UPDATE bus_scheduled SET payload = 'x', idempotency_key = 'k' WHERE name = 'b'")
        let released = try await log.release(at: time + 50).events
        #expect(released.map(\.isIntact) == [false, true])
        let connection = try Connection(path: log.path, mode: .readOnly)
        let statement = try connection.prepare("SELECT \(EventRow.columns) FROM bus_events e ORDER BY e.offset")
        var intact: [Bool] = []
        while try statement.step() { intact.append(EventRow(statement).isIntact) }
        #expect(intact == [true, false, true])
        #expect(try log.count("bus_scheduled") == 0)
    }

    @Test("a scheduled event can be taken back once")
    func cancel() async throws {
        let id = try await log.schedule(scheduled("a", in: 10))[0]
        #expect(try await log.cancel(id))
        #expect(try await !log.cancel(id))
        #expect(try await log.release(at: time + 50).events.isEmpty)
    }

    @Test("a repeated key returns the identity of the first, scheduled or published")
    func repeated() async throws {
        let first = try await log.schedule(scheduled("a", in: 10, key: "k"))
        #expect(try await log.schedule(scheduled("a", in: 20, key: "k"), scheduled("a", in: 20, key: "k")) == first + first)
        _ = try await log.release(at: time + 50)
        #expect(try await log.schedule(scheduled("a", in: 30, key: "k")) == first)
        #expect(try log.count("bus_scheduled") == 0)
    }

    @Test("opening says when the next one is due")
    func next() async throws {
        _ = try await log.schedule(scheduled("a", in: 10))
        let again = try await log.reopened()
        #expect(try await again.open().nextScheduled == ScheduledTime(due: time + 10, decided: time))
    }
}
