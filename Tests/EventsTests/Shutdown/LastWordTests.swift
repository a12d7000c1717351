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

@Suite("What still counts while the bus shuts down", .timeLimit(.minutes(10)))
struct LastWordTests {
    @Test("a handler that calls its event wrong after the shutdown cancelled it is believed")
    func dispositions() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule, configure: { $0.shutdownDeadline = .seconds(1) }) { handlers in
                try handlers.subscribe("s", to: Numbered.self, order: .unordered) { event, _ in
                    try? await schedule.clock.sleep(for: .seconds(100))
                    switch event.number {
                    case 0: throw Disposition.permanentFailure("unknown SKU")
                    case 1: throw Disposition.discard("stale")
                    default: throw Disposition.retry(after: .zero)
                    }
                }
            } _: { bus in
                try await bus.publish(contentsOf: [Numbered(0), Numbered(1), Numbered(2)])
                try await schedule.clock.sleep(for: .milliseconds(1))
                return bus
            }
            let statistics = await result.value.statistics(of: "s")
            #expect(statistics.deadLetters == 1, "seed \(schedule.seed)")
            #expect(statistics.discarded == 1)
            #expect(statistics.unfinished == 0)
            #expect(result.report.released == 1)
            #expect(result.report.deadLetters == 1)
            #expect(!result.report.isClean)
        }
    }

    @Test("an attempt that overran its time before the shutdown came has failed and is not released")
    func timeoutFirst() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let result = try await withRunningBus(
                on: schedule,
                configure: { configuration in
                    configuration.shutdownDeadline = .seconds(1)
                    configuration.grace = .seconds(10)
                }
            ) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in
                    await gate.wait()
                    throw TestFault()
                }
            } _: { bus in
                try await bus.publish(Numbered(1))
                try await schedule.clock.sleep(for: .milliseconds(1_500))
                bus.beginShutdown()
                try await schedule.clock.sleep(for: .milliseconds(1_500))
                gate.open()
                return bus
            }
            #expect(
                try await result.value.deadLetters.list().letters.map(\.errorType) == ["HandlerTimeout"], "seed \(schedule.seed)")
            #expect(result.report.released == 0)
        }
    }

    @Test("a command that runs when the shutdown begins may still wait for room for what it emits")
    func command() async throws {
        struct Place: Command {}
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let result = try await withRunningBus(on: schedule, configure: { $0.queue.capacity = 1 }) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in try await schedule.clock.sleep(for: .seconds(1)) }
                try handlers.handle(Place.self) { _, context in try context.emit(Numbered(2)) }
            } _: { bus in
                try await schedule.clock.sleep(for: .milliseconds(1))
                try await bus.publish(Numbered(1))
                async let sent: Void = bus.send(Place())
                async let refused = rejection { try await bus.publish(Numbered(3)) }
                try await schedule.clock.sleep(for: .milliseconds(10))
                bus.beginShutdown()
                try await sent
                #expect(await refused == .shuttingDown, "seed \(schedule.seed)")
            }
            #expect(result.report.completed == 2, "seed \(schedule.seed)")
        }
    }
}
