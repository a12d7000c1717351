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

@Suite("Shutdown and commands", .timeLimit(.minutes(10)))
struct ShutdownCommandTests {
    private struct Wait: Command {
        typealias Reply = Int
    }

    private static func seconds(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test("the bus waits for a running command, and what it emits is handled")
    func waits() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Counter()
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.handle(Wait.self) { _, context in
                    try context.emit(Numbered(1))
                    try await schedule.clock.sleep(for: .seconds(2))
                    return 42
                }
                try handlers.subscribe("s", to: Numbered.self) { _, _ in seen.increment() }
            }
            async let report = bus.run()
            async let reply = bus.send(Wait())
            while await bus.statistics().runningCommands == 0 { await Task.yield() }
            bus.beginShutdown()
            let value = try await reply
            let result = try await report
            #expect(value == 42)
            #expect(seen.value == 1, "seed \(schedule.seed)")
            #expect(result == ShutdownReport.completed(1))
            #expect(schedule.clock.now == Self.seconds(2))
        }
    }

    @Test("a command that fails keeps the bus no longer than it runs")
    func fails() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.handle(Wait.self) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(2))
                    throw TestFault()
                }
            }
            async let report = bus.run()
            let sender = Task(executorPreference: schedule.executor) { try await bus.send(Wait()) }
            while await bus.statistics().runningCommands == 0 { await Task.yield() }
            bus.beginShutdown()
            await #expect(throws: TestFault()) { try await sender.value }
            let result = try await report
            #expect(result.isClean, "seed \(schedule.seed)")
            #expect(schedule.clock.now == Self.seconds(2))
        }
    }

    @Test("a command that outlasts deadline and grace is named in the report, and what it emits then is rejected")
    func abandoned() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let bus = try makeBus(on: schedule) { handlers in
                try handlers.handle(Wait.self) { _, context in
                    await gate.wait()
                    try context.emit(Numbered(1))
                    return 42
                }
            }
            async let report = bus.run()
            let sender = Task(executorPreference: schedule.executor) { await rejection { try await bus.send(Wait()) } }
            while gate.arrivals == 0 { await Task.yield() }
            bus.beginShutdown()
            let result = try await report
            #expect(schedule.clock.now == Self.seconds(35), "seed \(schedule.seed)")
            #expect(result.abandoned.map(\.description) == ["command Wait"])
            #expect(result.abandoned.first?.subscription == nil)
            gate.open()
            #expect(await sender.value == .closed)
            #expect(await bus.statistics().runningCommands == 0)
            #expect(await bus.statistics().published == 0)
        }
    }

    @Test("a command's emissions that wait for room while the bus drains get in when there is room")
    func emissionsWait() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let bus = try makeBus(on: schedule, configure: { $0.queue = QueuePolicy(capacity: 1) }) { handlers in
                try handlers.handle(Wait.self) { _, context in
                    try context.emit(Numbered(1))
                    try await schedule.clock.sleep(for: .seconds(2))
                    return 42
                }
                try handlers.subscribe("s", to: Numbered.self) { event, _ in
                    if event.number == 0 { await gate.wait() }
                }
            }
            async let report = bus.run()
            try await bus.publish(Numbered(0))
            async let reply = bus.send(Wait())
            while await bus.statistics().runningCommands == 0 { await Task.yield() }
            bus.beginShutdown()
            try await schedule.clock.sleep(for: .seconds(3))
            #expect(await bus.statistics().waitingPublishers == 1)
            gate.open()
            let value = try await reply
            let result = try await report
            #expect(value == 42)
            #expect(result == ShutdownReport.completed(2), "seed \(schedule.seed)")
        }
    }
}
