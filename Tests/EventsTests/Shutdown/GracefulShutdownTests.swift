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

@Suite("Shutdown: working off what is there", .timeLimit(.minutes(10)))
struct GracefulShutdownTests {
    @Test("an idle bus closes at once, with a clean report")
    func idle() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { _ in
            } _: { _ in
                await schedule.idle()
            }
            #expect(result.report == ShutdownReport.completed(0))
            #expect(result.report.isClean)
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0), "seed \(schedule.seed)")
        }
    }

    @Test("everything published before is handled: what waits, what is behind a key, what is due for a retry")
    func drains() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = HandlingLog(schedule)
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(2), maxAttempts: 3)) { event, context in
                    try await log.handle(event, context) {
                        try await schedule.clock.sleep(for: .milliseconds(10))
                        if context.attempt < 3, event.number.isMultiple(of: 5) { throw TestFault() }
                    }
                }
            } _: { bus in
                for number in 0..<50 { try await bus.publish(Numbered(number, key: "\(number % 3)")) }
            }
            #expect(result.report.completed == 50, "seed \(schedule.seed)")
            #expect(result.report.isClean)
            #expect(log.starts.count == 50 + 2 * 10)
        }
    }

    @Test("what handlers emit and publish while the bus drains is handled as well")
    func emissions() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Counter()
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    seen.increment()
                    try await schedule.clock.sleep(for: .milliseconds(10))
                    guard event.number > 0 else { return }
                    try context.emit(Numbered(event.number - 1))
                    try await context.publish(Numbered(0))
                }
            } _: { bus in
                try await bus.publish(Numbered(4))
            }
            #expect(seen.value == 9, "seed \(schedule.seed)")
            #expect(result.report == ShutdownReport.completed(9))
        }
    }

    @Test("beginShutdown before run(): run() works off what was published and returns")
    func beforeRun() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Counter()
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in seen.increment() }
            }
            for number in 0..<10 { try await bus.publish(Numbered(number)) }
            bus.beginShutdown()
            #expect(await rejection { try await bus.publish(Numbered(10)) } == .shuttingDown)
            let report = try await bus.run()
            #expect(seen.value == 10, "seed \(schedule.seed)")
            #expect(report == ShutdownReport.completed(10))
        }
    }

    @Test("asking twice, or from many tasks at once, is the same as asking once; also after the bus has closed")
    func idempotent() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            }
            async let report = bus.run()
            try await bus.publish(Numbered(0))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { bus.beginShutdown() } }
            }
            let result = try await report
            bus.beginShutdown()
            await schedule.idle()
            #expect(result == ShutdownReport.completed(1), "seed \(schedule.seed)")
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 1_000_000_000))
        }
    }

    @Test("a later request does not move the deadline")
    func deadlineStays() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            defer { gate.open() }
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in await gate.wait() }
            }
            async let report = bus.run()
            try await bus.publish(Numbered(0))
            while gate.arrivals == 0 { await schedule.idle() }
            bus.beginShutdown()
            try await schedule.clock.sleep(for: .seconds(29))
            bus.beginShutdown()
            _ = try await report
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 35_000_000_000), "seed \(schedule.seed)")
        }
    }

    @Test("a dead letter and what it parks do not keep the bus from closing, and are reported by themselves")
    func parked() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in throw TestFault() }
            } _: { bus in
                for number in 0..<5 { try await bus.publish(Numbered(number, key: "k")) }
            }
            #expect(result.report.released == 0, "seed \(schedule.seed)")
            #expect(result.report.deadLetters == 1)
            #expect(result.report.parked == 4)
            #expect(!result.report.isClean)
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
        }
    }

    @Test("discarding a letter while the bus drains lets what it parked be worked off too")
    func discardWhileDraining() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { event, _ in
                    if event.number == 0 { throw TestFault() }
                    if event.number == 9 { await gate.wait() }
                }
            }
            async let report = bus.run()
            for number in [0, 1, 2] { try await bus.publish(Numbered(number, key: "k")) }
            try await bus.publish(Numbered(9))
            while gate.arrivals == 0 { await schedule.idle() }
            bus.beginShutdown()
            await schedule.idle()
            try await bus.deadLetters.discard(matching: .all, reason: "r")
            await schedule.idle()
            gate.open()
            let result = try await report
            #expect(result == ShutdownReport.completed(3), "seed \(schedule.seed)")
        }
    }

    @Test("a bus runs once: while it runs a second run() is refused, and after it closed too")
    func runsOnce() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                await schedule.idle()
                #expect(await errorCode { try await bus.run() } == .alreadyRunning)
                return bus
            }
            #expect(await errorCode { try await result.value.run() } == .closed, "seed \(schedule.seed)")
        }
    }
}
