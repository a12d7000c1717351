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

@Suite("Dead letters of a subscription that was removed", .timeLimit(.minutes(10)))
struct RemovedSubscriptionTests {
    /// A bus whose later subscription "s" left one dead letter and one parked delivery behind and was cancelled.
    private static func withLeftBehind(
        _ schedule: SeededSchedule, _ body: @escaping @Sendable (EventBus, Receipt) async throws -> Void
    ) async throws {
        try await withRunningBus(on: schedule) { _ in
        } _: { bus in
            let handle = try await bus.subscribe(
                "s", to: Numbered.self, options: SubscriptionOptions(retry: .none)
            ) { _, _ in throw TestFault() }
            let receipt = try await bus.publish(Numbered(0, key: "k"))
            let parked = try await bus.publish(Numbered(1, key: "k"))
            _ = try await bus.outcome(of: parked)
            await handle.cancel()
            await schedule.idle()
            let outcome = try await bus.outcome(of: parked)
            #expect(outcome == Outcome(discarded: 1))
            try await body(bus, receipt)
        }
    }

    @Test("the letter stays and cannot be redriven, which says why and keeps it")
    func keeps() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await Self.withLeftBehind(schedule) { bus, receipt in
                let id = DeadLetter.ID(subscription: "s", offset: receipt.offset)
                #expect(await errorCode { try await bus.deadLetters.redrive(id) } == .noSubscription)
                #expect(try await bus.deadLetters.redrive(matching: .all).isEmpty)
                let letter = try await bus.deadLetters.show(id)
                #expect(letter.redrives == 0)
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome == Outcome(dead: 1), "seed \(schedule.seed)")
            }
        }
    }

    @Test("once a subscription of the same name exists again, a redrive goes to it")
    func registeredAgain() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await Self.withLeftBehind(schedule) { bus, receipt in
                let seen = Journal<String>()
                try await bus.subscribe("s", options: SubscriptionOptions(retry: .none)) {
                    On(Lettered.self) { event, _ in seen.append(event.letter) }
                    On(Numbered.self) { event, context in seen.append("\(event.number) \(context.attempt)") }
                }
                try await bus.deadLetters.redrive(DeadLetter.ID(subscription: "s", offset: receipt.offset))
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome == Outcome(completed: 1), "seed \(schedule.seed)")
                #expect(seen.entries == ["0 2"])
                #expect(try await bus.deadLetters.list().letters.isEmpty)
            }
        }
    }

    @Test("a subscription of the same name that does not take the type cannot have it")
    func otherType() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await Self.withLeftBehind(schedule) { bus, receipt in
                try await bus.subscribe("s", to: Lettered.self) { _, _ in }
                let id = DeadLetter.ID(subscription: "s", offset: receipt.offset)
                #expect(await errorCode { try await bus.deadLetters.redrive(id) } == .noSubscription)
                #expect(try await bus.deadLetters.list().letters.count == 1)
            }
        }
    }

    @Test("the letter can still be discarded")
    func discard() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await Self.withLeftBehind(schedule) { bus, receipt in
                try await bus.deadLetters.discard(DeadLetter.ID(subscription: "s", offset: receipt.offset), reason: "gone")
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome == Outcome(discarded: 1))
            }
        }
    }

    @Test("cancelling a subscription discards at once what it had not started, also what a worker had taken")
    func cancelDiscards() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { _ in
            } _: { bus in
                let handle = try await bus.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
                let receipts = try await bus.publish(contentsOf: (0..<20).map { Numbered($0) })
                while gate.arrivals == 0 { await schedule.idle() }
                await handle.cancel()
                for receipt in receipts[1...] {
                    let outcome = try await bus.outcome(of: receipt)
                    #expect(outcome == Outcome(discarded: 1), "seed \(schedule.seed)")
                }
                #expect(gate.arrivals == 1)
                gate.open()
                let first = try await bus.outcome(of: receipts[0])
                #expect(first == Outcome(completed: 1), "what runs may finish")
                await schedule.idle()
                #expect(await bus.statistics().subscriptions.isEmpty)
                await handle.cancel()
            }
        }
    }

    @Test("letters of subscriptions that come and go do not pile up past the capacity of the name")
    func bounded() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            _ = try await withRunningBus(on: schedule, configure: { $0.deadLetterCapacity = 3 }) { _ in
            } _: { bus in
                for round in 0..<5 {
                    let handle = try await bus.subscribe(
                        "s", to: Numbered.self, options: SubscriptionOptions(retry: .none)
                    ) { _, _ in throw TestFault() }
                    for number in 0..<3 { _ = try await bus.outcome(of: bus.publish(Numbered(10 * round + number))) }
                    await handle.cancel()
                    await schedule.idle()
                }
                #expect(try await bus.deadLetters.list().letters.count <= 3)
            }
        }
    }
}
