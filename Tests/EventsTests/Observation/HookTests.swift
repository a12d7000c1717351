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

private struct Ask: Command {
    typealias Reply = Int
    static let name = "test.ask"
    var fails = false
}

@Suite("the publish interceptor", .timeLimit(.minutes(10)))
struct PublishInterceptorTests {
    @Test("adds headers to what is published, batched and emitted, and sees who emits")
    func headers() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let seen = Journal<String>()
            try await withRunningBus(on: schedule) {
                $0.hooks.onPublish = { publication in
                    seen.append("\(publication.eventName) by \(publication.emittedBy ?? "nobody")")
                    publication.headers["trace"] = "t"
                    publication.headers["own"]? += "!"
                }
            } handlers: { handlers in
                try handlers.subscribe("source", to: Numbered.self) { _, context in
                    try context.emit(Lettered("a"), headers: ["own": "x"])
                }
                try handlers.handle(Ask.self) { _, context in
                    try context.emit(Lettered("b"))
                    return 1
                }
            } _: { bus in
                let probe = EventProbe(bus)
                try await bus.publish(Numbered(1), headers: ["own": "y"])
                try await probe.settle()
                try await bus.send(Ask())
                try await bus.publish(contentsOf: [Lettered("c"), Lettered("d")])
                #expect(
                    probe.events.map(\.metadata.headers) == [
                        ["trace": "t", "own": "y!"], ["trace": "t", "own": "x!"], ["trace": "t"], ["trace": "t"], ["trace": "t"],
                    ])
                #expect(
                    seen.entries == [
                        "test.numbered by nobody", "test.lettered by source", "test.lettered by nobody",
                        "test.lettered by nobody",
                        "test.lettered by nobody",
                    ])
            }
        }
    }

    @Test("runs in the publisher's task, so it can read what is bound there")
    func taskLocals() async throws {
        enum Trace { @TaskLocal static var id = "none" }
        var configuration = EventBusConfiguration()
        configuration.hooks.onPublish = { $0.headers["trace"] = Trace.id }
        let bus = try EventBus(configuration: configuration)
        let probe = EventProbe(bus)
        try await Trace.$id.withValue("42") { try await bus.publish(Numbered(1)) }
        #expect(probe.events.first?.metadata.headers == ["trace": "42"])
    }
}

@Suite("the handler interceptor", .timeLimit(.minutes(10)))
struct HandlerInterceptorTests {
    @TaskLocal private static var bound = "nothing"

    @Test("is called around every attempt, with what is known about it, and can bind values")
    func around() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let journal = Journal<String>()
            try await withRunningBus(on: schedule) {
                $0.hooks.intercept = { invocation, next in
                    let attempt = invocation.attempt.map { " \($0)" } ?? ""
                    let what = "\(invocation.name) \(invocation.subscription ?? "command")\(attempt)"
                    #expect((invocation.metadata == nil) == (invocation.subscription == nil))
                    journal.append("before \(what)")
                    defer { journal.append("after \(what)") }
                    try await Self.$bound.withValue("something") { try await next() }
                }
            } handlers: { handlers in
                try handlers.subscribe("flaky", to: Numbered.self, retry: .constant(.seconds(1))) { _, context in
                    journal.append(Self.bound)
                    if context.attempt == 1 { throw TestFault() }
                }
                try handlers.handle(Ask.self) { _, _ in
                    journal.append(Self.bound)
                    return 7
                }
            } _: { bus in
                _ = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(
                    journal.entries == [
                        "before test.numbered flaky 1", "something", "after test.numbered flaky 1",
                        "before test.numbered flaky 2", "something", "after test.numbered flaky 2",
                    ])
                #expect(try await bus.send(Ask()) == 7)
                #expect(journal.entries.suffix(3) == ["before test.ask command", "something", "after test.ask command"])
            }
        }
    }

    @Test("what it throws before the handler counts as thrown by the handler, which does not run")
    func throwsBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let handled = Counter()
            try await withRunningBus(on: schedule) {
                $0.hooks.intercept = { invocation, next in
                    if invocation.attempt != 2 { throw TestFault("intercepted") }
                    try await next()
                }
            } handlers: { handlers in
                try handlers.subscribe("a", to: Numbered.self, retry: .constant(.seconds(1))) { _, _ in handled.increment() }
                try handlers.handle(Ask.self) { _, _ in handled.increment() }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(completed: 1))
                #expect(handled.value == 1)
                #expect(await bus.statistics(of: "a").failedAttempts == 1)
                await #expect(throws: TestFault("intercepted")) { try await bus.send(Ask()) }
                #expect(handled.value == 1)
            }
        }
    }

    @Test("what it throws after the handler fails the attempt, and what the handler emitted never existed")
    func throwsAfter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) {
                $0.hooks.intercept = { _, next in
                    try await next()
                    throw Disposition.permanentFailure("after all")
                }
            } handlers: { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, context in try context.emit(Lettered("x")) }
                try handlers.handle(Ask.self) { _, context in
                    try context.emit(Lettered("y"))
                    return 1
                }
            } _: { bus in
                let outcome = try await bus.outcome(of: bus.publish(Numbered(1)))
                #expect(outcome == Outcome(dead: 1))
                await #expect(throws: Disposition.self) { try await bus.send(Ask()) }
                try await EventProbe(bus).expectNone(of: Lettered.self)
                #expect(await bus.statistics().published == 1)
            }
        }
    }

    @Test("an interceptor that keeps a command's error to itself does not hide it from the sender")
    func swallowsCommandError() async throws {
        var configuration = EventBusConfiguration()
        configuration.hooks.intercept = { _, next in try? await next() }
        let bus = try EventBus(configuration: configuration) { handlers in
            try handlers.handle(Ask.self) { _, _ in throw TestFault("the handler's own") }
        }
        await #expect(throws: TestFault("the handler's own")) { try await bus.send(Ask()) }
    }

    @Test("an interceptor that forgets to call next leaves a command without a result, and that is said")
    func forgetsNext() async throws {
        var configuration = EventBusConfiguration()
        configuration.hooks.intercept = { _, _ in }
        let bus = try EventBus(configuration: configuration) { handlers in try handlers.handle(Ask.self) { _, _ in 1 } }
        let error = await #expect(throws: EventBusError.self) { try await bus.send(Ask()) }
        #expect(error?.message.contains("without having called 'next'") == true)
    }
}
