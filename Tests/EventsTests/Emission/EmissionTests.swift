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

@Suite("context.emit", .timeLimit(.minutes(10)))
struct EmissionTests {
    @Test("emitted events are published in the order in which they were emitted, whatever their types")
    func order() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("source", to: Numbered.self) { event, context in
                    for index in 0..<3 {
                        try context.emit(Lettered("\(event.number)\(index)"), headers: ["index": "\(index)"])
                        await Task.yield()
                        if event.number > 0 { try context.emit(Numbered(0)) }
                    }
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipt = try await bus.publish(Numbered(1))
                try await probe.settle()
                let emitted = probe.events.filter { $0.metadata.causationID == receipt.id }
                #expect(
                    emitted.map(\.metadata.name) == (0..<3).flatMap { _ in ["test.lettered", "test.numbered"] })
                #expect(emitted.compactMap { $0.metadata.headers["index"] } == ["0", "1", "2"])
                #expect(emitted.map(\.metadata.offset.rawValue) == Array(2..<8), "they are committed together")
            }
        }
    }

    @Test("an event is published with the handler's success and not before")
    func notBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try context.emit(Lettered("a"))
                    await gate.wait()
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipt = try await bus.publish(Numbered(1))
                await schedule.idle()
                #expect(probe.events(of: Lettered.self).isEmpty)
                gate.open()
                _ = try await bus.outcome(of: receipt)
                #expect(probe.events(of: Lettered.self).count == 1)
            }
        }
    }

    @Test("what a failed attempt emitted never existed; the attempt that succeeds emits once")
    func failedAttempts() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("flaky", to: Numbered.self, retry: .constant(.seconds(1))) { _, context in
                    try context.emit(Lettered("attempt \(context.attempt)"))
                    if context.attempt < 3 { throw TestFault() }
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)), including: .descendants)
                #expect(outcome == Outcome(completed: 1))
                #expect(probe.events(of: Lettered.self).map(\.event.letter) == ["attempt 3"])
            }
        }
    }

    @Test(
        "nothing is published of an attempt that ends in a dead letter, a discard or a retry",
        arguments: [Disposition.permanentFailure("no"), .discard("no"), .retry(after: .seconds(1))])
    func dispositions(disposition: Disposition) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("steers", to: Numbered.self) { _, context in
                    guard context.attempt == 1 else { return }
                    try context.emit(Lettered("a"))
                    throw disposition
                }
            } _: { bus in
                try await bus.publish(Numbered(1))
                try await EventProbe(bus).expectNone(of: Lettered.self)
                #expect(await bus.statistics().published == 1)
            }
        }
    }

    @Test("an attempt that its timeout cancelled emits nothing if it throws, and all if it succeeds nevertheless")
    func timeout() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("slow", to: Numbered.self, retry: .none, timeout: .seconds(1)) { event, context in
                    try context.emit(Lettered("\(event.number)"))
                    do { try await schedule.clock.sleep(for: .seconds(60)) } catch  where event.number == 1 {}
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let outcomes = try await (
                    bus.outcome(of: bus.publish(Numbered(0))), bus.outcome(of: bus.publish(Numbered(1)))
                )
                #expect(outcomes.0 == Outcome(dead: 1))
                #expect(outcomes.1 == Outcome(completed: 1))
                #expect(probe.events(of: Lettered.self).map(\.event.letter) == ["1"])
            }
        }
    }

    @Test("a handler that was abandoned emits nothing any more, though it returns in the end")
    func abandoned() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let gate = Gate()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("stubborn", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, context in
                    try context.emit(Lettered("a"))
                    await gate.wait()
                    try context.emit(Lettered("b"))
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(dead: 1))
                gate.open()
                await schedule.idle()
                try await probe.expectNone(of: Lettered.self)
                #expect(await bus.statistics().abandonedHandlers == 0)
            }
        }
    }

    @Test("after the handler has ended, emit throws and publishes nothing")
    func afterEnd() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let contexts = Journal<EventContext>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("leaks", to: Numbered.self, retry: .none) { event, context in
                    contexts.append(context)
                    if event.number == 1 { throw TestFault() }
                }
            } _: { bus in
                for number in 0..<2 { _ = try await bus.outcome(of: bus.publish(Numbered(number))) }
                #expect(contexts.count == 2)
                for context in contexts.entries {
                    #expect(await errorCode { try context.emit(Lettered("late")) } == .handlerEnded)
                }
                try await EventProbe(bus).expectNone(of: Lettered.self)
                #expect(await bus.statistics().published == 2)
            }
        }
    }

    @Test("child tasks of the handler may emit; all that they emitted is published")
    func childTasks() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for child in 0..<4 {
                            group.addTask { for index in 0..<3 { try context.emit(Lettered("\(child)\(index)")) } }
                        }
                        try await group.waitForAll()
                    }
                }
            } _: { bus in
                let probe = EventProbe(bus)
                try await bus.publish(Numbered(1))
                try await probe.settle()
                let letters = probe.events(of: Lettered.self).map(\.event.letter)
                #expect(letters.count == 12)
                for child in 0..<4 {
                    #expect(letters.filter { $0.hasPrefix("\(child)") } == ["\(child)0", "\(child)1", "\(child)2"])
                }
            }
        }
    }

    @Test("an event of a type with an unusable name cannot be emitted")
    func unusableName() async throws {
        struct Nameless: Event { static let name = "" }
        struct Impostor: Event { static let name = Numbered.name }
        try await exploreSchedules(seeds: [0]) { schedule in
            let codes = Journal<EventBusError.Code?>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    codes.append(await errorCode { try context.emit(Nameless()) })
                    codes.append(await errorCode { try context.emit(Impostor()) })
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(codes.entries == [.invalidName, .nameTaken])
                #expect(await bus.statistics().published == 1)
            }
        }
    }

    @Test("what a delivery emits is committed before the next of its key starts")
    func beforeNextOfKey() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            let probes = Journal<EventProbe>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("chain", to: Numbered.self) { event, context in
                    let committed = probes.entries.first?.events(of: Lettered.self).map(\.event.letter) ?? []
                    #expect(committed.filter { $0.hasPrefix(event.key ?? "") }.count == event.number)
                    await Task.yield()
                    try context.emit(Lettered("\(event.key ?? "")\(event.number)"))
                }
                try handlers.subscribe("letters", to: Lettered.self, queue: QueuePolicy(capacity: 1)) { _, _ in await Task.yield()
                }
            } _: { bus in
                probes.append(EventProbe(bus))
                for number in 0..<5 {
                    try await bus.publish(contentsOf: [Numbered(number, key: "a"), Numbered(number, key: "b")])
                }
                try await probes.entries[0].settle()
                #expect(probes.entries[0].events(of: Lettered.self).count == 10)
            }
        }
    }

    @Test("an event into the handler's own key is handled after it")
    func intoOwnKey() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<String>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("self", to: Numbered.self) { event, context in
                    handled.append("start \(event.number)")
                    if event.number < 3 { try context.emit(Numbered(event.number + 1, key: "k")) }
                    await Task.yield()
                    handled.append("end \(event.number)")
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(0, key: "k")), including: .descendants)
                #expect(handled.entries == (0..<4).flatMap { ["start \($0)", "end \($0)"] })
            }
        }
    }
}
