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

private struct Nameless: Event {
    static let name = ""
}

private struct LongName: Event {
    static let name = String(repeating: "é", count: 101)
}

private struct LongestName: Event {
    static let name = String(repeating: "é", count: 100)
}

private struct ControlName: Event {
    static let name = "bell\u{7}"
}

private struct NumberedToo: Event {
    static let name = Numbered.name
}

@Suite("registration", .timeLimit(.minutes(10)))
struct RegistrationTests {
    /// What a registration that cannot be throws at construction.
    private func code(_ register: @Sendable (inout HandlerRegistry) throws -> Void) -> EventBusError.Code? {
        do {
            _ = try EventBus(handlers: register)
            return nil
        } catch {
            return (error as? EventBusError)?.code
        }
    }

    @Test("a subscription's name is taken once, at construction and later")
    func duplicateName() async throws {
        #expect(
            code {
                try $0.subscribe("a", to: Numbered.self) { _, _ in }
                try $0.subscribe("a", to: Lettered.self) { _, _ in }
            } == .duplicateSubscription)
        let bus = try EventBus { try $0.subscribe("a", to: Numbered.self) { _, _ in } }
        #expect(await errorCode { try await bus.subscribe("a", to: Lettered.self) { _, _ in } } == .duplicateSubscription)
        try await bus.subscribe("b", to: Numbered.self) { _, _ in }
        #expect(await errorCode { try await bus.subscribe("b", to: Numbered.self) { _, _ in } } == .duplicateSubscription)
        #expect(await bus.statistics().subscriptions.keys.sorted() == ["a", "b"])
    }

    @Test("a subscription's name must be fit")
    func unfitSubscriptionName() async throws {
        let bus = try EventBus()
        for name in ["", "line\nbreak", "\u{0}", String(repeating: "x", count: 201)] {
            #expect(code { try $0.subscribe(name, to: Numbered.self) { _, _ in } } == .invalidName)
            #expect(await errorCode { try await bus.subscribe(name, to: Numbered.self) { _, _ in } } == .invalidName)
        }
    }

    @Test("a name of 200 bytes is fit")
    func longestName() async throws {
        let bus = try EventBus { try $0.subscribe(String(repeating: "x", count: 200), to: LongestName.self) { _, _ in } }
        try await bus.publish(LongestName())
    }

    @Test("an event's name must be fit, for a subscription, a publish and an emission")
    func unfitEventName() async throws {
        #expect(code { try $0.subscribe("a", to: Nameless.self) { _, _ in } } == .invalidName)
        #expect(code { try $0.subscribe("a", to: LongName.self) { _, _ in } } == .invalidName)
        #expect(code { try $0.subscribe("a", to: ControlName.self) { _, _ in } } == .invalidName)
        let bus = try EventBus()
        #expect(await rejection { try await bus.publish(Nameless()) } == .invalidName)
        #expect(await rejection { try await bus.publish(contentsOf: [LongName()]) } == .invalidName)
        #expect(await errorCode { try await bus.subscribe("a", to: ControlName.self) { _, _ in } } == .invalidName)
        #expect(await bus.statistics().published == 0)
        #expect(await bus.statistics().subscriptions.isEmpty)
    }

    @Test("the message about a name shows control characters by number and does not obey them")
    func messageIsSafe() async throws {
        let error = #expect(throws: EventBusError.self) {
            _ = try EventBus { try $0.subscribe("a\u{1B}[2J", to: Numbered.self) { _, _ in } }
        }
        #expect(error?.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } == true)
        #expect(error?.description.contains("\\u{1b}") == true)
    }

    @Test("two types of one name are refused, wherever the second comes up")
    func nameOfTwoTypes() async throws {
        #expect(
            code {
                try $0.subscribe("a", to: Numbered.self) { _, _ in }
                try $0.subscribe("b", to: NumberedToo.self) { _, _ in }
            } == .nameTaken)
        let bus = try EventBus { try $0.subscribe("a", to: Numbered.self) { _, _ in } }
        #expect(await errorCode { try await bus.subscribe("b", to: NumberedToo.self) { _, _ in } } == .nameTaken)
        #expect(await rejection { try await bus.publish(NumberedToo()) } == .nameTaken)
        try await bus.publish(Numbered(1))
        let other = try EventBus()
        try await other.publish(NumberedToo())
        #expect(await rejection { try await other.publish(Numbered(1)) } == .nameTaken)
    }

    @Test("a subscription names each type once, and at least one")
    func reactions() async throws {
        #expect(
            code {
                try $0.subscribe("a") {
                    On(Numbered.self) { _, _ in }
                    On(Numbered.self) { _, _ in }
                }
            } == .invalidConfiguration)
        #expect(code { try $0.subscribe("a") {} } == .invalidConfiguration)
        let bus = try EventBus()
        #expect(await errorCode { try await bus.subscribe("a") {} } == .invalidConfiguration)
    }

    @Test(
        "options out of range are refused",
        arguments: [
            SubscriptionOptions(maxConcurrency: 0), SubscriptionOptions(maxConcurrency: -1), SubscriptionOptions(timeout: .zero),
            SubscriptionOptions(timeout: .seconds(-1)), SubscriptionOptions(queue: QueuePolicy(capacity: 0)),
            SubscriptionOptions(queue: QueuePolicy(byteCapacity: 0)),
        ])
    func options(options: SubscriptionOptions) async throws {
        #expect(code { try $0.subscribe("a", options: options) { On(Numbered.self) { _, _ in } } } == .invalidConfiguration)
        let bus = try EventBus()
        #expect(
            await errorCode { try await bus.subscribe("a", to: Numbered.self, options: options) { _, _ in } }
                == .invalidConfiguration)
        #expect(await bus.statistics().subscriptions.isEmpty)
    }

    @Test("a configuration out of range is refused")
    func configuration() async throws {
        let changes: [@Sendable (inout EventBusConfiguration) -> Void] = [
            { $0.workers = 0 }, { $0.workers = 1_025 }, { $0.queue.capacity = 0 }, { $0.queue.byteCapacity = 0 },
            { $0.handlerHeadroom = -1 }, { $0.maxDepth = 0 }, { $0.deadLetterCapacity = 0 }, { $0.parkedCapacity = 0 },
            { $0.shutdownDeadline = .seconds(-1) }, { $0.grace = .seconds(-1) },
        ]
        for change in changes {
            var configuration = EventBusConfiguration()
            change(&configuration)
            #expect(await errorCode { _ = try EventBus(configuration: configuration) } == .invalidConfiguration)
        }
    }

    @Test("what the registration throws comes through")
    func throwing() throws {
        #expect(throws: TestFault.self) { _ = try EventBus { _ in throw TestFault() } }
    }

    @Test("one subscription may take several types: each goes to its own handler, all in one order")
    func severalTypes() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<String>()
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("both", options: SubscriptionOptions(order: .serial)) {
                    On(Numbered.self) { event, context in
                        await Task.yield()
                        handled.append("\(event.number)")
                    }
                    On(Lettered.self) { event, _ in handled.append(event.letter) }
                }
            } _: { bus in
                for index in 0..<6 {
                    try await bus.publish(Numbered(index))
                    try await bus.publish(Lettered("after \(index)"))
                }
                try await EventProbe(bus).settle()
                #expect(handled.entries == (0..<6).flatMap { ["\($0)", "after \($0)"] })
            }
        }
    }

    @Test("every subscription of a type gets every event of it")
    func fanOut() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Journal<String>()
            try await withRunningBus(on: schedule) { handlers in
                for name in ["a", "b", "c"] {
                    try handlers.subscribe(name, to: Numbered.self) { event, context in
                        handled.append("\(context.subscription)\(event.number)")
                    }
                }
            } _: { bus in
                let receipts = try await bus.publish(contentsOf: (0..<3).map { Numbered($0) })
                for receipt in receipts { #expect(try await bus.outcome(of: receipt) == Outcome(completed: 3)) }
                #expect(handled.entries.sorted() == ["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"])
            }
        }
    }
}
