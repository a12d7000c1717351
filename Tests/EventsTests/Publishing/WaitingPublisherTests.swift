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

@Suite("publishers that wait for room", .timeLimit(.minutes(10)))
struct WaitingPublisherTests {
    /// Runs a bus with one serial subscription, "slow", that takes a second for each event, and lets it start before `body` begins.
    private func withSlowBus(
        on schedule: SeededSchedule, capacity: Int, handled: Journal<Int> = Journal(),
        _ body: @escaping @Sendable (EventBus) async throws -> Void
    ) async throws {
        try await withRunningBus(on: schedule) { handlers in
            try handlers.subscribe("slow", to: Numbered.self, order: .serial, queue: QueuePolicy(capacity: capacity)) {
                event, _ in
                try await schedule.clock.sleep(for: .seconds(1))
                handled.append(event.number)
            }
        } _: { bus in
            await schedule.idle()
            try await body(bus)
        }
    }

    @Test("a publish returns when there is room, and not before")
    func waits() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withSlowBus(on: schedule, capacity: 2) { bus in
                try await bus.publish(contentsOf: [Numbered(0), Numbered(1)])
                for second in 1...3 as ClosedRange<Int64> {
                    try await bus.publish(Numbered(2))
                    #expect(schedule.clock.now == MonotonicTime(nanoseconds: second * 1_000_000_000))
                    #expect(await bus.statistics(of: "slow").unfinished == 2)
                }
            }
        }
    }

    @Test("they are served in the order in which they came, and a new one does not overtake them")
    func inOrder() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withSlowBus(on: schedule, capacity: 1, handled: handled) { bus in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<8 {
                        group.addTask { try await bus.publish(Numbered(number)) }
                        await schedule.idle()
                    }
                    #expect(await bus.statistics().waitingPublishers == 7)
                    try await group.waitForAll()
                }
                try await EventProbe(bus).settle()
                #expect(handled.entries == Array(0..<8))
                #expect(await bus.statistics().waitingPublishers == 0)
            }
        }
    }

    @Test("a small publish does not overtake a batch that waits for more room")
    func behindBatch() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withSlowBus(on: schedule, capacity: 3, handled: handled) { bus in
                try await bus.publish(contentsOf: [Numbered(0), Numbered(1)])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await bus.publish(contentsOf: [Numbered(2), Numbered(3), Numbered(4)]) }
                    await schedule.idle()
                    group.addTask { try await bus.publish(Numbered(5)) }
                    await schedule.idle()
                    try await group.waitForAll()
                }
                try await EventProbe(bus).settle()
                #expect(handled.entries == [0, 1, 2, 3, 4, 5])
            }
        }
    }

    @Test("nothing is lost or handled twice when many publish into a small queue")
    func stress() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            let handled = Journal<Int>()
            try await withRunningBus(on: schedule) { handlers in
                for name in ["a", "b"] {
                    try handlers.subscribe(name, to: Numbered.self, queue: QueuePolicy(capacity: name == "a" ? 1 : 3)) {
                        event, _ in
                        await Task.yield()
                        handled.append(event.number)
                    }
                }
            } _: { bus in
                await schedule.idle()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for publisher in 0..<6 {
                        group.addTask { for number in 0..<4 { try await bus.publish(Numbered(10 * publisher + number)) } }
                    }
                    try await group.waitForAll()
                }
                try await EventProbe(bus).settle()
                #expect(handled.count == 48)
                #expect(Set(handled.entries).count == 24)
            }
        }
    }

    @Test("one that waits for two queues enters both or none")
    func twoQueues() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gates = ["a": Gate(), "b": Gate()]
            try await withRunningBus(on: schedule) { handlers in
                for (name, gate) in gates.sorted(by: { $0.key < $1.key }) {
                    try handlers.subscribe(name, to: Numbered.self, queue: QueuePolicy(capacity: 1)) { _, _ in await gate.wait() }
                }
            } _: { bus in
                await schedule.idle()
                try await bus.publish(Numbered(1))
                async let second = bus.publish(Numbered(2))
                await schedule.idle()
                gates["a"]?.open()
                await schedule.idle()
                #expect(await bus.statistics().published == 1)
                #expect(await bus.statistics(of: "a").unfinished == 0)
                gates["b"]?.open()
                _ = try await bus.outcome(of: second)
                #expect(await bus.statistics(of: "a").completed == 2)
                #expect(await bus.statistics(of: "b").completed == 2)
            }
        }
    }

    // MARK: - Cancellation

    @Test("cancelled while it waits, a publish throws and stores nothing")
    func cancelledDuring() async throws {
        try await exploreSchedules(seeds: 0..<60) { schedule in
            try await withSlowBus(on: schedule, capacity: 1) { bus in
                try await bus.publish(Numbered(0))
                let probe = EventProbe(bus)
                let task = Task(executorPreference: schedule.executor) { await rejection { try await bus.publish(Numbered(1)) } }
                for _ in 0..<(schedule.seed % 12) { await Task.yield() }
                task.cancel()
                #expect(await task.value == .cancelled)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                try await probe.expectNone(of: Numbered.self)
                #expect(await bus.statistics().waitingPublishers == 0)
            }
        }
    }

    @Test("cancelled before, a publish that need not wait is not disturbed, and one that must is rejected")
    func cancelledBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withSlowBus(on: schedule, capacity: 1) { bus in
                let task = Task(executorPreference: schedule.executor) {
                    while !Task.isCancelled { await Task.yield() }
                    let first = await rejection { try await bus.publish(Numbered(0)) }
                    return (first, await rejection { try await bus.publish(Numbered(1)) })
                }
                task.cancel()
                let reasons = await task.value
                #expect(reasons.0 == nil)
                #expect(reasons.1 == .cancelled)
                #expect(await bus.statistics().published == 1)
            }
        }
    }

    @Test("cancelled when it has been let in, a publish has succeeded: it throws if and only if the event is not stored")
    func cancelledAfter() async throws {
        try await exploreSchedules(seeds: 0..<200) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("quick", to: Numbered.self, queue: QueuePolicy(capacity: 1)) { _, _ in await Task.yield() }
            } _: { bus in
                await schedule.idle()
                let probe = EventProbe(bus)
                try await bus.publish(Numbered(0))
                let task = Task(executorPreference: schedule.executor) { await rejection { try await bus.publish(Numbered(1)) } }
                for _ in 0..<(schedule.seed % 20) { await Task.yield() }
                task.cancel()
                let reason = await task.value
                try await probe.settle()
                let isStored = probe.events(of: Numbered.self).contains { $0.event.number == 1 }
                #expect(isStored == (reason == nil))
                #expect(await bus.statistics(of: "quick").completed == (isStored ? 2 : 1))
            }
        }
    }

    @Test("those behind a cancelled one move up")
    func movesUp() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withSlowBus(on: schedule, capacity: 1, handled: handled) { bus in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await bus.publish(Numbered(0))
                    let cancelled = Task(executorPreference: schedule.executor) { try await bus.publish(Numbered(1)) }
                    await schedule.idle()
                    group.addTask { try await bus.publish(Numbered(2)) }
                    await schedule.idle()
                    cancelled.cancel()
                    try await group.waitForAll()
                }
                try await EventProbe(bus).settle()
                #expect(handled.entries == [0, 2])
            }
        }
    }

    @Test("a batch that gives up lets those behind it, and new ones, use the room it could not")
    func cancelledBatchMakesWay() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withSlowBus(on: schedule, capacity: 3) { bus in
                try await bus.publish(Numbered(0))
                let batch = Task(executorPreference: schedule.executor) {
                    try await bus.publish(contentsOf: [Numbered(1), Numbered(2), Numbered(3)])
                }
                await schedule.idle()
                let behind = Task(executorPreference: schedule.executor) { try await bus.publish(Numbered(4)) }
                await schedule.idle()
                batch.cancel()
                await #expect(throws: PublishError.self) { try await batch.value }
                _ = try await behind.value
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0), "there was room all the time")
                try await bus.publish(Numbered(5))
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
            }
        }
    }

    // MARK: - Other ends of the wait

    @Test("a shutdown turns them away")
    func shutdown() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withSlowBus(on: schedule, capacity: 1) { bus in
                try await bus.publish(Numbered(0))
                let task = Task(executorPreference: schedule.executor) { await rejection { try await bus.publish(Numbered(1)) } }
                await schedule.idle()
                bus.beginShutdown()
                #expect(await task.value == .shuttingDown)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                #expect(await bus.statistics().published == 1)
            }
        }
    }

    @Test("when the subscription they wait for ends, they are let in at once")
    func subscriptionEnds() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                let handle = try await bus.subscribe(
                    "late", to: Numbered.self, options: SubscriptionOptions(queue: QueuePolicy(capacity: 1))
                ) { _, _ in await gate.wait() }
                await schedule.idle()
                try await bus.publish(Numbered(1))
                await schedule.idle()
                let task = Task(executorPreference: schedule.executor) { try await bus.publish(Numbered(2)) }
                await schedule.idle()
                await handle.cancel()
                await schedule.idle()
                #expect(await bus.statistics().published == 2, "the handler that still runs is nobody's room any more")
                gate.open()
                _ = try await task.value
            }
        }
    }
}
