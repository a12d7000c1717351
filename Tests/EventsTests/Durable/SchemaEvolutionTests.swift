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

@Suite("Events that older code, newer code or a bad disk wrote", .timeLimit(.minutes(10)))
struct SchemaEvolutionTests {
    struct First: Event {
        static let name = "test.order"
        var id: String
    }

    struct Second: Codable {
        var id: String
        var lines: [String]
    }

    struct Third: Event {
        static let name = "test.order"
        static let schemaVersion = 3
        var orderID: String
        var lines: [String]
        var orderingKey: String? { orderID }
    }

    @Test("upcasters are applied one after the other until the present version is reached")
    func upcast() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let seen = Guarded<[String]>([])
            let idle = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: First.self) { _, _ in }
            }
            try await idle.publish(First(id: "1"))
            idle.beginShutdown()
            _ = try await idle.run()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.upcast(Third.self, from: 1) { (old: First) in Second(id: old.id, lines: ["none"]) }
                try handlers.upcast(Third.self, from: 2) { (old: Second) in Third(orderID: old.id, lines: old.lines) }
                try handlers.subscribe("s", to: Third.self) { event, _ in
                    seen.withLock { $0.append("\(event.orderID) \(event.lines)") }
                }
            } _: { _ in
                await schedule.idle()
            }
            #expect(seen.withLock { $0 } == ["1 [\"none\"]"], "seed \(schedule.seed)")
        }
    }

    @Test("without an upcaster the event is a dead letter with its bytes, and can be redriven once there is one")
    func missingUpcaster() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let idle = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: First.self) { _, _ in }
            }
            try await idle.publish(First(id: "1"))
            idle.beginShutdown()
            _ = try await idle.run()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Third.self) { _, _ in }
            } _: { bus in
                await schedule.idle()
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.reason == .undecodable)
                #expect(letter.errorType == "MissingUpcaster")
                #expect(letter.event == nil)
                #expect(letter.payload.map { String(decoding: $0, as: UTF8.self) } == #"{"id":"1"}"#)
            }
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.upcast(Third.self, from: 1) { (old: First) in Second(id: old.id, lines: []) }
                try handlers.upcast(Third.self, from: 2) { (old: Second) in Third(orderID: old.id, lines: old.lines) }
                try handlers.subscribe("s", to: Third.self) { _, _ in }
            } _: { bus in
                let id = try #require(try await bus.deadLetters.list().letters.first).id
                let receipt = try await bus.deadLetters.redrive(id)
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1), "seed \(schedule.seed)")
            }
        }
    }

    @Test("an event that newer code wrote, and one that a bad disk changed, are dead letters of whoever may have wanted them")
    func newerAndCorrupt() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let idle = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Third.self) { _, _ in }
                try handlers.subscribe("t", to: Numbered.self) { _, _ in }
            }
            try await idle.publish(Third(orderID: "1", lines: []))
            try await idle.publish(Third(orderID: "2", lines: []))
            idle.beginShutdown()
            _ = try await idle.run()
            log.damage(Offset(rawValue: 2))
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: First.self) { _, _ in }
                try handlers.subscribe("t", to: Numbered.self) { _, _ in }
            } _: { bus in
                await schedule.idle()
                let letters = try await bus.deadLetters.list().letters
                #expect(
                    Set(letters.map { "\($0.id) \($0.reason) \($0.errorType)" }) == [
                        "s/1 undecodable NewerSchemaVersion", "s/2 corrupt CorruptEvent", "t/2 corrupt CorruptEvent",
                    ], "seed \(schedule.seed)")
            }
        }
    }

    @Test("deliveries of a type that is not registered any more stay, hold nothing up, and go on when it is registered again")
    func noHandler() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            let idle = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s") {
                    On(Numbered.self) { _, _ in }
                    On(Lettered.self) { _, _ in }
                }
            }
            try await idle.publish(Numbered(1, key: "k"))
            try await idle.publish(Lettered("a", key: "k"))
            idle.beginShutdown()
            _ = try await idle.run()
            let letter = try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Lettered.self) { _, _ in }
            } _: { bus in
                await schedule.idle()
                #expect(await bus.statistics(of: "s").completed == 1, "seed \(schedule.seed)")
                let letters = try await bus.deadLetters.list().letters
                #expect(letters.isEmpty)
            }
            #expect(letter.report.isClean)
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { try await handled.handle($0, $1) }
            } _: { _ in
                await schedule.idle()
            }
            #expect(handled.numbers == [1], "seed \(schedule.seed)")
        }
    }

    @Test("a delivery that nobody handles lets the others of its key run as before: one at a time")
    func noHandlerBesideOthers() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            let log = schedule.makeLog()
            let handled = HandlingLog(schedule)
            let idle = try await makeDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s") {
                    On(Numbered.self) { _, _ in }
                    On(Lettered.self) { _, _ in }
                }
            }
            for number in 0..<12 {
                if number % 3 == 0 {
                    try await idle.publish(Lettered("a", key: "k"))
                } else {
                    try await idle.publish(Numbered(number, key: "k"))
                }
            }
            idle.beginShutdown()
            _ = try await idle.run()
            try await withDurableBus(log, on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { event, context in
                    try await handled.handle(event, context) { try await schedule.pause(event.number, upTo: 10) }
                }
            } _: { bus in
                try await schedule.clock.sleep(for: .seconds(1))
                await schedule.idle()
                #expect(await bus.statistics(of: "s").unfinished == 0, "seed \(schedule.seed)")
            }
            #expect(handled.overlaps == [], "seed \(schedule.seed)")
            #expect(handled.numbers == [1, 2, 4, 5, 7, 8, 10, 11], "seed \(schedule.seed)")
        }
    }
}
