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

@Suite("Discarding dead letters", .timeLimit(.minutes(10)))
struct DiscardTests {
    @Test("a discarded letter lets go on, in order, what it parked")
    func unparks() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let receipts = try await test.publish(0..<4, key: "k", on: schedule)
                try await test.bus.deadLetters.discard(test.id(receipts[0]), reason: "the order was cancelled")
                await schedule.idle()
                #expect(test.log.numbers == [0, 1, 2, 3], "seed \(schedule.seed)")
                let expected = [Outcome(discarded: 1)] + Array(repeating: Outcome(completed: 1), count: 3)
                #expect(try await test.outcomes(of: receipts) == expected)
                #expect(await test.bus.statistics(of: "s").discarded == 1)
            }
        }
    }

    @Test("what waits behind two letters goes on when both are gone, in whatever order they go")
    func twoLetters() async throws {
        for order in [[0, 1], [1, 0]] {
            try await exploreSchedules(seeds: fewSeeds) { schedule in
                let first = Counter()
                try await withFailingBus(
                    schedule, failing: [0, 1],
                    error: { number in
                        // 0 lets its key go on the first time and parks it the second time, so that both letters park.
                        number == 0 && first.increment() == 1 ? Disposition.permanentFailure("0") as any Error : TestFault()
                    }
                ) { test in
                    let receipts = try await test.publish(0..<4, key: "k", on: schedule)
                    try await test.bus.deadLetters.redrive(test.id(receipts[0]))
                    await schedule.idle()
                    #expect(test.log.numbers == [0, 1, 0])
                    try await test.bus.deadLetters.discard(test.id(receipts[order[0]]), reason: "one")
                    await schedule.idle()
                    #expect(test.log.numbers == [0, 1, 0], "one letter still stands")
                    try await test.bus.deadLetters.discard(test.id(receipts[order[1]]), reason: "two")
                    await schedule.idle()
                    #expect(test.log.numbers == [0, 1, 0, 2, 3], "seed \(schedule.seed)")
                }
            }
        }
    }

    @Test("a discard is remembered with its reason and time")
    func remembered() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let receipts = try await test.publish(0..<1, key: nil, on: schedule)
                try await schedule.clock.sleep(for: .seconds(5))
                try await test.bus.deadLetters.discard(test.id(receipts[0]), reason: "the order was cancelled")
                let discard = try #require(try await test.bus.deadLetters.discards().first)
                #expect(discard.id == test.id(receipts[0]))
                #expect(discard.eventName == "test.numbered")
                #expect(discard.eventID == receipts[0].id)
                #expect(discard.reason == "the order was cancelled")
                #expect(discard.time == ManualClock.defaultStart.addingTimeInterval(5))
            }
        }
    }

    @Test("a discard by filter gives up what matches and returns it, oldest first")
    func byFilter() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: [0, 1, 2]) { test in
                let receipts = try await test.publish(0..<3, key: nil, on: schedule)
                let one = try await test.bus.deadLetters.discard(matching: DeadLetterFilter(errorContains: "1"), reason: "r")
                #expect(one == [test.id(receipts[1])])
                let rest = try await test.bus.deadLetters.discard(matching: .all, reason: "r")
                #expect(Set(rest) == [test.id(receipts[0]), test.id(receipts[2])])
                #expect(try await test.bus.deadLetters.discard(matching: .all, reason: "r").isEmpty)
                #expect(try await test.bus.deadLetters.discards().count == 3)
            }
        }
    }

    @Test("the latest 1,000 discards are remembered")
    func bounded() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: Set(0..<1_010)) { test in
                try await test.publish(0..<1_010, key: nil, on: schedule)
                try await test.bus.deadLetters.discard(matching: .all, reason: "r")
                let discards = try await test.bus.deadLetters.discards()
                #expect(discards.count == 1_000)
                #expect(Set(discards.map(\.id)).count == 1_000)
            }
        }
    }

    @Test("hundreds of followers of a key whose letters are discarded one after the other are still done in no time")
    func manyFollowers() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let count = 400
            try await withFailingBus(schedule, failing: Set(0..<count)) { test in
                try await test.publish(0..<count, key: "k", on: schedule)
                for _ in 0..<count {
                    try await test.bus.deadLetters.discard(matching: .all, reason: "r")
                    await schedule.idle()
                }
                #expect(test.log.numbers == Array(0..<count))
                #expect(await test.bus.statistics(of: "s").parked == 0)
            }
        }
    }
}
