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

/// A command whose handler publishes a number, or emits it.
private struct Forward: Command {
    var number: Int
    var emits = false
}

@Suite("publishing inside a handler", .timeLimit(.minutes(10)))
struct HandlerPublishTests {
    @Test("never waits for its own queue, full as it may be", arguments: [1, 2, 4])
    func ownQueue(workers: Int) async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            try await withRunningBus(on: schedule) {
                $0.workers = workers
                $0.queue = QueuePolicy(capacity: 1)
            } handlers: { handlers in
                try handlers.subscribe("tree", to: Numbered.self) { event, context in
                    guard event.number > 0 else { return }
                    try await context.publish(Numbered(event.number - 1))
                    await Task.yield()
                    try context.emit(Numbered(event.number - 1))
                }
            } _: { bus in
                await schedule.idle()
                let outcome = try await bus.outcome(of: bus.publish(Numbered(5)), including: .descendants)
                #expect(outcome == Outcome(completed: 63))
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
            }
        }
    }

    @Test("never waits in a ring of subscriptions that feed each other while outsiders fill the queues")
    func ring() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            try await withRunningBus(on: schedule) {
                $0.workers = 2
                $0.queue = QueuePolicy(capacity: 1)
            } handlers: { handlers in
                try handlers.subscribe("numbers", to: Numbered.self) { event, context in
                    if event.number > 0 { try await context.publish(Lettered(String(event.number))) }
                }
                try handlers.subscribe("letters", to: Lettered.self) { event, context in
                    try await context.publish(Numbered((Int(event.letter) ?? 0) - 1))
                }
            } _: { bus in
                await schedule.idle()
                try await withThrowingTaskGroup(of: Outcome.self) { group in
                    for _ in 0..<4 {
                        group.addTask { try await bus.outcome(of: bus.publish(Numbered(3)), including: .descendants) }
                    }
                    for try await outcome in group { #expect(outcome == Outcome(completed: 7)) }
                }
            }
        }
    }

    @Test("does not wait in a child task, in a command, or where the queue rejects")
    func otherWays() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                let policy = QueuePolicy(capacity: 1, overflow: schedule.seed % 2 == 0 ? .suspend : .reject)
                try handlers.subscribe("full", to: Lettered.self, queue: policy) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try await context.publish(Lettered("a"))
                    async let child = context.publish(Lettered("b"))
                    _ = try await child
                    try await context.send(Forward(number: 0))
                    try await context.send(Forward(number: 0, emits: true))
                    #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                }
                try handlers.handle(Forward.self) { command, context in
                    if command.emits { try context.emit(Lettered("c")) } else { try await context.publish(Lettered("d")) }
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)), including: .descendants)
                #expect(outcome == Outcome(completed: 5))
            }
        }
    }

    @Test("a task that outlives its handler waits like anybody outside")
    func afterHandler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let times = Journal<MonotonicTime>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("full", to: Lettered.self, queue: QueuePolicy(capacity: 1)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(5))
                }
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try await context.publish(Lettered("a"))
                    Task(executorPreference: schedule.executor) {
                        try await schedule.clock.sleep(for: .seconds(1))
                        try await context.publish(Lettered("b"))
                        times.append(schedule.clock.now)
                    }
                }
            } _: { bus in
                try await bus.publish(Numbered(1))
                try await schedule.clock.sleep(for: .seconds(6))
                #expect(times.entries == [MonotonicTime(nanoseconds: 5_000_000_000)])
                try await EventProbe(bus).settle()
            }
        }
    }

    // MARK: - Headroom

    @Test("past the headroom a publish throws, a batch as a whole, and nothing of it is stored")
    func headroomExhausted() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let reasons = Journal<PublishError.Reason?>()
            let buses = Journal<EventBus>()
            let gate = Gate()
            try await withRunningBus(on: schedule) {
                $0.handlerHeadroom = 3
            } handlers: { handlers in
                try handlers.subscribe("full", to: Lettered.self, queue: QueuePolicy(capacity: 2)) { _, _ in await gate.wait() }
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    for _ in 0..<4 { try await context.publish(Lettered("a")) }
                    let bus = buses.entries[0]
                    reasons.append(await rejection { try await bus.publish(contentsOf: [Lettered("b"), Lettered("c")]) })
                    reasons.append(await rejection { try await context.publish(Lettered("d")) })
                    reasons.append(await rejection { try await context.publish(Lettered("e")) })
                    gate.open()
                }
            } _: { bus in
                buses.append(bus)
                let probe = EventProbe(bus)
                try await bus.publish(Numbered(1))
                try await probe.settle()
                #expect(reasons.entries == [.headroomExhausted, nil, .headroomExhausted])
                #expect(probe.events(of: Lettered.self).map(\.event.letter) == ["a", "a", "a", "a", "d"])
            }
        }
    }

    @Test("emissions past the headroom repeat the attempt later, which counts against nobody")
    func emissionsDeferred() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signals = Journal<Signal>()
            let attempts = Journal<Int>()
            try await withRunningBus(on: schedule) {
                $0.handlerHeadroom = 0
                $0.hooks.observe = { signals.append($0) }
            } handlers: { handlers in
                try handlers.subscribe("full", to: Lettered.self, order: .serial, queue: QueuePolicy(capacity: 2)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
                try handlers.subscribe("source", to: Numbered.self, retry: .none) { _, context in
                    attempts.append(context.attempt)
                    try context.emit(Lettered("x"))
                    try context.emit(Lettered("y"))
                }
            } _: { bus in
                let probe = EventProbe(bus)
                try await bus.publish(Lettered("blocks"))
                let receipt = try await bus.publish(Numbered(1, key: "k"))
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1))
                #expect(schedule.clock.now >= MonotonicTime(nanoseconds: 1_000_000_000))
                #expect(attempts.count > 1)
                #expect(Set(attempts.entries) == [1])
                let deferred = signals.entries.filter { $0.kind == .deferred }
                #expect(deferred.count == attempts.count - 1)
                #expect(deferred.allSatisfy { $0.eventID == receipt.id && $0.subscription == "source" })
                #expect(await bus.statistics(of: "source").failedAttempts == 0)
                #expect(
                    probe.events(of: Lettered.self).map(\.event.letter) == ["blocks", "x", "y"], "once, whatever was deferred")
                #expect(signals.entries.count { $0.kind == .retried || $0.kind == .failed } == 0)
            }
        }
    }

    @Test("emissions that can never fit are a failure and not an endless wait")
    func emissionsNeverFit() async throws {
        try await exploreSchedules(seeds: [0]) { schedule in
            try await withRunningBus(on: schedule) {
                $0.handlerHeadroom = 2
            } handlers: { handlers in
                try handlers.subscribe("small", to: Lettered.self, queue: QueuePolicy(capacity: 2)) { _, _ in }
                try handlers.subscribe("source", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 3)) { _, context in
                    for _ in 0..<5 { try context.emit(Lettered("x")) }
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipt = try await bus.publish(Numbered(1))
                try await probe.settle(within: .seconds(600))
                #expect(try await bus.outcome(of: receipt) == Outcome(dead: 1))
                #expect(probe.events(of: Lettered.self).isEmpty)
            }
        }
    }

    @Test("queues that drop have no headroom and need none")
    func droppingQueues() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) {
                $0.handlerHeadroom = 0
            } handlers: { handlers in
                try handlers.subscribe("full", to: Lettered.self, queue: QueuePolicy(capacity: 1, overflow: .dropNewest)) {
                    _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try await context.publish(Lettered("a"))
                    try await context.publish(Lettered("b"))
                    try context.emit(Lettered("c"))
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)), including: .descendants)
                #expect(outcome == Outcome(completed: 2, dropped: 2))
            }
        }
    }
}
