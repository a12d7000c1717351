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

private struct Outer: Command {
    typealias Reply = Int
    var fails = false
}

private struct Inner: Command {
    typealias Reply = Int
}

@Suite("commands inside handlers", .timeLimit(.minutes(10)))
struct NestedCommandTests {
    @Test("a command inside a command returns its result there, and its events come first")
    func nested() async throws {
        let bus = try EventBus { handlers in
            try handlers.handle(Outer.self) { _, context in
                try context.emit(Lettered("outer"))
                return try await context.send(Inner()) + 1
            }
            try handlers.handle(Inner.self) { _, context in
                try context.emit(Lettered("inner"))
                return 1
            }
        }
        let probe = EventProbe(bus)
        #expect(try await bus.send(Outer()) == 2)
        let letters = probe.events(of: Lettered.self)
        #expect(letters.map(\.event.letter) == ["inner", "outer"])
        #expect(letters[0].metadata.correlationID == letters[1].metadata.correlationID)
    }

    @Test("what the inner command emitted stays when the outer one fails")
    func innerStays() async throws {
        let bus = try EventBus { handlers in
            try handlers.handle(Outer.self) { _, context in
                _ = try await context.send(Inner())
                throw TestFault()
            }
            try handlers.handle(Inner.self) { _, context in
                try context.emit(Lettered("inner"))
                return 1
            }
        }
        let probe = EventProbe(bus)
        await #expect(throws: TestFault.self) { try await bus.send(Outer()) }
        #expect(probe.events(of: Lettered.self).count == 1)
    }

    @Test("an event's handler may send a command, on the only worker and with every queue full")
    func insideHandler() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            let replies = Journal<Int>()
            try await withRunningBus(on: schedule) {
                $0.workers = 1
                $0.queue = QueuePolicy(capacity: 1)
            } handlers: { handlers in
                try handlers.handle(Inner.self) { _, context in
                    try context.emit(Lettered("a"))
                    try context.emit(Lettered("b"))
                    return 7
                }
                try handlers.subscribe("numbers", to: Numbered.self) { _, context in
                    replies.append(try await context.send(Inner()))
                }
                try handlers.subscribe("letters", to: Lettered.self) { _, _ in }
            } _: { bus in
                await schedule.idle()
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)), including: .descendants)
                #expect(outcome == Outcome(completed: 3))
                #expect(replies.entries == [7])
            }
        }
    }

    @Test("an error of the command is the handler's to deal with: uncaught, it fails the attempt")
    func failsAttempt() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.handle(Inner.self) { _, _ in throw TestFault("inner") }
                try handlers.subscribe("numbers", to: Numbered.self, retry: .none) { _, context in
                    _ = try await context.send(Inner())
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(dead: 1))
                #expect(try await bus.deadLetters.list().letters.first?.errorText == "inner")
            }
        }
    }

    @Test("while the bus drains, a running handler may still send commands")
    func whileDraining() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            let replies = Journal<Int>()
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.handle(Inner.self) { _, context in
                        try context.emit(Lettered("a"))
                        return 7
                    }
                    try handlers.subscribe("letters", to: Lettered.self) { _, _ in }
                    try handlers.subscribe("numbers", to: Numbered.self) { _, context in
                        await gate.wait()
                        replies.append(try await context.send(Inner()))
                    }
                })
            async let report = bus.run()
            try await bus.publish(Numbered(1))
            await schedule.idle()
            bus.beginShutdown()
            await schedule.idle()
            gate.open()
            #expect(try await report.completed == 2)
            #expect(replies.entries == [7])
        }
    }

    @Test("a shutdown waits for the commands that run, and for what they emit")
    func shutdownWaits() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.handle(Inner.self) { _, context in
                        try await schedule.clock.sleep(for: .seconds(5))
                        try context.emit(Lettered("a"))
                        return 7
                    }
                    try handlers.subscribe("letters", to: Lettered.self) { _, _ in }
                })
            async let report = bus.run()
            async let reply = bus.send(Inner())
            await schedule.idle()
            bus.beginShutdown()
            #expect(try await reply == 7)
            #expect(try await report.completed == 1)
            #expect(try await report.isClean)
        }
    }

    @Test("a command that outlives the bus is named in the report, and its events are rejected")
    func outlivesBus() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule, configure: { $0.shutdownDeadline = .seconds(1) },
                handlers: { handlers in
                    try handlers.handle(Inner.self) { _, context in
                        try await schedule.clock.sleep(for: .seconds(100))
                        try context.emit(Lettered("a"))
                        return 7
                    }
                })
            async let report = bus.run()
            async let reason = rejection { _ = try await bus.send(Inner()) }
            await schedule.idle()
            bus.beginShutdown()
            #expect(try await report.abandoned.map(\.description) == ["command Inner"])
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 6_000_000_000))
            #expect(await reason == .closed)
        }
    }
}
