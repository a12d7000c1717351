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

private struct Doubling: Command {
    typealias Reply = Int
    var number: Int
}

private struct Notify: Command {
    static let name = "test.notify"
    var letters: [String]
}

@Suite("commands", .timeLimit(.minutes(10)))
struct CommandTests {
    @TaskLocal private static var caller = "nobody"

    @Test("send returns what the handler returns")
    func reply() async throws {
        let bus = try EventBus { handlers in
            try handlers.handle(Doubling.self) { command, _ in 2 * command.number }
        }
        #expect(try await bus.send(Doubling(number: 21)) == 42)
    }

    @Test("send throws what the handler throws")
    func failure() async throws {
        let bus = try EventBus { handlers in
            try handlers.handle(Doubling.self) { _, _ in throw TestFault("no") }
        }
        await #expect(throws: TestFault("no")) { try await bus.send(Doubling(number: 1)) }
    }

    @Test("a command without a handler throws, and the bus goes on")
    func noHandler() async throws {
        let bus = try EventBus()
        let error = await #expect(throws: EventBusError.self) { try await bus.send(Notify(letters: [])) }
        #expect(error?.code == .noCommandHandler)
        #expect(error?.message.contains("test.notify") == true)
        #expect(await bus.statistics().runningCommands == 0)
        try await bus.handle(Doubling.self) { command, _ in command.number }
        #expect(try await bus.send(Doubling(number: 1)) == 1)
    }

    @Test("a second handler is refused, at construction and later, and the first stays")
    func secondHandler() async throws {
        let error = #expect(throws: EventBusError.self) {
            _ = try EventBus { handlers in
                try handlers.handle(Doubling.self) { _, _ in 1 }
                try handlers.handle(Doubling.self) { _, _ in 2 }
            }
        }
        #expect(error?.code == .duplicateCommandHandler)
        let bus = try EventBus { handlers in try handlers.handle(Doubling.self) { _, _ in 1 } }
        #expect(await errorCode { try await bus.handle(Doubling.self) { _, _ in 2 } } == .duplicateCommandHandler)
        #expect(try await bus.send(Doubling(number: 0)) == 1)
    }

    @Test("the handler runs in the task that sends")
    func callersTask() async throws {
        let bus = try EventBus { handlers in
            try handlers.handle(Notify.self) { _, context in
                try await context.publish(Lettered(Self.caller))
            }
        }
        let probe = EventProbe(bus)
        try await Self.$caller.withValue("me") { try await bus.send(Notify(letters: [])) }
        #expect(probe.events(of: Lettered.self).first?.event.letter == "me")
    }

    @Test("commands need no workers: as many run at a time as are sent")
    func concurrent() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) {
                $0.workers = 1
            } handlers: { handlers in
                try handlers.handle(Doubling.self) { command, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                    return 2 * command.number
                }
            } _: { bus in
                let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<10 { group.addTask { try await bus.send(Doubling(number: number)) } }
                    return try await group.reduce(0, +)
                }
                #expect(sum == 90)
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 1_000_000_000))
            }
        }
    }

    @Test("cancelling the sender cancels the handler, and what it emitted is not published if it throws")
    func cancelled() async throws {
        try await exploreSchedules(seeds: 0..<60) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.handle(Notify.self) { _, context in
                    try context.emit(Lettered("a"))
                    try await schedule.clock.sleep(for: .seconds(100))
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let task = Task(executorPreference: schedule.executor) { try await bus.send(Notify(letters: [])) }
                for _ in 0..<(schedule.seed % 12) { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                try await probe.expectNone(of: Lettered.self)
                #expect(await bus.statistics().runningCommands == 0)
            }
        }
    }

    @Test("a handler that does not mind the cancellation succeeds, and its events are published")
    func cancelledAndDone() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.handle(Notify.self) { _, context in
                        while !Task.isCancelled { await Task.yield() }
                        try context.emit(Lettered("a"))
                    }
                })
            let probe = EventProbe(bus)
            let task = Task(executorPreference: schedule.executor) { try await bus.send(Notify(letters: [])) }
            task.cancel()
            try await task.value
            #expect(probe.events(of: Lettered.self).count == 1)
        }
    }
}

@Suite("what commands emit", .timeLimit(.minutes(10)))
struct CommandEmissionTests {
    private func handleNotify(_ handlers: inout HandlerRegistry, fails: Bool = false) throws {
        try handlers.handle(Notify.self) { command, context in
            for letter in command.letters { try context.emit(Lettered(letter), headers: ["letter": letter]) }
            if fails { throw TestFault() }
        }
    }

    @Test("is published when send returns, in order, all together")
    func published() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule, handlers: { try handleNotify(&$0) })
            let probe = EventProbe(bus)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        try await bus.send(Notify(letters: ["\(index)a", "\(index)b", "\(index)c"]))
                        #expect(probe.events(of: Lettered.self).contains { $0.event.letter == "\(index)c" })
                    }
                }
                try await group.waitForAll()
            }
            let letters = probe.events(of: Lettered.self)
            #expect(letters.count == 12)
            #expect(letters.allSatisfy { $0.metadata.headers["letter"] == $0.event.letter })
            for start in stride(from: 0, to: 12, by: 3) {
                let three = letters[start..<start + 3]
                #expect(Set(three.map(\.metadata.correlationID)).count == 1)
                #expect(three.map { String($0.event.letter.suffix(1)) } == ["a", "b", "c"])
            }
        }
    }

    @Test("never existed when the handler throws")
    func failed() async throws {
        let bus = try EventBus { try handleNotify(&$0, fails: true) }
        let probe = EventProbe(bus)
        await #expect(throws: TestFault.self) { try await bus.send(Notify(letters: ["a"])) }
        try await probe.expectNone(of: Lettered.self)
        #expect(await bus.statistics().published == 0)
    }

    @Test("is separate from what the handler publishes, which stays whatever becomes of the command")
    func publishedStays() async throws {
        let bus = try EventBus { handlers in
            try handlers.handle(Notify.self) { _, context in
                try context.emit(Lettered("emitted"))
                try await context.publish(Lettered("published"))
                throw TestFault()
            }
        }
        let probe = EventProbe(bus)
        await #expect(throws: TestFault.self) { try await bus.send(Notify(letters: [])) }
        #expect(probe.events(of: Lettered.self).map(\.event.letter) == ["published"])
    }

    @Test("after the handler has ended, emit throws")
    func afterEnd() async throws {
        let contexts = Journal<CommandContext>()
        let bus = try EventBus { handlers in
            try handlers.handle(Notify.self) { command, context in
                contexts.append(context)
                if command.letters.isEmpty { throw TestFault() }
            }
        }
        try await bus.send(Notify(letters: ["succeeds"]))
        await #expect(throws: TestFault.self) { try await bus.send(Notify(letters: [])) }
        for context in contexts.entries {
            #expect(await errorCode { try context.emit(Lettered("late")) } == .handlerEnded)
        }
        #expect(contexts.count == 2)
        #expect(await bus.statistics().published == 0)
    }

    @Test("waits for room, and send with it")
    func waitsForRoom() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handleNotify(&handlers)
                try handlers.subscribe("slow", to: Lettered.self, order: .serial, queue: QueuePolicy(capacity: 2)) { _, _ in
                    try await schedule.clock.sleep(for: .seconds(1))
                }
            } _: { bus in
                await schedule.idle()
                try await bus.send(Notify(letters: ["a", "b"]))
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                try await bus.send(Notify(letters: ["c", "d"]))
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 2_000_000_000))
            }
        }
    }

    @Test("is rejected as a whole when one of several queues rejects, and send throws that")
    func rejected() async throws {
        struct Mixed: Command {}
        let bus = try EventBus { handlers in
            try handlers.handle(Mixed.self) { _, context in
                try context.emit(Numbered(1))
                try context.emit(Lettered("a"))
                try context.emit(Numbered(2))
            }
            try handlers.subscribe("letters", to: Lettered.self) { _, _ in }
            try handlers.subscribe("numbers", to: Numbered.self, queue: QueuePolicy(capacity: 1, overflow: .reject)) { _, _ in }
        }
        let reason = await rejection { try await bus.send(Mixed()) }
        #expect(reason == .batchTooLarge || reason == .queueFull)
        #expect(await bus.statistics().published == 0)
        #expect(await bus.statistics(of: "letters").unfinished == 0)
    }

    @Test("of one type does not need room in the queues of another")
    func roomByType() async throws {
        struct Mixed: Command {}
        let bus = try EventBus { handlers in
            try handlers.handle(Mixed.self) { _, context in
                for number in 0..<3 { try context.emit(Numbered(number)) }
                try context.emit(Lettered("a"))
            }
            try handlers.subscribe("letters", to: Lettered.self, queue: QueuePolicy(capacity: 1, overflow: .reject)) { _, _ in }
            try handlers.subscribe("numbers", to: Numbered.self, queue: QueuePolicy(capacity: 3)) { _, _ in }
        }
        try await bus.send(Mixed())
        #expect(await bus.statistics(of: "letters").unfinished == 1)
        #expect(await bus.statistics(of: "numbers").unfinished == 3)
    }

    @Test("by a command before the bus runs waits in the queues for it")
    func beforeRun() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handleNotify(&handlers)
                    try handlers.subscribe("letters", to: Lettered.self) { _, _ in }
                })
            try await bus.send(Notify(letters: ["a"]))
            bus.beginShutdown()
            #expect(try await bus.run().completed == 1)
        }
    }
}
