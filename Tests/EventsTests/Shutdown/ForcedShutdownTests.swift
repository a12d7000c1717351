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

@Suite("Shutdown: deadline, cancellation, grace", .timeLimit(.minutes(10)))
struct ForcedShutdownTests {
    private static func seconds(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    /// How a handler behaves when it is cancelled.
    enum Behaviour: Sendable, CaseIterable {
        case throwsAtOnce, cleansUp, returnsNormally, throwsOtherError, asksForRetry
    }

    @Test(
        "at the deadline what runs is cancelled; a delivery that is cancelled is released and not counted as failed",
        arguments: Behaviour.allCases)
    func cancelled(behaviour: Behaviour) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let cancelledAt = Journal<MonotonicTime>()
            let released = Counter()
            let result = try await withRunningBus(
                on: schedule, configure: { $0.hooks.observe = { if $0.kind == .released { released.increment() } } }
            ) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in
                    do {
                        try await schedule.clock.sleep(for: .seconds(1_000))
                    } catch {
                        cancelledAt.append(schedule.clock.now)
                        switch behaviour {
                        case .throwsAtOnce: throw error
                        case .cleansUp:
                            await Task(executorPreference: schedule.executor) {
                                try? await schedule.clock.sleep(for: .seconds(4))
                            }.value
                            throw error
                        case .returnsNormally: return
                        case .throwsOtherError: throw TestFault()
                        case .asksForRetry: throw Disposition.retry(after: .zero)
                        }
                    }
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(0))
                await schedule.idle()
                return (bus, receipt)
            }
            let (bus, receipt) = result.value
            #expect(cancelledAt.entries == [Self.seconds(30)], "seed \(schedule.seed)")
            #expect(schedule.clock.now == Self.seconds(behaviour == .cleansUp ? 34 : 30))
            #expect(result.report.abandoned.isEmpty)
            let statistics = await bus.statistics(of: "s")
            #expect(statistics.failedAttempts == 0)
            #expect(try await bus.deadLetters.list().letters.isEmpty)
            if behaviour == .returnsNormally {
                #expect(result.report == ShutdownReport.completed(1))
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome == Outcome(completed: 1))
            } else {
                #expect(result.report.completed == 0)
                #expect(result.report.released == 1)
                #expect(released.value == 1)
                #expect(statistics.released == 1)
                #expect(await errorCode { _ = try await bus.outcome(of: receipt) } == .closed)
            }
        }
    }

    @Test("what ignores its cancellation is abandoned when the grace is over, and named in the report")
    func abandoned() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let late = Counter()
            let result = try await withRunningBus(
                on: schedule, configure: { $0.hooks.observe = { if $0.kind == .lateResult { late.increment() } } }
            ) { handlers in
                try handlers.subscribe("stuck", to: Numbered.self) { _, _ in await gate.wait() }
                try handlers.subscribe("polite", to: Numbered.self) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1_000))
                }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(0))
                await schedule.idle()
                return (bus, receipt)
            }
            #expect(schedule.clock.now == Self.seconds(35), "seed \(schedule.seed)")
            #expect(result.report.completed == 0)
            #expect(result.report.released == 2)
            #expect(result.report.abandoned.map(\.subscription) == ["stuck"])
            #expect(result.report.abandoned.map(\.name) == ["test.numbered"])
            #expect(result.report.abandoned.map(\.eventID) == [result.value.1.id])
            #expect(!result.report.isClean)
            #expect(result.report.description.contains("stuck: test.numbered"))
            gate.open()
            await schedule.idle()
            #expect(late.value == 1, "it returns into nothing")
            #expect(await result.value.0.statistics().abandonedHandlers == 0)
            #expect(await result.value.0.statistics(of: "stuck").completed == 0)
        }
    }

    @Test("what had not begun, waited for its key or for a retry is released, each once")
    func releasesTheRest() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let released = Journal<Int64?>()
            let result = try await withRunningBus(
                on: schedule,
                configure: { configuration in
                    configuration.workers = 2
                    configuration.hooks.observe = { if $0.kind == .released { released.append($0.offset?.rawValue) } }
                }
            ) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(900))) { event, _ in
                    if event.number < 2 { await gate.wait() }
                    if event.number == 99 { throw TestFault() }
                }
            } _: { bus in
                try await bus.publish(Numbered(99))
                await schedule.idle()
                for number in 0..<50 { try await bus.publish(Numbered(number, key: number % 2 == 0 ? "k" : nil)) }
                await schedule.idle()
            }
            #expect(result.report.released + result.report.completed == 51, "seed \(schedule.seed)")
            #expect(Set(released.entries).count == released.count, "seed \(schedule.seed)")
            #expect(released.count == result.report.released)
            #expect(result.report.abandoned.count == 2)
        }
    }

    @Test("without time to drain, what runs is cancelled at once; without grace it is abandoned at once")
    func zero() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let result = try await withRunningBus(
                on: schedule,
                configure: { configuration in
                    configuration.shutdownDeadline = .zero
                    configuration.grace = .zero
                }
            ) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
            } _: { bus in
                for number in 0..<10 { try await bus.publish(Numbered(number)) }
                await schedule.idle()
            }
            #expect(schedule.clock.now == Self.seconds(0), "seed \(schedule.seed)")
            #expect(result.report.abandoned.count == 4)
            #expect(result.report.released == 10)
        }
    }

    @Test("a deadline without end is never reached: the bus waits for the last handler")
    func endless() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(
                on: schedule, configure: { $0.shutdownDeadline = Duration(secondsComponent: .max, attosecondsComponent: 0) }
            ) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1_000_000_000))
                }
            } _: { bus in
                try await bus.publish(Numbered(0))
            }
            #expect(result.report == ShutdownReport.completed(1), "seed \(schedule.seed)")
        }
    }

    @Test("emissions of a handler that succeeds while it is cancelled are published, and released with the rest")
    func emissionsWhileCancelling() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    try? await schedule.clock.sleep(for: .seconds(1_000))
                    try context.emit(Numbered(event.number + 1))
                }
            } _: { bus in
                try await bus.publish(Numbered(0))
                await schedule.idle()
                return bus
            }
            #expect(result.report.completed == 1, "seed \(schedule.seed)")
            #expect(result.report.released == 1)
            #expect(await result.value.statistics().published == 2)
        }
    }

    @Test("a handler abandoned for its timeout before the shutdown is in the report if it has not returned")
    func abandonedBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in await gate.wait() }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(0)))
            }
            #expect(result.report.abandoned.count == 1, "seed \(schedule.seed)")
            #expect(result.report.released == 0)
            #expect(schedule.clock.now == Self.seconds(6), "nothing is left to wait for")
        }
    }

    @Test("a handler in the grace of its timeout keeps that grace when the shutdown begins, and draining waits for it")
    func timeoutMeetsShutdown() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in await gate.wait() }
            } _: { bus in
                try await bus.publish(Numbered(0))
                try await schedule.clock.sleep(for: .seconds(3))
                return bus
            }
            #expect(schedule.clock.now == Self.seconds(6), "seed \(schedule.seed)")
            #expect(result.report.abandoned.count == 1)
            #expect(try await result.value.deadLetters.list().letters.count == 1)
        }
    }
}
