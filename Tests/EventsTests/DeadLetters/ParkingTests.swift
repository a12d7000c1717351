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

@Suite("Dead letters and their keys", .timeLimit(.minutes(10)))
struct ParkingTests {
    /// Publishes 0, 1, 2 with one key; 0 fails as `failure` says. Returns the outcomes and the letter's `parksKey`.
    private static func handleThree(
        _ schedule: SeededSchedule, _ policy: DeadLetterPolicy, order: DeliveryOrder = .perKey, failure: any Error & Sendable
    ) async throws -> (outcomes: [Outcome], parksKey: Bool?) {
        try await withRunningBus(on: schedule) { handlers in
            try handlers.subscribe(
                "s", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 2), order: order, onDeadLetter: policy
            ) { event, _ in
                if event.number == 0 { throw failure }
            }
        } _: { bus in
            var outcomes: [Outcome] = []
            let receipts = try await bus.publish(contentsOf: (0..<3).map { Numbered($0, key: "k") })
            for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
            let letters = try await bus.deadLetters.list().letters
            #expect(letters.count == 1)
            return (outcomes, letters.first?.parksKey)
        }.value
    }

    private static let parked = [Outcome(dead: 1), Outcome(parked: 1), Outcome(parked: 1)]
    private static let wentOn = [Outcome(dead: 1), Outcome(completed: 1), Outcome(completed: 1)]

    @Test("automatic: a letter whose attempts ran out parks its key; a permanent failure lets it go on")
    func automatic() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let exhausted = try await Self.handleThree(schedule, .automatic, failure: TestFault())
            #expect(exhausted.outcomes == Self.parked, "seed \(schedule.seed)")
            #expect(exhausted.parksKey == true)
            let permanent = try await Self.handleThree(schedule, .automatic, failure: Disposition.permanentFailure("no"))
            #expect(permanent.outcomes == Self.wentOn, "seed \(schedule.seed)")
            #expect(permanent.parksKey == false)
        }
    }

    @Test("park: every letter parks its key")
    func park() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            for failure in [TestFault(), Disposition.permanentFailure("no")] as [any Error & Sendable] {
                let result = try await Self.handleThree(schedule, .park, failure: failure)
                #expect(result.outcomes == Self.parked, "seed \(schedule.seed)")
                #expect(result.parksKey == true)
            }
        }
    }

    @Test("continue: no letter parks its key")
    func goesOn() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            for failure in [TestFault(), Disposition.permanentFailure("no")] as [any Error & Sendable] {
                let result = try await Self.handleThree(schedule, .continue, failure: failure)
                #expect(result.outcomes == Self.wentOn, "seed \(schedule.seed)")
                #expect(result.parksKey == false)
            }
        }
    }

    @Test("serial: a letter that parks holds up everything")
    func serial() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let result = try await Self.handleThree(schedule, .automatic, order: .serial, failure: TestFault())
            #expect(result.outcomes == Self.parked)
        }
    }

    @Test("unordered: no letter parks, whatever the policy says")
    func unordered() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let result = try await Self.handleThree(schedule, .park, order: .unordered, failure: TestFault())
            #expect(result.outcomes == Self.wentOn)
            #expect(result.parksKey == false)
        }
    }

    @Test("an event without a key parks nothing")
    func withoutKey() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, onDeadLetter: .park) { event, _ in
                    if event.number == 0 { throw TestFault() }
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(0)))
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(completed: 1))
                #expect(try await bus.deadLetters.list().letters.first?.parksKey == false)
            }
        }
    }

    @Test("parked deliveries leave their place in the queue to others")
    func capacity() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule, configure: { $0.queue = QueuePolicy(capacity: 2, overflow: .reject) }) {
                handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, _ in
                    if event.key == "bad" { throw TestFault() }
                }
            } _: { bus in
                for number in 0..<20 {
                    try await bus.publish(Numbered(number, key: "bad"))
                    await schedule.idle()
                }
                let statistics = await bus.statistics(of: "s")
                #expect(statistics.parked == 19)
                #expect(statistics.unfinished == 0)
                let outcome = try await bus.outcome(of: bus.publish(Numbered(20, key: "good")))
                #expect(outcome == Outcome(completed: 1))
            }
        }
    }

    @Test("more parked deliveries than may be kept: the oldest are evicted, counted and discarded")
    func parkedCapacity() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let evicted = Journal<Int64?>()
            try await withRunningBus(
                on: schedule,
                configure: { configuration in
                    configuration.parkedCapacity = 3
                    configuration.hooks.observe = { if $0.kind == .evicted { evicted.append($0.offset?.rawValue) } }
                }
            ) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in throw TestFault() }
            } _: { bus in
                var receipts: [Receipt] = []
                for number in 0..<6 {
                    receipts.append(try await bus.publish(Numbered(number, key: "k")))
                    await schedule.idle()
                }
                var outcomes: [Outcome] = []
                for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
                #expect(
                    outcomes == [Outcome(dead: 1)] + Array(repeating: Outcome(discarded: 1), count: 2)
                        + Array(repeating: Outcome(parked: 1), count: 3))
                #expect(evicted.entries == [2, 3])
                let statistics = await bus.statistics(of: "s")
                #expect(statistics.evicted == 2)
                #expect(statistics.parked == 3)
            }
        }
    }

    @Test("more letters than may be kept: the oldest is evicted, and what it parked goes on")
    func letterCapacity() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule, configure: { $0.deadLetterCapacity = 2 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, context in
                    try await log.handle(event, context) { if event.number != 1 { throw TestFault() } }
                }
            } _: { bus in
                let first = try await bus.publish(Numbered(0, key: "k"))
                let behind = try await bus.publish(Numbered(1, key: "k"))
                _ = try await bus.outcome(of: first)
                let parked = try await bus.outcome(of: behind)
                #expect(parked == Outcome(parked: 1))
                for number in 2..<4 { _ = try await bus.outcome(of: bus.publish(Numbered(number))) }
                await schedule.idle()
                let outcomes = (try await bus.outcome(of: first), try await bus.outcome(of: behind))
                #expect(outcomes.0 == Outcome(discarded: 1))
                #expect(outcomes.1 == Outcome(completed: 1), "seed \(schedule.seed)")
                let numbers = try await bus.deadLetters.list().letters.map { ($0.event as? Numbered)?.number }
                #expect(numbers == [2, 3])
                #expect(await bus.statistics(of: "s").evicted == 1)
            }
            #expect(log.numbers(of: "k") == [0, 1])
        }
    }

    @Test("each subscription has its own room for letters")
    func letterCapacityIsPerSubscription() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule, configure: { $0.deadLetterCapacity = 2 }) { handlers in
                try handlers.subscribe("many", to: Numbered.self, retry: .none) { _, _ in throw TestFault() }
                try handlers.subscribe("few", to: Lettered.self, retry: .none) { _, _ in throw TestFault() }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Lettered("x")))
                for number in 0..<9 { _ = try await bus.outcome(of: bus.publish(Numbered(number))) }
                let counts = try await bus.deadLetters.counts()
                #expect(counts.map { "\($0.subscription) \($0.count)" } == ["many 2", "few 1"])
            }
        }
    }
}
