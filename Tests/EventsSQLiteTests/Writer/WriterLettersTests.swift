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

@Suite("Redriving and discarding in the SQLite log")
struct WriterLettersTests {
    let log: WriterFixture
    let key: SubscriptionKey

    init() async throws {
        log = try WriterFixture()
        key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = try await log.append(.named("a", key: "k"), .named("a", key: "k"), .named("a", key: "l"))
        _ = try await log.settle(
            key,
            items: [
                .at(1, key: "k", .letter(text: "timed out"), counts: LogCounts(attempts: 5, failedAttempts: 5, crashes: 1)),
                .at(2, key: "k", .letter(.tooDeep, parks: false)), .at(3, key: "l", .letter(.permanent)),
            ])
    }

    @Test("a redrive makes a letter a waiting delivery with one redrive more and no failures")
    func redrive() async throws {
        let redriven = try await log.redrive(.one(DeadLetter.ID(subscription: "s", offset: Offset(rawValue: 1))))
        #expect(redriven.count == 1)
        #expect(redriven[0].id.description == "s/1" && redriven[0].parkedKey && redriven[0].orderingKey == "k")
        let id = try log.column("SELECT id FROM bus_events WHERE offset = 1")[0].string
        #expect(redriven[0].publication.id.text == id && redriven[0].publication.correlationID.text == id)
        let row = try log.rows("SELECT state, attempts, failed_attempts, crashes, redrives, is_depth_reset FROM bus_deliveries")[
            0]
        #expect(row.values == ["waiting", 5, 0, 0, 1, 0])
        #expect(try log.count("bus_dead_letters") == 2)
    }

    @Test("redriving a letter that was too deep resets its depth")
    func depth() async throws {
        _ = try await log.redrive(.matching(.all))
        #expect(try log.column("SELECT is_depth_reset FROM bus_deliveries ORDER BY offset") == [0, 1, 0])
    }

    @Test("a filter takes what it matches, oldest first")
    func filter() async throws {
        let byKey = try await log.redrive(.matching(DeadLetterFilter(orderingKey: "k")))
        #expect(byKey.map(\.id.offset.rawValue) == [1, 2])
        let byText = try await log.discard(.matching(DeadLetterFilter(errorContains: "timed")), reason: "")
        #expect(byText.isEmpty)
        let byTime = try await log.discard(.matching(DeadLetterFilter(since: WriterFixture.time + 1)), reason: "")
        #expect(byTime.isEmpty)
        let rest = try await log.discard(
            .matching(
                DeadLetterFilter(subscription: "s", eventName: "a", errorType: "MailFault", before: WriterFixture.time + 1)),
            reason: "")
        #expect(rest.map(\.discard.id.offset.rawValue) == [3])
    }

    @Test("letters of subscriptions that are not asked for stay")
    func subscriptions() async throws {
        #expect(try await log.redrive(.matching(.all), handled: ["other": ["a"]]).isEmpty)
        #expect(
            try await log.redrive(.matching(DeadLetterFilter(subscription: "s", orderingKey: "l")), handled: ["s": ["a"]]).count
                == 1)
        #expect(try log.count("bus_dead_letters") == 2)
    }

    @Test("a discard deletes the letter and remembers why")
    func discard() async throws {
        let discarded = try await log.discard(
            .matching(DeadLetterFilter(subscription: "s", orderingKey: "k")), reason: "duplicate")
        #expect(discarded.map(\.discard.id.description) == ["s/1", "s/2"])
        #expect(discarded.map(\.parkedKey) == [true, false])
        #expect(discarded[0].discard.eventName == "a" && discarded[0].discard.reason == "duplicate")
        #expect(try log.rows("SELECT offset, reason, was_dead FROM bus_discards")[1].values == [2, "duplicate", 1])
        #expect(try log.count("bus_deliveries") == 0)
    }
}
