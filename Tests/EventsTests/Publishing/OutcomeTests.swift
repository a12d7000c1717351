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

@Suite("outcome(of:)", .timeLimit(.minutes(10)))
struct OutcomeTests {
    @Test("it counts the deliveries of the event, when all of them are resolved")
    func handlers() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("quick", to: Numbered.self) { _, _ in }
                try handlers.subscribe("slow", to: Numbered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(3)) }
                try handlers.subscribe("other", to: Lettered.self) { _, _ in }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome.completed == 2)
                #expect(outcome.isSuccess)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 3_000_000_000))
            }
        }
    }

    @Test("an event that nobody subscribed to is resolved at once, also before the bus runs")
    func nobody() async throws {
        let bus = try EventBus()
        let receipt = try await bus.publish(Numbered(1))
        #expect(try await bus.outcome(of: receipt).completed == 0)
        #expect(try await bus.outcome(of: receipt, including: .descendants).isSuccess)
    }

    @Test("asked again after all is resolved, it answers the same at once")
    func afterwards() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, context in try context.emit(Lettered("x")) }
                try handlers.subscribe("b", to: Lettered.self) { _, _ in }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                try await EventProbe(bus).settle()
                let time = schedule.clock.now
                #expect(try await bus.outcome(of: receipt).completed == 1)
                #expect(try await bus.outcome(of: receipt, including: .descendants).completed == 2)
                #expect(schedule.clock.now == time)
            }
        }
    }

    @Test("with descendants it waits for everything that follows, however deep, and by whichever way it was published")
    func descendants() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("tree", to: Numbered.self) { event, context in
                    try await schedule.clock.sleep(for: .milliseconds(100))
                    guard event.number > 0 else { return }
                    try context.emit(Numbered(event.number - 1))
                    try await context.publish(Numbered(event.number - 1))
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(3))
                async let own = bus.outcome(of: receipt)
                let all = try await bus.outcome(of: receipt, including: .descendants)
                #expect(all.completed == 15)
                #expect(try await own.completed == 1)
                #expect(await bus.statistics(of: "tree").unfinished == 0)
            }
        }
    }

    @Test("without descendants it does not wait for them")
    func ownOnly() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("first", to: Numbered.self) { _, context in try context.emit(Lettered("x")) }
                try handlers.subscribe("second", to: Lettered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(60)) }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome.completed == 1)
                #expect(schedule.clock.now < MonotonicTime(nanoseconds: 60_000_000_000))
            }
        }
    }

    @Test("failed deliveries are counted and not thrown: dead, parked, discarded, dropped")
    func failures() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("dies", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 3)) { _, _ in
                    throw TestFault()
                }
                try handlers.subscribe("discards", to: Numbered.self) { _, _ in throw Disposition.discard("not wanted") }
                try handlers.subscribe("completes", to: Numbered.self) { _, _ in }
                try handlers.subscribe("drops", to: Numbered.self, queue: QueuePolicy(capacity: 1, overflow: .dropNewest)) {
                    _, _ in
                    try await schedule.clock.sleep(for: .seconds(10))
                }
            } _: { bus in
                let first = try await bus.publish(Numbered(1, key: "k"))
                let second = try await bus.publish(Numbered(2, key: "k"))
                let outcome = try await bus.outcome(of: second)
                #expect(outcome == Outcome(completed: 1, dead: 0, discarded: 1, parked: 1, dropped: 1))
                #expect(!outcome.isSuccess)
                #expect(try await bus.outcome(of: first) == Outcome(completed: 2, dead: 1, discarded: 1, parked: 0, dropped: 0))
            }
        }
    }

    @Test("a delivery that the oldest-first policy drops resolves its event's outcome")
    func droppedLater() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.subscribe("drops", to: Numbered.self, queue: QueuePolicy(capacity: 1, overflow: .dropOldest)) {
                        _, _ in
                    }
                })
            let first = try await bus.publish(Numbered(1))
            async let outcome = bus.outcome(of: first)
            await schedule.idle()
            try await bus.publish(Numbered(2))
            #expect(try await outcome.dropped == 1)
        }
    }

    @Test("many may wait for one event, each for its own scope")
    func manyWaiters() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, context in try context.emit(Lettered("x")) }
                try handlers.subscribe("b", to: Lettered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(1)) }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0..<6 {
                        group.addTask {
                            try await bus.outcome(of: receipt, including: index < 3 ? .handlers : .descendants).completed
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(counts.sorted() == [1, 1, 1, 2, 2, 2])
            }
        }
    }

    // MARK: - Ends of the wait

    @Test("cancellation ends the wait alone, whenever it comes")
    func cancelled() async throws {
        try await exploreSchedules(seeds: 0..<60) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Numbered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(1)) }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                let task = Task(executorPreference: schedule.executor) { try await bus.outcome(of: receipt) }
                for _ in 0..<(schedule.seed % 12) { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                #expect(try await bus.outcome(of: receipt).completed == 1)
            }
        }
    }

    @Test("a cancelled task still gets the outcome of what is resolved already")
    func cancelledAfter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, _ in }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                _ = try await bus.outcome(of: receipt)
                let task = Task(executorPreference: schedule.executor) {
                    while !Task.isCancelled { await Task.yield() }
                    return try await bus.outcome(of: receipt).completed
                }
                task.cancel()
                #expect(try await task.value == 1)
            }
        }
    }

    @Test("a bus that closes ends the wait with `closed`, and answers for what is resolved")
    func closed() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.subscribe("quick", to: Lettered.self) { _, _ in }
                    try handlers.subscribe("endless", to: Numbered.self) { _, _ in
                        try await schedule.clock.sleep(for: .seconds(9_999))
                    }
                })
            let run = Task(executorPreference: schedule.executor) { try await bus.run() }
            let quick = try await bus.publish(Lettered("a"))
            let endless = try await bus.publish(Numbered(1))
            let waiting = Task(executorPreference: schedule.executor) { try await bus.outcome(of: endless) }
            _ = try await bus.outcome(of: quick)
            await schedule.idle()
            run.cancel()
            let report = try await run.value
            #expect(report.released == 1)
            let during = await #expect(throws: EventBusError.self) { try await waiting.value }
            #expect(during?.code == .closed)
            let after = await #expect(throws: EventBusError.self) { try await bus.outcome(of: endless) }
            #expect(after?.code == .closed)
            #expect(try await bus.outcome(of: quick).completed == 1)
        }
    }

    // MARK: - Inside handlers

    @Test("inside a handler it throws `wouldDeadlock`, also in child tasks, in commands, and for what is resolved")
    func insideHandler() async throws {
        struct Ask: Command {}
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let buses = Journal<EventBus>()
            let receipts = Journal<Receipt>()
            let codes = Journal<EventBusError.Code?>()
            @Sendable func ask() async {
                codes.append(await errorCode { _ = try await buses.entries[0].outcome(of: receipts.entries[0]) })
            }
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("curious", to: Numbered.self) { _, context in
                    await ask()
                    async let child: Void = ask()
                    await child
                    try await context.send(Ask())
                }
                try handlers.handle(Ask.self) { _, _ in await ask() }
            } _: { bus in
                buses.append(bus)
                receipts.append(try await bus.publish(Lettered("resolved")))
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(codes.entries == [.wouldDeadlock, .wouldDeadlock, .wouldDeadlock])
                try await bus.send(Ask())
                #expect(codes.entries.last == .some(nil), "a command from outside holds no worker")
            }
        }
    }

    @Test("a handler may wait for an outcome on another bus")
    func otherBus() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let counts = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("inner", to: Lettered.self) { _, _ in }
            } _: { inner in
                try await withRunningBus(on: schedule) { handlers in
                    try handlers.subscribe("outer", to: Numbered.self) { _, _ in
                        counts.append(try await inner.outcome(of: inner.publish(Lettered("x"))).completed)
                    }
                } _: { outer in
                    _ = try await outer.outcome(of: outer.publish(Numbered(1)))
                }
            }
            #expect(counts.entries == [1])
        }
    }

    @Test("a task that outlives its handler may wait")
    func afterHandler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let buses = Journal<EventBus>()
            let counts = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("starter", to: Numbered.self) { _, context in
                    let receipt = try await context.publish(Lettered("x"))
                    Task(executorPreference: schedule.executor) {
                        try await schedule.clock.sleep(for: .seconds(1))
                        counts.append(try await buses.entries[0].outcome(of: receipt).completed)
                    }
                }
                try handlers.subscribe("slow", to: Lettered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(5)) }
            } _: { bus in
                buses.append(bus)
                try await bus.publish(Numbered(1))
                try await schedule.clock.sleep(for: .seconds(6))
                #expect(counts.entries == [1])
            }
        }
    }
}
