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

@Suite("Attempt history", .timeLimit(.minutes(10)))
struct AttemptHistoryTests {
    private struct OtherFault: Error, CustomStringConvertible {
        var description: String { "something else" }
    }

    @Test("a dead letter lists every attempt: number, start, duration, type and text")
    func history() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe(
                    "s", to: Numbered.self, retry: .exponential(base: .seconds(1), maxAttempts: 3, jitter: .none)
                ) { _, context in
                    try await schedule.clock.sleep(for: .milliseconds(10 * context.attempt))
                    if context.attempt == 2 { throw OtherFault() }
                    throw TestFault("attempt \(context.attempt)")
                }
            } _: { bus in
                try await schedule.clock.sleep(for: .seconds(7))
                let receipt = try await bus.publish(Numbered(1))
                _ = try await bus.outcome(of: receipt)
                let letter = try await bus.deadLetters.show(DeadLetter.ID(subscription: "s", offset: receipt.offset))
                #expect(letter.attempts.map(\.number) == [1, 2, 3])
                #expect(letter.attempts.map(\.duration) == [.milliseconds(10), .milliseconds(20), .milliseconds(30)])
                #expect(letter.attempts.map(\.errorType) == ["TestFault", "OtherFault", "TestFault"])
                #expect(letter.attempts.map(\.errorText) == ["attempt 1", "something else", "attempt 3"])
                #expect(letter.attempts.map(\.isCounted) == [true, true, true])
                #expect(letter.omittedAttempts == 0)
                // Attempts start at 7 s, 8.01 s and 10.03 s. A date is exact to some 100 ns, so a microsecond will do.
                for (attempt, start) in zip(letter.attempts, [7, 8.01, 10.03]) {
                    let error = attempt.startedAt.timeIntervalSince(ManualClock.defaultStart) - start
                    #expect(abs(error) < 1e-6, "seed \(schedule.seed): \(attempt.startedAt)")
                }
                #expect(abs(letter.deadSince.timeIntervalSince(ManualClock.defaultStart) - 10.06) < 1e-6)
                #expect(letter.errorType == "TestFault")
                #expect(letter.errorText == "attempt 3")
            }
        }
    }

    @Test("in a run of many each attempt has its own start and duration")
    func withinRun() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, _ in
                    try await schedule.clock.sleep(for: .milliseconds(event.number))
                    throw TestFault()
                }
            } _: { bus in
                try await bus.publish(contentsOf: (1...5).map { Numbered($0) })
                try await schedule.clock.sleep(for: .seconds(1))
                let letters = try await bus.deadLetters.list().letters
                #expect(letters.flatMap(\.attempts).map(\.duration) == (1...5).map { .milliseconds($0) }, "seed \(schedule.seed)")
                for (letter, start) in zip(letters, [0, 1, 3, 6, 10]) {
                    let started = letter.attempts[0].startedAt.timeIntervalSince(ManualClock.defaultStart)
                    #expect(abs(started - Double(start) / 1_000) < 1e-6, "seed \(schedule.seed)")
                }
            }
        }
    }

    @Test("a redrive goes on in the same history, with all attempts anew")
    func redrive() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 2)) { _, context in
                    throw TestFault("attempt \(context.attempt)")
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                let id = DeadLetter.ID(subscription: "s", offset: receipt.offset)
                for redrives in 0..<3 {
                    _ = try await bus.outcome(of: receipt)
                    let letter = try await bus.deadLetters.show(id)
                    #expect(letter.attempts.map(\.number) == Array(1...(2 * redrives + 2)))
                    #expect(letter.redrives == redrives)
                    try await bus.deadLetters.redrive(id)
                }
            }
        }
    }

    @Test("a long history keeps its first attempt and its latest, and counts the rest")
    func longHistory() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, context in
                    if context.attempt < 300 { throw Disposition.retry(after: .seconds(1)) }
                    throw TestFault("the last")
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                _ = try await bus.outcome(of: receipt)
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.attempts.count == 256)
                #expect(letter.omittedAttempts == 44)
                #expect(letter.attempts.first?.number == 1)
                #expect(letter.attempts.last?.number == 300)
                #expect(letter.attempts.last?.errorText == "the last")
                #expect(letter.description.contains("after 300 attempts"))
            }
        }
    }

    @Test("an attempt that completes after failures leaves its number to nobody: the numbers of attempts have no gap")
    func numbersOfRetries() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let attempts = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.zero, maxAttempts: 4)) { _, context in
                    attempts.append(context.attempt)
                    if context.attempt < 4 { throw TestFault() }
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
            }
            #expect(attempts.entries == [1, 2, 3, 4])
        }
    }
}
