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

private struct Ask: Command {
    static let name = "test.ask"
    var fails = false
}

@Suite("signals", .timeLimit(.minutes(10)))
struct SignalTests {
    /// Runs a bus on a schedule and returns the signals that its observer got by the time it had closed.
    private func signals(
        on schedule: SeededSchedule, configure: (inout EventBusConfiguration) -> Void = { _ in },
        handlers: @Sendable (inout HandlerRegistry) throws -> Void, _ body: @escaping @Sendable (EventBus) async throws -> Void
    ) async throws -> [Signal] {
        let journal = Journal<Signal>()
        try await withRunningBus(on: schedule) {
            configure(&$0)
            $0.hooks.observe = { journal.append($0) }
        } handlers: {
            try handlers(&$0)
        } _: { bus in
            try await body(bus)
            try await EventProbe(bus).settle()
        }
        return journal.entries
    }

    @Test("a delivery that completes: published, started, completed")
    func completed() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signals = try await signals(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(2)) }
            } _: { bus in
                try await bus.publish(Numbered(1, key: "k"))
            }
            #expect(signals.map(\.kind) == [.published, .started, .completed])
            #expect(signals.map(\.subscription) == [nil, "a", "a"])
            #expect(signals.map(\.attempt) == [nil, 1, 1])
            #expect(signals.map(\.duration) == [nil, nil, .seconds(2)])
            #expect(
                signals.allSatisfy { $0.eventName == "test.numbered" && $0.offset == Offset(rawValue: 1) && $0.errorType == nil })
            #expect(Set(signals.map(\.eventID)).count == 1)
        }
    }

    @Test("a delivery that fails for good: failed and retried for each attempt, then failed and dead-lettered")
    func deadLettered() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signals = try await signals(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self, retry: .constant(.seconds(3), maxAttempts: 2)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                    throw TestFault()
                }
            } _: { bus in
                try await bus.publish(Numbered(1))
            }
            #expect(
                signals.map(\.kind) == [.published, .started, .failed, .retried, .started, .failed, .deadLettered])
            #expect(signals.map(\.attempt).prefix(6) == [nil, 1, 1, 1, 2, 2])
            #expect(
                signals.filter { $0.kind == .failed }.allSatisfy { $0.errorType == "TestFault" && $0.duration == .seconds(1) })
            #expect(signals[3].delay == .seconds(3))
            #expect(signals[6].errorType == "TestFault")
        }
    }

    @Test("parking, redriving, unparking")
    func parked() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let fails = Counter()
            let signals = try await signals(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self, retry: .none) { event, _ in
                    if fails.value == 0 { throw TestFault() }
                }
            } _: { bus in
                try await bus.publish(Numbered(1, key: "k"))
                try await EventProbe(bus).settle()
                try await bus.publish(Numbered(2, key: "k"))
                fails.increment()
                try await bus.deadLetters.redrive(matching: .all)
            }
            #expect(
                signals.map { "\($0.kind) \($0.offset?.rawValue ?? 0)" } == [
                    "published 1", "started 1", "failed 1", "deadLettered 1", "published 2", "parked 2", "redriven 1",
                    "started 1",
                    "unparked 2", "completed 1", "started 2", "completed 2",
                ]
                    || signals.map { "\($0.kind) \($0.offset?.rawValue ?? 0)" } == [
                        "published 1", "started 1", "failed 1", "deadLettered 1", "published 2", "parked 2", "redriven 1",
                        "started 1", "completed 1", "unparked 2", "started 2", "completed 2",
                    ])
        }
    }

    @Test("a handler that steers: discarded, and retried without a failure")
    func steered() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signals = try await signals(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, context in
                    throw context.attempt == 1 ? Disposition.retry(after: .seconds(5)) : .discard("enough")
                }
            } _: { bus in
                try await bus.publish(Numbered(1))
            }
            #expect(signals.map(\.kind) == [.published, .started, .retried, .started, .discarded])
            #expect(signals[2].delay == .seconds(5))
        }
    }

    @Test("a handler that ignores its timeout: timed out, abandoned, failed, and its late result")
    func abandoned() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let signals = try await signals(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in await gate.wait() }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
                gate.open()
                await schedule.idle()
            }
            #expect(
                signals.map(\.kind) == [.published, .started, .timedOut, .abandoned, .failed, .deadLettered, .lateResult])
            #expect(signals[4].errorType == "HandlerTimeout")
            #expect(signals[4].duration == .seconds(6))
            #expect(signals[6].subscription == "a")
        }
    }

    @Test("what a shutdown interrupts or does not come to is released")
    func released() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let journal = Journal<Signal>()
            let bus = try makeBus(on: schedule) {
                $0.hooks.observe = { journal.append($0) }
                $0.shutdownDeadline = .seconds(1)
            } handlers: { handlers in
                try handlers.subscribe("a", to: Numbered.self, order: .serial) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(60))
                }
            }
            try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
            bus.beginShutdown()
            let report = try await bus.run()
            #expect(report.released == 2)
            let released = journal.entries.filter { $0.kind == .released }
            #expect(released.map { $0.offset?.rawValue } == [1, 2])
            #expect(released.map(\.attempt) == [1, nil])
        }
    }

    @Test("what a full store of dead letters gives up is evicted")
    func evicted() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signals = try await signals(on: schedule) {
                $0.deadLetterCapacity = 2
            } handlers: { handlers in
                try handlers.subscribe("a", to: Numbered.self, retry: .none, order: .serial, onDeadLetter: .continue) { _, _ in
                    throw TestFault()
                }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<4).map { Numbered($0) })
            }
            #expect(signals.filter { $0.kind == .evicted }.map { $0.offset?.rawValue } == [1, 2])
        }
    }

    @Test("commands: started, and completed or failed")
    func commands() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signals = try await signals(on: schedule) { handlers in
                try handlers.handle(Ask.self) { command, context in
                    try await schedule.clock.sleep(for: .seconds(1))
                    try context.emit(Lettered("a"))
                    if command.fails { throw TestFault() }
                }
                try handlers.subscribe("source", to: Numbered.self) { _, context in try await context.send(Ask()) }
            } _: { bus in
                try await bus.send(Ask())
                await #expect(throws: TestFault.self) { try await bus.send(Ask(fails: true)) }
                try await bus.publish(Numbered(1))
            }
            #expect(
                signals.map(\.kind) == [
                    .commandStarted, .published, .commandCompleted, .commandStarted, .commandFailed, .published, .started,
                    .commandStarted, .published, .commandCompleted, .completed,
                ])
            let ofCommands = signals.filter { "\($0.kind)".hasPrefix("command") }
            #expect(ofCommands.allSatisfy { $0.eventName == "test.ask" && $0.offset == nil })
            #expect(ofCommands.map(\.duration) == [nil, .seconds(1), nil, .seconds(1), nil, .seconds(1)])
            #expect(ofCommands.map(\.errorType) == [nil, nil, nil, "TestFault", nil, nil])
            #expect(ofCommands.map(\.subscription) == [nil, nil, nil, nil, "source", "source"])
        }
    }

    @Test("the signals of a busy bus add up to its statistics")
    func addUp() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let counts = Journal<EventBusStatistics.Subscription>()
            let signals = try await signals(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self, retry: .constant(.milliseconds(10), maxAttempts: 3)) {
                    event, context in
                    await Task.yield()
                    if event.number % 5 == 0 { throw TestFault() }
                    if event.number % 7 == 0, context.attempt == 1 { throw TestFault() }
                    if event.number % 11 == 0 { throw Disposition.discard("eleven") }
                }
            } _: { bus in
                try await bus.publish(contentsOf: (0..<60).map { Numbered($0, key: "\($0 % 9)") })
                try await EventProbe(bus).settle()
                counts.append(await bus.statistics(of: "a"))
            }
            let own = try #require(counts.entries.first)
            func count(_ kind: Signal.Kind) -> Int { signals.count { $0.kind == kind } }
            #expect(count(.published) == 60)
            #expect(count(.completed) == own.completed)
            #expect(count(.failed) == own.failedAttempts)
            #expect(count(.deadLettered) == own.deadLettered)
            #expect(count(.discarded) == own.discarded)
            #expect(count(.parked) - count(.unparked) == own.parked)
            #expect(count(.started) == count(.completed) + count(.failed) + count(.discarded))
            #expect(own.completed + own.discarded + own.deadLetters + own.parked == 60)
        }
    }
}
