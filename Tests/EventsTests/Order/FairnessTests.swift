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

@Suite("Sharing the workers", .timeLimit(.minutes(10)))
struct FairnessTests {
    @Test("a slow subscription leaves a worker for the others")
    func slowSubscription() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let quick = Counter()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Numbered.self) { _, _ in await gate.wait() }
                try handlers.subscribe("quick", to: Lettered.self) { _, _ in quick.increment() }
            } _: { bus in
                for number in 0..<100 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
                #expect(gate.arrivals == 3, "all workers but one")
                for _ in 0..<100 { try await bus.publish(Lettered("x")) }
                await schedule.idle()
                #expect(quick.value == 100, "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("a subscription that is alone has all workers")
    func alone() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("only", to: Numbered.self) { _, _ in await gate.wait() }
            } _: { bus in
                for number in 0..<4 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
                #expect(gate.arrivals == 4, "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("a subscription that comes later takes its worker from the one that was alone")
    func comesLater() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let gate = Gate()
            let quick = Counter()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Numbered.self) { _, _ in await gate.wait() }
            } _: { bus in
                try await bus.subscribe("quick", to: Lettered.self) { _, _ in quick.increment() }
                for number in 0..<100 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
                try await bus.publish(Lettered("x"))
                await schedule.idle()
                #expect(gate.arrivals == 3)
                #expect(quick.value == 1)
                gate.open()
            }
        }
    }

    @Test("with one worker every subscription still gets its turn")
    func oneWorker() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let counts = (Counter(), Counter())
            let result = try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("first", to: Numbered.self) { _, _ in counts.0.increment() }
                try handlers.subscribe("second", to: Numbered.self) { _, _ in counts.1.increment() }
            } _: { bus in
                for number in 0..<500 { try await bus.publish(Numbered(number)) }
            }
            #expect(counts.0.value == 500)
            #expect(counts.1.value == 500)
            #expect(result.report.completed == 1_000)
        }
    }

    @Test("what a worker took goes to the others when one of its handlers is slow: only the slow one waits")
    func reclaims() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let quick = Counter()
            try await withRunningBus(on: schedule, configure: { $0.workers = 2 }) { handlers in
                try handlers.subscribe("all", to: Numbered.self) { event, _ in
                    if event.number == 0 { await gate.wait() } else { quick.increment() }
                }
            } _: { bus in
                // Published together, so that the first worker takes a long run with the slow one at its front.
                try await bus.publish(contentsOf: (0..<1_000).map { Numbered($0) })
                try await schedule.clock.sleep(for: .milliseconds(50))
                #expect(quick.value == 999, "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("while several handlers are slow, everything else goes through the one worker that is free")
    func reclaimsFromSeveral() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let quick = Counter()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("all", to: Numbered.self) { event, _ in
                    if event.number % 100 == 0 { await gate.wait() } else { quick.increment() }
                }
            } _: { bus in
                try await bus.publish(contentsOf: (1..<400).map { Numbered($0) })
                try await schedule.clock.sleep(for: .milliseconds(100))
                #expect(gate.arrivals == 3)
                #expect(quick.value == 396, "seed \(schedule.seed)")
                gate.open()
            }
        }
    }

    @Test("what is behind a slow handler of its own key waits, and nothing else does")
    func onlyItsKey() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("all", to: Numbered.self) { event, context in
                    try await log.handle(event, context) { if event.number == 0 { await gate.wait() } }
                }
            } _: { bus in
                for number in 0..<200 { try await bus.publish(Numbered(number, key: "\(number % 10)")) }
                try await schedule.clock.sleep(for: .milliseconds(50))
                #expect(log.numbers(of: "0") == [0], "seed \(schedule.seed)")
                #expect(log.starts.count == 181, "seed \(schedule.seed)")
                gate.open()
            }
            #expect(log.numbers(of: "0") == Array(stride(from: 0, to: 200, by: 10)))
        }
    }

    @Test("results of a run are settled while a later handler of it is slow: an outcome does not wait for its neighbours")
    func settlesEarly() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule, configure: { $0.workers = 1 }) { handlers in
                try handlers.subscribe("all", to: Numbered.self) { event, _ in
                    if event.number == 50 { await gate.wait() }
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<100).map { Numbered($0) })
                for receipt in receipts[..<50] {
                    let outcome = try await bus.outcome(of: receipt)
                    #expect(outcome.completed == 1)
                }
                #expect(schedule.clock.now < MonotonicTime(nanoseconds: 50_000_000), "seed \(schedule.seed)")
                gate.open()
            }
        }
    }
}
