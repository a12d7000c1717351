//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsTesting
import Foundation
import Testing

@testable import Events

@Suite("The mailbox between log and bus")
struct JournalMailboxTests {
    @Test("events of several publishes are one notice, and what is posted between them keeps its place")
    func order() async throws {
        let mailbox = JournalMailbox()
        try await beginReading(mailbox)
        mailbox.post(appended: [try published(1)])
        mailbox.post(appended: [try published(2), try published(3)])
        mailbox.post(.pruned(isDone: true))
        mailbox.post(appended: [try published(4)])
        #expect(await mailbox.next()?.notices.map(Self.summary) == ["committed 1 2 3", "other", "committed 4"])
    }

    @Test("events without records come as they are, in their place")
    func withoutRecords() async throws {
        let mailbox = JournalMailbox()
        try await beginReading(mailbox)
        mailbox.post(appended: [try published(1)])
        mailbox.post(appended: [try published(2), try released(3)])
        mailbox.post(appended: [try published(4)])
        #expect(await mailbox.next()?.notices.map(Self.summary) == ["committed 1", "appended 2 3", "committed 4"])
    }

    @Test("more events than it holds are only counted, and those before them stay")
    func overflow() async throws {
        let mailbox = JournalMailbox()
        try await beginReading(mailbox)
        mailbox.post(appended: [try published(1)])
        mailbox.post(appended: try (2...9_000).map(published))
        mailbox.post(appended: try (9_001...18_000).map(published))
        #expect(await mailbox.next()?.notices.map(Self.summary) == ["committed 1", "advanced to 18000"])
    }

    @Test("before anybody reads, only how far the log is gets remembered")
    func unread() async throws {
        let mailbox = JournalMailbox()
        mailbox.post(appended: [try published(1)])
        mailbox.post(appended: [try published(2)])
        #expect(await mailbox.next()?.notices.map(Self.summary) == ["advanced to 2"])
    }

    @Test("of many times for which something is scheduled only the first is kept, whatever else comes")
    func scheduled() async throws {
        let mailbox = JournalMailbox()
        for number in [3, 1, 2] {
            let time = ManualClock.defaultStart.addingTimeInterval(Double(number))
            mailbox.post(.scheduled(ScheduledTime(due: time, decided: ManualClock.defaultStart)))
            mailbox.post(appended: [try published(Int64(number))])
        }
        let notices = try #require(await mailbox.next()).notices
        #expect(notices.count == 2)
        guard case .scheduled(let time)? = notices.last else { throw TestFault("no time") }
        #expect(time.due.timeIntervalSince(time.decided) == 1)
        mailbox.post(.scheduled(time))
        #expect(await mailbox.next()?.notices.count == 1)
    }

    /// Events are kept for a reader who has been there.
    private func beginReading(_ mailbox: JournalMailbox) async throws {
        mailbox.post(.pruned(isDone: false))
        #expect(await mailbox.next()?.notices.count == 1)
    }

    private func published(_ offset: Int64) throws -> StoredEvent {
        let record = makeDelivery(offset).record
        return StoredEvent(offset: record.offset, event: try record.logEvent(payload: Data(), idempotencyKey: nil))
    }

    /// An event that another process published, or this one long ago.
    private func released(_ offset: Int64) throws -> StoredEvent {
        var event = try published(offset).event
        event.attachment = nil
        return StoredEvent(offset: Offset(rawValue: offset), event: event)
    }

    private static func summary(_ notice: JournalMailbox.Notice) -> String {
        switch notice {
        case .committed(let records): "committed " + records.map { "\($0.offset.rawValue)" }.joined(separator: " ")
        case .appended(let events): "appended " + events.map { "\($0.offset.rawValue)" }.joined(separator: " ")
        case .advanced(let offset): "advanced to \(offset.rawValue)"
        default: "other"
        }
    }
}

@Suite("An event in stored form")
struct LogEventTests {
    @Test("setting a field of a copy leaves the original as it was")
    func copies() throws {
        let record = makeDelivery(1, key: "a").record
        let original = try record.logEvent(payload: Data("{}".utf8), idempotencyKey: "once")
        var copy = original
        copy.name = "another"
        copy.idempotencyKey = nil
        copy.attachment = nil
        #expect(original.name == record.name)
        #expect(original.idempotencyKey == "once")
        #expect(original.record === record)
        #expect(copy.name == "another")
        #expect(copy.orderingKey == "a")
        #expect(copy.record == nil)
    }
}
