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

@Suite("Listing dead letters", .timeLimit(.minutes(10)))
struct ListingTests {
    private struct OtherFault: Error {}

    @Test("a letter shows its event, why and when it died, and what it holds up, but no payload in its description")
    func show() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: [4711]) { test in
                try await schedule.clock.sleep(for: .seconds(90))
                let receipts = try await test.publish(4711..<4712, key: "k", on: schedule)
                let letter = try await test.bus.deadLetters.show(test.id(receipts[0]))
                #expect(letter.id.description == "s/1")
                #expect(letter.subscription == "s")
                #expect(letter.metadata.id == receipts[0].id)
                #expect(letter.metadata.orderingKey == "k")
                #expect((letter.event as? Numbered)?.number == 4711)
                #expect(letter.reason == .exhausted)
                #expect(letter.errorType == "TestFault")
                #expect(letter.deadSince == ManualClock.defaultStart.addingTimeInterval(90))
                #expect(letter.redrives == 0)
                #expect(letter.parksKey)
                #expect(letter.description.contains("s/1 test.numbered \(receipts[0].id): exhausted after 1 attempt, TestFault"))
                #expect(!letter.description.contains("4711"))
            }
        }
    }

    @Test("pages follow one another without gap or repetition; less than one letter a page counts as one")
    func pages() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: Set(0..<10)) { test in
                for number in 0..<10 { try await test.publish(number..<number + 1, key: nil, on: schedule) }
                for limit in [-5, 0, 1, 3, 5, 10, 11, Int.max] {
                    var seen: [Int] = []
                    var cursor: DeadLetterPage.Cursor?
                    var pages = 0
                    repeat {
                        let page = try await test.bus.deadLetters.list(limit: limit, after: cursor)
                        seen += page.letters.compactMap { ($0.event as? Numbered)?.number }
                        cursor = page.next
                        pages += 1
                    } while cursor != nil
                    #expect(seen == Array(0..<10), "limit \(limit)")
                    let size = min(10, max(1, limit))
                    #expect(pages == (10 + size - 1) / size, "limit \(limit)")
                }
            }
        }
    }

    @Test("a page holds 100 letters unless told otherwise, and none at all when nothing matches")
    func defaults() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: Set(0..<101)) { test in
                try await test.publish(0..<101, key: nil, on: schedule)
                let page = try await test.bus.deadLetters.list()
                #expect(page.letters.count == 100)
                #expect(page.next != nil)
                let none = try await test.bus.deadLetters.list(DeadLetterFilter(subscription: "other"))
                #expect(none.letters.isEmpty)
                #expect(none.next == nil)
            }
        }
    }

    @Test("paging goes on in its place while letters before and after it are redriven, discarded and arrive")
    func pagingWhileLettersGo() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: Set(0..<20)) { test in
                var receipts: [Receipt] = []
                for number in 0..<10 { receipts += try await test.publish(number..<number + 1, key: nil, on: schedule) }
                let letters = test.bus.deadLetters
                let first = try await letters.list(limit: 4)
                try await letters.discard(test.id(receipts[0]), reason: "read")
                try await letters.discard(test.id(receipts[3]), reason: "read")
                try await letters.discard(test.id(receipts[5]), reason: "not yet read")
                try await letters.redrive(test.id(receipts[1]))
                try await test.publish(10..<11, key: nil, on: schedule)
                let rest = try await letters.list(limit: 100, after: first.next)
                #expect(
                    rest.letters.compactMap { ($0.event as? Numbered)?.number } == [4, 6, 7, 8, 9, 1, 10], "seed \(schedule.seed)"
                )
            }
        }
    }

    @Test("a filter selects by every field that is set")
    func filters() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("first", to: Numbered.self, retry: .none) { event, _ in
                    if event.number == 1 { throw OtherFault() }
                    throw TestFault("number \(event.number)")
                }
                try handlers.subscribe("second", to: Lettered.self, retry: .none) { _, _ in throw TestFault("letter") }
            } _: { bus in
                let correlation = EventID(UUID())
                try await bus.publish(Numbered(1, key: "k"))
                await schedule.idle()
                try await schedule.clock.sleep(for: .seconds(10))
                try await bus.publish(Numbered(2), correlationID: correlation)
                await schedule.idle()
                try await bus.publish(Lettered("x", key: "k"))
                await schedule.idle()
                @Sendable func offsets(_ filter: DeadLetterFilter) async throws -> [Int64] {
                    try await bus.deadLetters.list(filter).letters.map(\.id.offset.rawValue)
                }
                let middle = ManualClock.defaultStart.addingTimeInterval(5)
                #expect(try await offsets(.all) == [1, 2, 3])
                #expect(try await offsets(DeadLetterFilter(subscription: "first")) == [1, 2])
                #expect(try await offsets(DeadLetterFilter(eventName: "test.lettered")) == [3])
                #expect(try await offsets(DeadLetterFilter(orderingKey: "k")) == [1, 3])
                #expect(try await offsets(DeadLetterFilter(errorType: "OtherFault")) == [1])
                #expect(try await offsets(DeadLetterFilter(errorContains: "number")) == [2])
                #expect(try await offsets(DeadLetterFilter(correlationID: correlation)) == [2])
                #expect(try await offsets(DeadLetterFilter(since: middle)) == [2, 3])
                #expect(try await offsets(DeadLetterFilter(before: middle)) == [1])
                #expect(try await offsets(DeadLetterFilter(subscription: "second", orderingKey: "k")) == [3])
                #expect(try await offsets(DeadLetterFilter(subscription: "second", errorContains: "number")).isEmpty)
            }
        }
    }

    @Test("counts are by subscription and error type, the most frequent first, and fall when letters go")
    func counts() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("first", to: Numbered.self, retry: .none) { event, _ in
                    if event.number == 0 { throw OtherFault() }
                    throw TestFault()
                }
                try handlers.subscribe("second", to: Numbered.self, retry: .none) { _, _ in throw TestFault() }
            } _: { bus in
                for number in 0..<3 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
                @Sendable func counts() async throws -> [String] {
                    try await bus.deadLetters.counts().map { "\($0.subscription) \($0.errorType) \($0.count)" }
                }
                #expect(try await counts() == ["second TestFault 3", "first TestFault 2", "first OtherFault 1"])
                try await bus.deadLetters.discard(matching: DeadLetterFilter(subscription: "second"), reason: "known")
                #expect(try await counts() == ["first TestFault 2", "first OtherFault 1"])
            }
        }
    }
}
