//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

@Suite("A bus with a log", .timeLimit(.minutes(10)))
struct DurableBusTests {
    @Test("what is published reaches its subscription, and the outcome is known")
    func publish() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = HandlingLog(schedule)
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { bus in
                let first = try await bus.publish(Numbered(1))
                let rest = try await bus.publish(contentsOf: [Numbered(2), Numbered(3)])
                #expect(first.offset.rawValue == 1)
                #expect(rest.map(\.offset.rawValue) == [2, 3])
                for receipt in [first] + rest { #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1)) }
                #expect(handled.numbers.sorted() == [1, 2, 3])
            }
        }
    }

    @Test("what was published before run(), and what was not handled, is handled by the next bus on the log")
    func restart() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            @Sendable func handlers(_ handlers: inout HandlerRegistry) throws {
                try handlers.subscribe("s", to: Numbered.self) { try await handled.handle($0, $1) }
            }
            let idle = try await makeDurableBus(log, on: schedule, handlers: handlers)
            try await idle.publish(contentsOf: (0..<10).map { Numbered($0, key: "k") })
            idle.beginShutdown()
            _ = try await idle.run()
            let left = 10 - handled.numbers.count
            let result = try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                let receipt = try await bus.publish(Numbered(10, key: "k"))
                return try await bus.outcome(of: receipt)
            }
            #expect(result.value == Outcome(completed: 1))
            #expect(handled.numbers == Array(0...10), "seed \(schedule.seed), \(left) left")
        }
    }

    @Test("an attempt that fails is tried again, and becomes a dead letter that can be redriven, also after a restart")
    func failure() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let works = Flag()
            @Sendable func handlers(_ handlers: inout HandlerRegistry) throws {
                try handlers.subscribe(
                    "s", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 3)
                ) { event, _ in
                    if event.number == 1, !works.isSet { throw TestFault() }
                }
            }
            try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                let receipts = try await bus.publish(contentsOf: [1, 2, 3].map { Numbered($0, key: "k") })
                #expect(try await bus.outcome(of: receipts[0]) == Outcome(dead: 1))
                #expect(try await bus.outcome(of: receipts[2]) == Outcome(parked: 1))
                let letter = try await bus.deadLetters.show(DeadLetter.ID(subscription: "s", offset: receipts[0].offset))
                #expect(letter.attempts.map(\.number) == [1, 2, 3])
                #expect(letter.parksKey)
                #expect((letter.event as? Numbered)?.number == 1)
            }
            works.set()
            try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                let id = try await bus.deadLetters.list().letters[0].id
                #expect(await bus.statistics(of: "s").parked == 2)
                let receipt = try await bus.deadLetters.redrive(id)
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1))
                await schedule.idle()
                #expect(await bus.statistics(of: "s").completed == 3, "seed \(schedule.seed)")
                #expect(try await bus.deadLetters.list().letters.isEmpty)
            }
        }
    }

    @Test("what a handler emits is committed with its success, or never existed")
    func emission() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = HandlingLog(schedule)
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("first", to: Lettered.self, retry: .constant(.seconds(1), maxAttempts: 3)) {
                    event, context in
                    try context.emit(Numbered(context.attempt))
                    if context.attempt < 3 { throw TestFault() }
                }
                try handlers.subscribe("second", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { bus in
                let receipt = try await bus.publish(Lettered("a"))
                #expect(try await bus.outcome(of: receipt, including: .descendants) == Outcome(completed: 2))
                #expect(handled.numbers == [3])
            }
        }
    }

    @Test("a publish with a key that was used returns the first publication")
    func idempotency() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = HandlingLog(schedule)
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { bus in
                let first = try await bus.publish(Numbered(1), idempotencyKey: "line-1")
                let again = try await bus.publish(Numbered(2), idempotencyKey: "line-1")
                #expect(again.id == first.id)
                #expect(again.offset == first.offset)
                #expect(try await bus.outcome(of: again) == Outcome(completed: 1))
                #expect(handled.numbers == [1])
                #expect(await rejection { try await bus.publish(Lettered("x"), idempotencyKey: "line-1") } == .keyReused)
            }
        }
    }

    @Test("a scheduled event is published when it is due, also by a later bus, unless it is cancelled")
    func scheduling() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            @Sendable func handlers(_ handlers: inout HandlerRegistry) throws {
                try handlers.subscribe("s", to: Numbered.self) { try await handled.handle($0, $1) }
            }
            try await withDurableBus(log, on: schedule, handlers: handlers) { bus in
                try await bus.publish(Numbered(1), after: .seconds(10))
                try await bus.publish(Numbered(2), after: .seconds(100))
                let cancelled = try await bus.publish(Numbered(3), after: .seconds(20))
                #expect(try await bus.cancelScheduled(cancelled))
                #expect(try await !bus.cancelScheduled(cancelled))
                try await schedule.clock.sleep(for: .seconds(50))
                await schedule.idle()
                #expect(handled.starts.map(\.time) == [MonotonicTime(nanoseconds: 10_000_000_000)], "seed \(schedule.seed)")
            }
            try await withDurableBus(log, on: schedule, handlers: handlers) { _ in
                try await schedule.clock.sleep(for: .seconds(60))
                await schedule.idle()
            }
            #expect(handled.numbers == [1, 2], "seed \(schedule.seed)")
        }
    }

    @Test("what a handler emits for later comes, also when it was due before the handler had ended", arguments: [0, 1, 5])
    func emissionForLater(seconds: Int) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = HandlingLog(schedule)
            try await withDurableBus(schedule.makeLog(), on: schedule) { handlers in
                try handlers.subscribe("first", to: Lettered.self) { _, context in
                    try context.emit(Numbered(1), after: .seconds(seconds))
                    try await schedule.clock.sleep(for: .seconds(3))
                }
                try handlers.subscribe("second", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { bus in
                try await bus.publish(Lettered("a"))
                try await schedule.clock.sleep(for: .seconds(10))
                await schedule.idle()
            }
            #expect(handled.numbers == [1], "seed \(schedule.seed)")
        }
    }

    @Test(
        "a delivery that ends the process each time becomes a dead letter, and what ran beside it loses nothing",
        arguments: [false, true])
    func crashes(isLate: Bool) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            var log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            for life in 0..<10 {
                let died = Flag()
                let alive = log
                let handler: @Sendable (Numbered, EventContext) async throws -> Void = { event, context in
                    if event.number == 3 {
                        died.set()
                        try await schedule.clock.sleep(for: .seconds(1_000))
                    }
                    try await handled.handle(event, context) { try await schedule.clock.sleep(for: .seconds(10)) }
                }
                let bus = try await makeDurableBus(alive, on: schedule) { configuration in
                    configuration.workers = 8
                } handlers: { handlers in
                    if !isLate { try handlers.subscribe("s", to: Numbered.self, handler: handler) }
                }
                if isLate { try await bus.subscribe("s", to: Numbered.self, handler: handler) }
                if life == 0 { try await bus.publish(contentsOf: (0..<6).map { Numbered($0) }) }
                let running = schedule.environment.spawn("run") { _ = try? await bus.run() }
                try await schedule.clock.sleep(for: .seconds(5))
                await schedule.idle()
                if !died.isSet {
                    try await schedule.clock.sleep(for: .seconds(100))
                    await schedule.idle()
                }
                let letters = try await bus.deadLetters.list().letters
                if !letters.isEmpty {
                    #expect(letters.map(\.reason) == [.crashed])
                    #expect(letters.map(\.id.offset.rawValue) == [4])
                    #expect(life == 5)
                    bus.beginShutdown()
                    _ = await running.value
                    break
                }
                log = alive.crash()
                running.cancel()
                _ = await running.value
            }
            #expect(Set(handled.numbers) == [0, 1, 2, 4, 5], "seed \(schedule.seed)")
        }
    }
}

final class Flag: Sendable {
    private let state = Guarded(false)

    var isSet: Bool { state.withLock { $0 } }

    func set() {
        state.withLock { $0 = true }
    }
}
