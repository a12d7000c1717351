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

@Suite("event storms", .timeLimit(.minutes(10)))
struct StormTests {
    @Test("a chain without end stops past maxDepth with a dead letter that names the chain", arguments: [1, 5, 32])
    func chain(maxDepth: Int) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<Int>()
            try await withRunningBus(on: schedule) {
                $0.maxDepth = maxDepth
            } handlers: { handlers in
                try handlers.subscribe("ping", to: Numbered.self) { event, context in
                    handled.append(context.metadata.depth)
                    try context.emit(Lettered("x"))
                }
                try handlers.subscribe("pong", to: Lettered.self) { _, context in
                    handled.append(context.metadata.depth)
                    try context.emit(Numbered(0))
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipt = try await bus.publish(Numbered(0))
                let outcome = try await bus.outcome(of: receipt, including: .descendants)
                #expect(outcome == Outcome(completed: maxDepth + 1, dead: 1))
                #expect(handled.entries == Array(0...maxDepth))
                #expect(probe.events.count == maxDepth + 2, "the event past the limit is published, and not handled")
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.reason == .tooDeep)
                #expect(letter.metadata.depth == maxDepth + 1)
                #expect(letter.attempts.isEmpty)
                let names = (0...maxDepth + 1).map { $0 % 2 == 0 ? "test.numbered" : "test.lettered" }
                #expect(letter.errorText.contains(names.joined(separator: " → ")))
            }
        }
    }

    @Test("a storm that doubles with every step ends, and others are served meanwhile")
    func doubling() async throws {
        try await exploreSchedules(seeds: 0..<5) { schedule in
            try await withRunningBus(on: schedule) {
                $0.maxDepth = 6
                $0.queue = QueuePolicy(capacity: 4)
            } handlers: { handlers in
                try handlers.subscribe("storm", to: Numbered.self) { event, context in
                    try context.emit(Numbered(0))
                    try context.emit(Numbered(1))
                }
                try handlers.subscribe("calm", to: Lettered.self) { _, _ in }
            } _: { bus in
                await schedule.idle()
                async let storm = bus.outcome(of: bus.publish(Numbered(0)), including: .descendants)
                let calm = try await bus.outcome(of: bus.publish(Lettered("a")))
                #expect(calm == Outcome(completed: 1))
                let outcome = try await storm
                #expect(outcome == Outcome(completed: 127, dead: 128))
            }
        }
    }

    @Test("every subscription of the event gets a dead letter of its own, and none of them runs")
    func everySubscription() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) {
                $0.maxDepth = 1
            } handlers: { handlers in
                try handlers.subscribe("a", to: Numbered.self) { event, context in try context.emit(Numbered(event.number + 1)) }
                try handlers.subscribe("b", to: Numbered.self) { event, _ in #expect(event.number < 2) }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(0)), including: .descendants)
                let letters = try await bus.deadLetters.list().letters
                #expect(letters.map(\.subscription).sorted() == ["a", "b"])
                #expect(letters.allSatisfy { $0.metadata.depth == 2 && $0.reason == .tooDeep })
            }
        }
    }
}
