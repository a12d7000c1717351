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

/// Every call of the bus that can wait, cancelled before, during and after its wait. `run()` has a suite of its own.
@Suite("Cancelling a wait", .timeLimit(.minutes(10)))
struct SuspensionPointTests {
    private struct Ask: Command {
        typealias Reply = Int
    }

    /// A bus whose one queue has room for one, which a handler at the gate occupies.
    private static func withFullQueue(
        _ schedule: SeededSchedule, _ body: @escaping @Sendable (EventBus, Gate, Receipt) async throws -> Void
    ) async throws -> ShutdownReport {
        let gate = Gate()
        return try await withRunningBus(on: schedule, configure: { $0.queue = QueuePolicy(capacity: 1) }) { handlers in
            try handlers.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
        } _: { bus in
            while await bus.statistics().idleWorkers == 0 { await Task.yield() }
            let receipt = try await bus.publish(Numbered(0))
            while gate.arrivals == 0 { await schedule.idle() }
            do {
                try await body(bus, gate, receipt)
            } catch {
                gate.open()
                throw error
            }
            gate.open()
        }.report
    }

    /// A task that is cancelled before it does anything.
    private static func cancelled<Value: Sendable>(
        _ schedule: SeededSchedule, _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        let task = Task(executorPreference: schedule.executor) {
            while !Task.isCancelled { await Task.yield() }
            return await body()
        }
        task.cancel()
        return await task.value
    }

    // MARK: publish

    @Test("a publish that would wait in a task cancelled before is rejected and stored nowhere")
    func publishBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let report = try await Self.withFullQueue(schedule) { bus, _, _ in
                let reason = await Self.cancelled(schedule) { await rejection { try await bus.publish(Numbered(1)) } }
                #expect(reason == .cancelled, "seed \(schedule.seed)")
                #expect(await bus.statistics().waitingPublishers == 0)
            }
            #expect(report == ShutdownReport.completed(1))
        }
    }

    @Test("a publish that need not wait ignores that its task was cancelled")
    func publishWithRoom() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                await Self.cancelled(schedule) { await rejection { try await bus.publish(Numbered(1)) } }
            }
            #expect(result.value == nil, "seed \(schedule.seed)")
            #expect(result.report.completed == 1)
        }
    }

    @Test("a publish cancelled while it waits is rejected at once; those behind it are served as if it had not been there")
    func publishDuring() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let report = try await Self.withFullQueue(schedule) { bus, gate, _ in
                let first = Task(executorPreference: schedule.executor) { await rejection { try await bus.publish(Numbered(1)) } }
                await schedule.idle()
                let second = Task(executorPreference: schedule.executor) {
                    await rejection { try await bus.publish(Numbered(2)) }
                }
                await schedule.idle()
                first.cancel()
                #expect(await first.value == .cancelled, "seed \(schedule.seed)")
                #expect(await bus.statistics().waitingPublishers == 1)
                gate.open()
                #expect(await second.value == nil)
            }
            #expect(report == ShutdownReport.completed(2))
        }
    }

    @Test("a publish cancelled when there was room for it already is published")
    func publishAfter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let report = try await Self.withFullQueue(schedule) { bus, gate, _ in
                let publish = Task(executorPreference: schedule.executor) {
                    await rejection { try await bus.publish(Numbered(1)) }
                }
                await schedule.idle()
                gate.open()
                await schedule.idle()
                publish.cancel()
                #expect(await publish.value == nil, "seed \(schedule.seed)")
            }
            #expect(report == ShutdownReport.completed(2))
        }
    }

    @Test("a publish cancelled at the moment there is room is either rejected or published, and says truly which")
    func publishRace() async throws {
        let published = Counter()
        try await exploreSchedules(seeds: 0..<200) { schedule in
            let accepted = Counter()
            let report = try await Self.withFullQueue(schedule) { bus, gate, _ in
                let publish = Task(executorPreference: schedule.executor) {
                    await rejection { try await bus.publish(Numbered(1)) }
                }
                await schedule.idle()
                async let open: Void = gate.open()
                async let cancel: Void = publish.cancel()
                _ = await (open, cancel)
                if await publish.value == nil { accepted.increment() }
            }
            #expect(report == ShutdownReport.completed(1 + accepted.value), "seed \(schedule.seed)")
            if accepted.value > 0 { published.increment() }
        }
        #expect(published.value > 0)
    }

    // MARK: outcome

    @Test("waiting for an outcome in a task cancelled before ends at once, and ends nothing else")
    func outcomeBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let report = try await Self.withFullQueue(schedule) { bus, _, receipt in
                let isCancellation = await Self.cancelled(schedule) {
                    do {
                        _ = try await bus.outcome(of: receipt)
                        return false
                    } catch {
                        return error is CancellationError
                    }
                }
                #expect(isCancellation, "seed \(schedule.seed)")
            }
            #expect(report == ShutdownReport.completed(1))
        }
    }

    @Test("waiting for an outcome ends when it is cancelled; another who waits for the same still gets it")
    func outcomeDuring() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let report = try await Self.withFullQueue(schedule) { bus, gate, receipt in
                let first = Task(executorPreference: schedule.executor) { try await bus.outcome(of: receipt) }
                let second = Task(executorPreference: schedule.executor) { try await bus.outcome(of: receipt) }
                await schedule.idle()
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
                gate.open()
                let outcome = try await second.value
                #expect(outcome == Outcome(completed: 1), "seed \(schedule.seed)")
            }
            #expect(report == ShutdownReport.completed(1))
        }
    }

    @Test("an outcome that is known is returned also to a task that was cancelled")
    func outcomeAfter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            _ = try await Self.withFullQueue(schedule) { bus, gate, receipt in
                gate.open()
                _ = try await bus.outcome(of: receipt)
                let outcome = await Self.cancelled(schedule) { try? await bus.outcome(of: receipt) }
                #expect(outcome == Outcome(completed: 1), "seed \(schedule.seed)")
            }
        }
    }

    // MARK: send

    @Test("a command is cancelled with the task that sends it", arguments: ["before", "during", "after"])
    func send(when: String) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.handle(Ask.self) { _, context in
                    try context.emit(Numbered(1))
                    try await schedule.clock.sleep(for: .seconds(1))
                    return 42
                }
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            } _: { bus in
                let sender = Task(executorPreference: schedule.executor) {
                    if when == "before" { while !Task.isCancelled { await Task.yield() } }
                    return try await bus.send(Ask())
                }
                if when == "during" { while await bus.statistics().runningCommands == 0 { await Task.yield() } }
                if when == "after" { try await schedule.clock.sleep(for: .seconds(2)) }
                sender.cancel()
                if when == "after" {
                    let value = try await sender.value
                    #expect(value == 42)
                } else {
                    await #expect(throws: CancellationError.self) { try await sender.value }
                }
                #expect(await bus.statistics().runningCommands == 0)
            }
            #expect(result.report.completed == (when == "after" ? 1 : 0), "seed \(schedule.seed)")
        }
    }
}
