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

@Suite("Pruning the SQLite log")
struct WriterPruneTests {
    let log: WriterFixture

    init() throws {
        log = try WriterFixture()
    }

    private func offsets() throws -> [Int64] {
        try log.column("SELECT offset FROM bus_events ORDER BY 1").compactMap(\.int64)
    }

    @Test("finished events go, lowest first, in steps, and their history with them")
    func steps() async throws {
        let key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = await log.append(all: (0..<10).map { _ in .named("a") })
        let attempt = Attempt(
            number: 1, startedAt: WriterFixture.time, duration: .zero, errorType: "E", errorText: "", isCounted: true)
        _ = try await log.settle(key, completed: [.at(1), .at(2)], items: [.at(3, .discarded(reason: ""), attempt: attempt)])
        _ = try await log.settle(key, completed: (4...10).map { .at($0) })
        var step = try await log.prune(keeping: 4, limit: 4)
        #expect(step.removed == 4 && !step.isDone)
        #expect(try log.count("bus_attempts") == 0)
        #expect(try log.count("bus_discards") == 0)
        #expect(try log.column("SELECT first_offset FROM bus_settlements") == [4])
        step = try await log.prune(keeping: 4, limit: 4)
        #expect(step.removed == 2 && step.isDone)
        #expect(try offsets() == [7, 8, 9, 10])
        #expect(try log.column("SELECT last_offset FROM bus_log") == [6])
    }

    @Test("what is unsettled, waits, or is dead stays, and the rest beside it goes")
    func held() async throws {
        let opened = try await log.open([.to("s", "a"), .to("slow", "b")])
        _ = await log.append(all: (1...10).map { .named($0 == 8 ? "b" : "a") })
        _ = try await log.settle(
            opened.subscriptions[0].key, completed: [1, 3, 5, 6, 7, 9].map { .at($0) },
            items: [.at(2, .waiting), .at(4, .letter())])
        let step = try await log.prune(keeping: 0, limit: 100)
        // 2 waits, 4 is dead, 8 is before the slow subscription, 10 is not settled.
        #expect(step.removed == 6 && step.isDone)
        #expect(try offsets() == [2, 4, 8, 10])
    }

    @Test("a cursor that lags because nothing it takes came since holds nothing back")
    func lagging() async throws {
        let opened = try await log.open([.to("s", "a"), .to("rare", "b")])
        _ = await log.append(all: (1...10).map { _ in .named("a") })
        _ = try await log.settle(opened.subscriptions[0].key, completed: (1...10).map { .at($0) })
        #expect(try await log.prune(keeping: 2).removed == 8)
    }

    @Test("an event that is not intact may be anybody's, and stays while somebody is behind it")
    func corrupt() async throws {
        let opened = try await log.open([.to("s", "a"), .to("rare", "b")])
        _ = await log.append(all: (1...3).map { _ in .named("a") })
        _ = try await log.settle(opened.subscriptions[0].key, completed: (1...3).map { .at($0) })
        try log.tamper("UPDATE bus_events SET payload = 'x' WHERE offset = 2")
        _ = try await log.prune(keeping: 0)
        #expect(try offsets() == [2])
        _ = try await log.settle(opened.subscriptions[1].key, completed: [.at(3, from: 1)])
        _ = try await log.prune(keeping: 0)
        #expect(try offsets() == [])
    }

    @Test("a subscription that nobody registers holds back what it has not settled")
    func absent() async throws {
        try await log.open([.to("gone", "a")])
        _ = try await log.append(.named("a"))
        let again = try await log.reopened()
        try await again.open()
        #expect(try await again.prune(keeping: 0).removed == 0)
        _ = try await again.unsubscribe("gone")
        #expect(try await again.prune(keeping: 0).removed == 1)
    }

    @Test("by age, what is older goes; one event from a clock that was wrong stops nothing")
    func age() async throws {
        try await log.open()
        var events = (1...6).map { _ in LogEvent.named("a") }
        events[1].publishedAt = WriterFixture.time + 1_000_000
        events[5].publishedAt = WriterFixture.time + 100
        _ = await log.append(all: events)
        let step = try await log.prune(before: WriterFixture.time + 50)
        #expect(step.removed == 4 && step.isDone)
        #expect(try offsets() == [2, 6])
    }

    @Test("letters whose events are gone, as a damaged file may have them, do not keep it at one place")
    func lettersWithoutEvents() async throws {
        let key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = await log.append(all: (1...20).map { _ in .named("a") })
        _ = try await log.settle(key, completed: (11...20).map { .at($0) }, items: (1...10).map { .at($0, .letter()) })
        try log.tamper("DELETE FROM bus_events WHERE offset <= 10")
        var isDone = false
        for _ in 0..<20 where !isDone { isDone = try await log.prune(keeping: 0, limit: 1).isDone }
        #expect(isDone)
        #expect(try offsets() == [])
    }

    @Test("many that have to stay are passed in steps, and offsets are never used again")
    func manyHeld() async throws {
        let key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = await log.append(all: (1...200).map { _ in .named("a") })
        _ = try await log.settle(
            key, completed: (151...200).map { .at($0) }, items: (1...150).map { .at($0, .letter()) })
        var removed = 0
        var steps = 0
        while true {
            let step = try await log.prune(keeping: 0, limit: 5)
            removed += step.removed
            steps += 1
            if step.isDone || steps > 100 { break }
        }
        #expect(removed == 50 && steps < 30)
        let again = try await log.reopened()
        #expect(try await again.open([.to("s", "a")]).head.rawValue == 200)
    }
}
