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

@Suite("Reading dead letters")
struct DeadLetterReadingTests {
    private func read(_ log: ReadableLog, _ filter: DeadLetterFilter, after: Int64 = 0, limit: Int = 100) async throws -> [Int64]
    {
        try await log.reader.deadLetters(DeadLetterSelection(.matching(filter), after: after, limit: limit)).map(\.arrival)
    }

    @Test("a letter comes back as it was written")
    func fields() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b")
            try log.subscribe(7, "s", to: ["b"])
            try log.bury(7, 2, key: "k", name: "b", at: 1_500_000, parks: true)
            try log.writer.execute("INSERT INTO bus_attempts VALUES (7, 2, 1, 1000000, 250, 'Fault', 'it broke', 1)")
            let letter = try #require(
                try await log.reader.deadLetters(
                    DeadLetterSelection(.one(DeadLetter.ID(subscription: "s", offset: .at(2))), limit: 1)
                ).first)
            #expect(letter.arrival == 1)
            #expect(letter.id == DeadLetter.ID(subscription: "s", offset: .at(2)))
            #expect(letter.event.isIntact)
            #expect(letter.event.event.name == "b")
            #expect(letter.letter.reason == .exhausted)
            #expect(letter.letter.errorType == "Fault")
            #expect(letter.letter.errorText == "it broke")
            #expect(letter.letter.time == Date(timeIntervalSince1970: 1.5))
            #expect(letter.letter.parksKey)
            #expect(letter.counts == LogCounts(attempts: 4, failedAttempts: 3, crashes: 2, redrives: 1, isDepthReset: true))
            #expect(
                letter.attempts == [
                    Attempt(
                        number: 1, startedAt: Date(timeIntervalSince1970: 1), duration: .microseconds(250), errorType: "Fault",
                        errorText: "it broke", isCounted: true)
                ])
        }
    }

    @Test("every field of a filter selects")
    func filter() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a a")
            try log.subscribe(1, "s", to: ["a"])
            try log.subscribe(2, "t", to: ["a"])
            try log.bury(1, 1, key: "k", name: "a", correlation: 1, error: "Fault", text: "100% of 'it' broke", at: 10)
            try log.bury(2, 1, key: nil, name: "b", correlation: 2, error: "Other", text: "100 of it", at: 20)
            try log.bury(1, 2, key: "l", name: "b", correlation: 1, error: "Fault", text: "It BROKE", at: 30)
            func time(_ microseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(microseconds) / 1e6) }
            #expect(try await read(log, .all) == [1, 2, 3])
            #expect(try await read(log, .init(subscription: "s")) == [1, 3])
            #expect(try await read(log, .init(eventName: "b")) == [2, 3])
            #expect(try await read(log, .init(orderingKey: "l")) == [3])
            #expect(try await read(log, .init(errorType: "Other")) == [2])
            #expect(try await read(log, .init(errorContains: "100%")) == [1])
            #expect(try await read(log, .init(errorContains: "'it'")) == [1])
            #expect(try await read(log, .init(errorContains: "broke")) == [1])
            #expect(try await read(log, .init(correlationID: ReadableLog.id(1))) == [1, 3])
            #expect(try await read(log, .init(since: time(20))) == [2, 3])
            #expect(try await read(log, .init(before: time(20))) == [1])
            #expect(try await read(log, .init(subscription: "s", eventName: "b", errorType: "Fault", since: time(5))) == [3])
            #expect(try await read(log, .all, after: 1, limit: 1) == [2])
            #expect(try await read(log, .all, limit: 0) == [])
        }
    }

    @Test("the letters of a key are those of its subscription alone")
    func key() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            try log.subscribe(1, "s", to: ["a"])
            try log.subscribe(2, "t", to: ["a"])
            try log.bury(1, 1, key: "k")
            try log.bury(2, 1, key: "k")
            try log.bury(1, 2, key: "k")
            let letters = try await log.reader.deadLetters(
                DeadLetterSelection(.matching(DeadLetterFilter(subscription: "s", orderingKey: "k")), limit: 10))
            #expect(letters.map(\.arrival) == [1, 3])
        }
    }

    @Test("of a long history the first attempt and the newest are read, oldest first")
    func manyAttempts() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            try log.subscribe(1, "s", to: ["a"])
            try log.bury(1, 1)
            try log.writer.execute("BEGIN")
            for number in 1...300 {
                try log.writer.execute("INSERT INTO bus_attempts VALUES (1, 1, \(number), 0, 0, 'Fault', '', 1)")
            }
            try log.writer.execute("COMMIT")
            let letter = try #require(try await log.reader.deadLetters(DeadLetterSelection(.matching(.all), limit: 1)).first)
            #expect(letter.attempts.map(\.number) == [1] + Array(46...300))
            try log.writer.execute("DELETE FROM bus_attempts WHERE number > 256")
            let shorter = try #require(try await log.reader.deadLetters(DeadLetterSelection(.matching(.all), limit: 1)).first)
            #expect(shorter.attempts.map(\.number) == Array(1...256))
        }
    }

    @Test("a letter whose event is gone is read nevertheless")
    func missingEvent() async throws {
        try await ReadableLog.with { log in
            try log.subscribe(1, "s", to: ["a"])
            try log.bury(1, 9, key: "k", name: "b", correlation: 4)
            let letter = try #require(try await log.reader.deadLetters(DeadLetterSelection(.matching(.all), limit: 1)).first)
            #expect(!letter.event.isIntact)
            #expect(letter.event.offset == .at(9))
            #expect(letter.event.event.name == "b")
            #expect(letter.event.event.orderingKey == "k")
            #expect(letter.event.event.correlationID == ReadableLog.id(4))
        }
    }

    @Test("letters are counted by subscription and error type")
    func counts() async throws {
        try await ReadableLog.with { log in
            try log.subscribe(1, "s", to: ["a"])
            try log.subscribe(2, "t", to: ["a"])
            try log.bury(1, 1)
            try log.bury(1, 2)
            try log.bury(1, 3, error: "Other")
            try log.bury(2, 1)
            let counts = try await log.reader.deadLetterCounts()
            #expect(
                Set(counts) == [
                    DeadLetterCount(subscription: "s", errorType: "Fault", count: 2),
                    DeadLetterCount(subscription: "s", errorType: "Other", count: 1),
                    DeadLetterCount(subscription: "t", errorType: "Fault", count: 1),
                ])
            #expect(counts.count == 3)
        }
    }

    @Test("the latest discards of letters are read, oldest first, without those by handlers")
    func discards() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b a")
            try log.subscribe(1, "s", to: ["a"])
            for (number, wasDead) in [(1, 1), (2, 1), (3, 0), (3, 1)] {
                try log.writer.execute(
                    "INSERT INTO bus_discards VALUES (NULL, 1, \(number), 'why \(number)', 2000000, \(wasDead))")
            }
            let discards = try await log.reader.discards(limit: 2)
            #expect(discards.map(\.id.offset.rawValue) == [2, 3])
            #expect(
                discards.first
                    == DeadLetterDiscard(
                        id: DeadLetter.ID(subscription: "s", offset: .at(2)), eventName: "b", eventID: ReadableLog.id(2),
                        reason: "why 2", time: Date(timeIntervalSince1970: 2)))
        }
    }
}
