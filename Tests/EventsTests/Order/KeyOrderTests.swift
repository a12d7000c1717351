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

@Suite("Order within a key", .timeLimit(.minutes(10)))
struct KeyOrderTests {
    /// Publishes 60 events of four keys and of none to a subscription whose handler takes its time, and returns what happened.
    private static func handleMany(
        _ schedule: SeededSchedule, order: DeliveryOrder, maxConcurrency: Int? = nil, workers: Int = 4,
        failing: @escaping @Sendable (Numbered, EventContext) -> Bool = { _, _ in false }
    ) async throws -> HandlingLog {
        let log = HandlingLog(schedule)
        let keys = ["a", "b", "c", "d", nil]
        let result = try await withRunningBus(on: schedule, configure: { $0.workers = workers }) { handlers in
            try handlers.subscribe(
                "all", to: Numbered.self, retry: .constant(.milliseconds(7), maxAttempts: 5), order: order,
                maxConcurrency: maxConcurrency
            ) { event, context in
                try await log.handle(event, context) {
                    try await schedule.pause(event.number, upTo: 20)
                    if failing(event, context) { throw TestFault() }
                }
            }
        } _: { bus in
            for number in 0..<60 {
                try await bus.publish(Numbered(number, key: keys[number % 5]))
                if number % 20 == 19 { try await schedule.pause(-number, upTo: 30) }
            }
        }
        #expect(result.report.completed == 60, "seed \(schedule.seed)")
        #expect(result.report.isClean, "seed \(schedule.seed)")
        return log
    }

    @Test("events of one key start in publish order and never overlap")
    func perKey() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = try await Self.handleMany(schedule, order: .perKey)
            for (index, key) in ["a", "b", "c", "d"].enumerated() {
                #expect(log.numbers(of: key) == Array(stride(from: index, to: 60, by: 5)), "seed \(schedule.seed)")
            }
            #expect(log.overlaps.isEmpty, "seed \(schedule.seed)")
            #expect(log.mostRunning > 1, "different keys run side by side")
        }
    }

    @Test("a retry keeps its key waiting: the order holds with retries included")
    func retries() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = try await Self.handleMany(schedule, order: .perKey) { event, context in
                context.attempt <= event.number % 4
            }
            for (index, key) in ["a", "b", "c", "d"].enumerated() {
                let expected = stride(from: index, to: 60, by: 5).flatMap { Array(repeating: $0, count: $0 % 4 + 1) }
                #expect(log.numbers(of: key) == expected, "seed \(schedule.seed)")
            }
            #expect(log.overlaps.isEmpty, "seed \(schedule.seed)")
        }
    }

    @Test("serial: all events run one at a time, in publish order, retries included")
    func serial() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = try await Self.handleMany(schedule, order: .serial) { event, context in
                event.number % 10 == 3 && context.attempt == 1
            }
            #expect(log.numbers == (0..<60).flatMap { $0 % 10 == 3 ? [$0, $0] : [$0] }, "seed \(schedule.seed)")
            #expect(log.mostRunning == 1)
        }
    }

    @Test("unordered: events of one key overlap")
    func unordered() async throws {
        let overlapping = Counter()
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = try await Self.handleMany(schedule, order: .unordered)
            #expect(log.numbers.sorted() == Array(0..<60))
            if !log.overlaps.isEmpty { overlapping.increment() }
        }
        #expect(overlapping.value > 10)
    }

    @Test("no more handlers of a subscription run at once than maxConcurrency says", arguments: [1, 2, 3])
    func maxConcurrency(limit: Int) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            for order in [DeliveryOrder.perKey, .unordered] {
                let log = try await Self.handleMany(schedule, order: order, maxConcurrency: limit)
                #expect(log.mostRunning == limit, "seed \(schedule.seed)")
            }
        }
    }

    @Test("no more handlers run at once than there are workers, whatever maxConcurrency allows", arguments: [1, 2, 5])
    func workers(workers: Int) async throws {
        try await exploreSchedules(seeds: 0..<5) { schedule in
            let log = try await Self.handleMany(schedule, order: .unordered, maxConcurrency: 100, workers: workers)
            #expect(log.mostRunning == workers)
        }
    }

    @Test("several types in one subscription share one order")
    func severalTypes() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Journal<String>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("both") {
                    On(Numbered.self) { event, _ in
                        try await schedule.pause(event.number, upTo: 9)
                        seen.append("\(event.number)")
                    }
                    On(Lettered.self) { event, _ in seen.append(event.letter) }
                }
            } _: { bus in
                for number in 0..<10 {
                    try await bus.publish(Numbered(number, key: "k"))
                    try await bus.publish(Lettered("after \(number)", key: "k"))
                }
            }
            #expect(seen.entries == (0..<10).flatMap { ["\($0)", "after \($0)"] }, "seed \(schedule.seed)")
        }
    }

    @Test("the same key in two subscriptions is two keys")
    func perSubscription() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let gate = Gate()
            let seen = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("held", to: Numbered.self) { _, _ in await gate.wait() }
                try handlers.subscribe("free", to: Numbered.self) { event, _ in seen.append(event.number) }
            } _: { bus in
                for number in 0..<5 { try await bus.publish(Numbered(number, key: "k")) }
                await schedule.idle()
                #expect(seen.entries == [0, 1, 2, 3, 4])
                gate.open()
            }
        }
    }

    @Test("the empty key is a key, and no key is none")
    func emptyKey() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("all", to: Numbered.self) { event, context in
                    try await log.handle(event, context) { try await schedule.clock.sleep(for: .milliseconds(5)) }
                }
            } _: { bus in
                for number in 0..<6 { try await bus.publish(Numbered(number, key: number < 3 ? "" : nil)) }
            }
            #expect(log.overlaps.isEmpty)
            #expect(log.numbers(of: "") == [0, 1, 2])
            #expect(log.mostRunning == 4, "one of the empty key and three without")
        }
    }
}
