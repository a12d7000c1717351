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
import Testing

@Suite("Event storms", .timeLimit(.minutes(10)))
struct DepthTests {
    /// A bus on which every number emits the next one, up to `last`.
    private static func withChain<Value: Sendable>(
        _ schedule: SeededSchedule, maxDepth: Int, last: Int = .max, key: String? = nil,
        onDeadLetter: DeadLetterPolicy = .automatic,
        _ body: @escaping @Sendable (EventBus, Journal<Int>) async throws -> Value
    ) async throws -> Value {
        let seen = Journal<Int>()
        return try await withRunningBus(on: schedule, configure: { $0.maxDepth = maxDepth }) { handlers in
            try handlers.subscribe("chain", to: Numbered.self, onDeadLetter: onDeadLetter) { event, context in
                seen.append(event.number)
                if event.number < last { try context.emit(Numbered(event.number + 1, key: key)) }
            }
        } _: { bus in
            try await body(bus, seen)
        }.value
    }

    @Test("events that cause each other end at maxDepth, in a dead letter that names the chain")
    func ends() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await Self.withChain(schedule, maxDepth: 5) { bus, seen in
                let receipt = try await bus.publish(Numbered(0))
                let outcome = try await bus.outcome(of: receipt, including: .descendants)
                #expect(seen.entries == [0, 1, 2, 3, 4, 5], "seed \(schedule.seed)")
                #expect(outcome == Outcome(completed: 6, dead: 1))
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.reason == .tooDeep)
                #expect(letter.metadata.depth == 6)
                #expect(letter.attempts.isEmpty)
                #expect((letter.event as? Numbered)?.number == 6)
                let chain = Array(repeating: "test.numbered", count: 7).joined(separator: " → ")
                #expect(letter.errorText.contains(chain), "\(letter.errorText)")
                #expect(letter.errorText.contains("6") && letter.errorText.contains("5"))
            }
        }
    }

    @Test("an event at maxDepth itself is handled")
    func atLimit() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await Self.withChain(schedule, maxDepth: 5, last: 5) { bus, seen in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(0)), including: .descendants)
                #expect(outcome == Outcome(completed: 6))
                #expect(seen.count == 6)
            }
        }
    }

    @Test("redriving a letter that lies too deep counts its depth anew")
    func redrive() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await Self.withChain(schedule, maxDepth: 5) { bus, seen in
                let receipt = try await bus.publish(Numbered(0))
                _ = try await bus.outcome(of: receipt, including: .descendants)
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                try await bus.deadLetters.redrive(letter.id)
                let outcome = try await bus.outcome(of: receipt, including: .descendants)
                #expect(seen.entries == Array(0...11), "seed \(schedule.seed)")
                #expect(outcome == Outcome(completed: 12, dead: 1))
            }
        }
    }

    @Test("a redriven letter that fails in an ordinary way and is redriven again keeps its reset depth")
    func redriveTwice() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let attempts = Counter()
            try await withRunningBus(on: schedule, configure: { $0.maxDepth = 1 }) { handlers in
                try handlers.subscribe("chain", to: Numbered.self, retry: .none) { event, context in
                    if event.number == 2, attempts.increment() == 1 { throw TestFault() }
                    if event.number < 3 { try context.emit(Numbered(event.number + 1)) }
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(0))
                for reason in [DeadLetter.Reason.tooDeep, .exhausted] {
                    _ = try await bus.outcome(of: receipt, including: .descendants)
                    let letter = try #require(try await bus.deadLetters.list().letters.first)
                    #expect(letter.reason == reason)
                    try await bus.deadLetters.redrive(letter.id)
                }
                let outcome = try await bus.outcome(of: receipt, including: .descendants)
                #expect(outcome == Outcome(completed: 4))
            }
        }
    }

    @Test("an event that lies too deep lets its key go on, since no handler ran, unless every dead letter is to park")
    func parksKey() async throws {
        for (policy, expected) in [
            (DeadLetterPolicy.automatic, Outcome(completed: 1)), (.park, Outcome(parked: 1)), (.continue, Outcome(completed: 1)),
        ] {
            try await withSeededSchedule(seed: 1) { schedule in
                try await Self.withChain(schedule, maxDepth: 1, last: 2, key: "k", onDeadLetter: policy) { bus, _ in
                    _ = try await bus.outcome(of: bus.publish(Numbered(0, key: "k")), including: .descendants)
                    let later = try await bus.outcome(of: bus.publish(Numbered(9, key: "k")))
                    #expect(later == expected)
                    _ = try await bus.deadLetters.discard(matching: .all, reason: "enough")
                }
            }
        }
    }
}
