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

@Suite("What a bus refuses while it shuts down and after", .timeLimit(.minutes(10)))
struct ShutdownRefusalTests {
    private struct Ask: Command {
        typealias Reply = Int
    }

    /// A bus with a handler held at a gate, so that it drains for as long as a test wants.
    private static func withDrainingBus(
        _ schedule: SeededSchedule, _ body: @escaping @Sendable (EventBus, Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        let bus = try makeBus(on: schedule) { handlers in
            try handlers.subscribe("held", to: Numbered.self, retry: .none) { event, _ in
                guard event.number == 0 else { throw TestFault() }
                await gate.wait()
            }
            try handlers.handle(Ask.self) { _, _ in 42 }
        }
        async let report = bus.run()
        try await bus.publish(Numbered(1))
        try await bus.publish(Numbered(0))
        while gate.arrivals == 0 { await schedule.idle() }
        bus.beginShutdown()
        do {
            try await body(bus, gate)
        } catch {
            gate.open()
            throw error
        }
        gate.open()
        _ = try await report
    }

    @Test("from the moment beginShutdown returns, publishes, batches, commands, subscriptions and redrives are refused")
    func draining() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await Self.withDrainingBus(schedule) { bus, _ in
                for round in 0..<2 {
                    #expect(await rejection { try await bus.publish(Numbered(2)) } == .shuttingDown, "round \(round)")
                    #expect(await rejection { try await bus.publish(contentsOf: [Numbered(2)]) } == .shuttingDown)
                    #expect(await errorCode { try await bus.send(Ask()) } == .shuttingDown)
                    #expect(await errorCode { try await bus.subscribe("late", to: Numbered.self) { _, _ in } } == .shuttingDown)
                    #expect(await errorCode { try await bus.deadLetters.redrive(matching: .all) } == .shuttingDown)
                    let letter = DeadLetter.ID(subscription: "held", offset: Offset(rawValue: 1))
                    #expect(await errorCode { _ = try await bus.deadLetters.redrive(letter) } == .shuttingDown)
                    await schedule.idle()
                }
                #expect((try? await bus.deadLetters.list().letters.count) == 1)
                #expect(await bus.statistics().published == 2, "seed \(schedule.seed)")
            }
        }
    }

    @Test("on a closed bus all of them are refused for good; reading it still works")
    func closed() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in throw TestFault() }
                try handlers.handle(Ask.self) { _, _ in 42 }
            } _: { bus in
                (bus, try await bus.publish(Numbered(0)))
            }
            let (bus, receipt) = result.value
            #expect(await rejection { try await bus.publish(Numbered(2)) } == .closed)
            #expect(await rejection { try await bus.publish(contentsOf: [Numbered(2)]) } == .closed)
            #expect(await errorCode { try await bus.send(Ask()) } == .closed)
            #expect(await errorCode { try await bus.subscribe("late", to: Numbered.self) { _, _ in } } != nil)
            #expect(await errorCode { try await bus.deadLetters.redrive(matching: .all) } == .closed)
            let letters = try await bus.deadLetters.list().letters
            #expect(letters.count == 1, "seed \(schedule.seed)")
            let outcome = try await bus.outcome(of: receipt)
            #expect(outcome == Outcome(dead: 1))
            try await bus.deadLetters.discard(matching: .all, reason: "read")
            #expect(try await bus.deadLetters.list().letters.isEmpty)
            #expect(await bus.statistics().published == 1)
        }
    }

    @Test("an empty batch is no publish: it is refused nowhere")
    func emptyBatch() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let result = try await withRunningBus(on: schedule) { _ in
            } _: {
                $0
            }
            let receipts = try await result.value.publish(contentsOf: [Numbered]())
            #expect(receipts.isEmpty)
        }
    }

    @Test("a running handler may still publish, emit and send while the bus drains")
    func insideHandler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let seen = Journal<Int>()
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, context in
                    seen.append(event.number)
                    guard event.number == 0 else { return }
                    await gate.wait()
                    try await context.publish(Numbered(1))
                    try context.emit(Numbered(2))
                    seen.append(try await context.send(Ask()))
                }
                try handlers.handle(Ask.self) { _, context in
                    try context.emit(Numbered(3))
                    return 42
                }
            }
            async let report = bus.run()
            try await bus.publish(Numbered(0))
            while gate.arrivals == 0 { await schedule.idle() }
            bus.beginShutdown()
            await schedule.idle()
            gate.open()
            let result = try await report
            #expect(seen.entries.sorted() == [0, 1, 2, 3, 42], "seed \(schedule.seed)")
            #expect(result == ShutdownReport.completed(4))
        }
    }

    @Test("publishers that wait for room are turned away when the shutdown begins, and nothing of theirs is stored")
    func waitingPublishers() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let bus = try makeBus(on: schedule, configure: { $0.queue = QueuePolicy(capacity: 1) }) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
            }
            async let report = bus.run()
            try await bus.publish(Numbered(0))
            while gate.arrivals == 0 { await schedule.idle() }
            let reasons = Journal<PublishError.Reason?>()
            await withTaskGroup(of: Void.self) { group in
                for number in 1...3 {
                    group.addTask { reasons.append(await rejection { try await bus.publish(Numbered(number)) }) }
                }
                await schedule.idle()
                #expect(await bus.statistics().waitingPublishers == 3)
                bus.beginShutdown()
            }
            #expect(reasons.entries == Array(repeating: .shuttingDown, count: 3), "seed \(schedule.seed)")
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0), "at once, and not when the deadline comes")
            #expect(await bus.statistics().waitingPublishers == 0)
            gate.open()
            let result = try await report
            #expect(result == ShutdownReport.completed(1))
            #expect(await bus.statistics().published == 1)
        }
    }

    @Test("a publish and a shutdown at the same time: the event is refused or handled, never lost")
    func race() async throws {
        let handled = Counter()
        try await exploreSchedules(seeds: 0..<200) { schedule in
            let seen = Counter()
            let bus = try makeBus(on: schedule, configure: { $0.queue = QueuePolicy(capacity: 2) }) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in seen.increment() }
            }
            async let report = bus.run()
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<6 {
                    group.addTask { await rejection { try await bus.publish(Numbered(number)) } == nil }
                }
                group.addTask {
                    bus.beginShutdown()
                    return false
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            _ = try await report
            #expect(seen.value == accepted, "seed \(schedule.seed)")
            if accepted > 0 { handled.increment() }
        }
        #expect((1..<200).contains(handled.value), "both ends are among the schedules")
    }

    @Test("an outcome that is still open when the bus closes is an error and not a hang")
    func openOutcome() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
            }
            async let report = bus.run()
            let receipt = try await bus.publish(Numbered(0))
            async let code = errorCode { _ = try await bus.outcome(of: receipt) }
            async let descendants = errorCode { _ = try await bus.outcome(of: receipt, including: .descendants) }
            while gate.arrivals == 0 { await schedule.idle() }
            bus.beginShutdown()
            let codes = await [code, descendants]
            #expect(codes == [.closed, .closed], "seed \(schedule.seed)")
            _ = try await report
        }
    }
}
