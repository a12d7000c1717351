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

/// A command that publishes a letter, at once or on success.
private struct Relay: Command {
    var emits: Bool
}

@Suite("correlation, causation and depth", .timeLimit(.minutes(10)))
struct CausationTests {
    /// Publishes one `Numbered` whose handler publishes a `Lettered` in a certain way, and expects the first to be its cause.
    private func expectCause(
        inHandler publishLetter: @escaping @Sendable (EventBus, EventContext, SeededSchedule) async throws -> Void
    ) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let buses = Journal<EventBus>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try await publishLetter(buses.entries[0], context, schedule)
                }
                try handlers.handle(Relay.self) { command, context in
                    if command.emits { try context.emit(Lettered("later")) } else { try await context.publish(Lettered("now")) }
                }
            } _: { bus in
                buses.append(bus)
                let probe = EventProbe(bus)
                let receipt = try await bus.publish(Numbered(1), headers: ["not": "inherited"])
                let metadata = try await probe.expect(Lettered.self).metadata
                #expect(metadata.causationID == receipt.id)
                #expect(metadata.correlationID == receipt.id)
                #expect(metadata.depth == 1)
                #expect(metadata.emittedBy == "source")
                #expect(metadata.headers == [:])
                try await probe.settle()
            }
        }
    }

    @Test("an emitted event is caused by the event being handled")
    func emitted() async throws {
        try await expectCause { _, context, _ in try context.emit(Lettered("a")) }
    }

    @Test("so is one that is published through the context")
    func publishedByContext() async throws {
        try await expectCause { _, context, _ in try await context.publish(Lettered("a")) }
    }

    @Test("so is one that code underneath publishes on the bus itself, which knows nothing of the handler")
    func publishedOnBus() async throws {
        try await expectCause { bus, _, _ in try await bus.publish(Lettered("a")) }
    }

    @Test("so are the events of a batch")
    func publishedInBatch() async throws {
        try await expectCause { bus, _, _ in try await bus.publish(contentsOf: [Lettered("a"), Lettered("b")]) }
    }

    @Test("so is one that a child task of the handler publishes")
    func childTask() async throws {
        try await expectCause { bus, _, _ in
            async let receipt = bus.publish(Lettered("a"))
            _ = try await receipt
        }
        try await expectCause { bus, _, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bus.publish(Lettered("a")) }
                try await group.waitForAll()
            }
        }
    }

    @Test("so is one that a task publishes which the handler started and does not wait for")
    func looseTask() async throws {
        try await expectCause { bus, _, schedule in
            Task(executorPreference: schedule.executor) { try await bus.publish(Lettered("a")) }
        }
    }

    @Test("so is one that a command inside the handler publishes or emits", arguments: [true, false])
    func command(emits: Bool) async throws {
        try await expectCause { bus, _, _ in try await bus.send(Relay(emits: emits)) }
        try await expectCause { _, context, _ in try await context.send(Relay(emits: emits)) }
    }

    @Test("along a chain the depth rises and the correlation stays")
    func chain() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("count-down", to: Numbered.self) { event, context in
                    if event.number > 0 { try context.emit(Numbered(event.number - 1)) }
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipt = try await bus.publish(Numbered(4))
                try await probe.settle()
                let links = probe.events(of: Numbered.self).map(\.metadata)
                #expect(links.map(\.depth) == [0, 1, 2, 3, 4])
                #expect(links.map(\.correlationID) == Array(repeating: receipt.id, count: 5))
                #expect(links.map(\.causationID) == [nil] + links.dropLast().map(\.id))
            }
        }
    }

    @Test("a correlation that the first publisher gave goes on with what follows; one that a handler gives begins there")
    func givenCorrelation() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let other = try await EventBus().publish(Lettered("other"))
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("source", to: Numbered.self) { event, context in
                    try await context.publish(Lettered("follows"))
                }
            } _: { bus in
                let probe = EventProbe(bus)
                try await bus.publish(Numbered(1), correlationID: other.id)
                let follower = try await probe.expect(Lettered.self).metadata
                #expect(follower.correlationID == other.id)
                #expect(follower.causationID == probe.events(of: Numbered.self).first?.metadata.id)
            }
        }
    }

    @Test("an event that a command from outside emits is caused by the command")
    func commandFromOutside() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.handle(Relay.self) { _, context in
                        try context.emit(Lettered("a"))
                        try await context.publish(Lettered("b"), headers: ["command": context.correlationID.description])
                    }
                })
            let probe = EventProbe(bus)
            try await bus.send(Relay(emits: true))
            let letters = probe.events(of: Lettered.self).map(\.metadata)
            #expect(letters.count == 2)
            #expect(Set(letters.map(\.causationID)).count == 1)
            #expect(letters[0].causationID != nil)
            #expect(letters.map(\.correlationID) == letters.map(\.causationID))
            #expect(letters[0].headers["command"] == letters[0].correlationID.description)
            #expect(letters.map(\.depth) == [0, 0])
            #expect(letters.map(\.emittedBy) == [nil, nil])
            try await bus.send(Relay(emits: true))
            #expect(probe.events(of: Lettered.self)[2].metadata.correlationID != letters[0].correlationID)
        }
    }

    @Test("a handler's events on another bus begin a chain of their own there")
    func otherBus() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let other = try makeBus(on: schedule)
            let probe = EventProbe(other)
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("bridge", to: Numbered.self) { _, _ in try await other.publish(Lettered("a")) }
            } _: { bus in
                let receipt = try await bus.publish(Numbered(1))
                _ = try await bus.outcome(of: receipt)
                let metadata = try #require(probe.events.first).metadata
                #expect(metadata.causationID == nil)
                #expect(metadata.correlationID == metadata.id)
                #expect(metadata.depth == 0)
            }
        }
    }

    @Test("two handlers that run at the same time do not take each other's events for their cause")
    func concurrent() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("echo", to: Numbered.self) { event, context in
                    await Task.yield()
                    try context.emit(Lettered(String(event.number)))
                    await Task.yield()
                    try await context.publish(Lettered(String(event.number)))
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipts = try await bus.publish(contentsOf: (0..<8).map { Numbered($0) })
                try await probe.settle()
                let letters = probe.events(of: Lettered.self)
                #expect(letters.count == 16)
                for letter in letters {
                    #expect(letter.metadata.causationID == Int(letter.event.letter).map { receipts[$0].id })
                }
            }
        }
    }
}
