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

/// An event whose content nobody but its handlers may see.
private struct Confidential: Event {
    static let name = "test.confidential"
    var secret = "s3cr3t"
}

private struct Whisper: Command {
    var secret = "s3cr3t"
}

@Suite("what an event holds is never shown", .timeLimit(.minutes(10)))
struct SecretTests {
    /// Every way in which people print things.
    private static func printed(_ values: Any...) -> String {
        values.map { "\($0) \(String(describing: $0)) \(String(reflecting: $0))" }.joined(separator: "\n")
    }

    @Test("in signals, dead letters, statistics, envelopes, receipts, outcomes and reports")
    func descriptions() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let shown = Journal<String>()
            let gate = Gate()
            let result = try await withRunningBus(on: schedule) {
                $0.hooks.observe = { shown.append(Self.printed($0)) }
                $0.hooks.onPublish = { shown.append(Self.printed($0)) }
                $0.hooks.intercept = { invocation, next in
                    shown.append(Self.printed(invocation))
                    try await next()
                }
                $0.deadLetterCapacity = 1
                $0.maxDepth = 1
            } handlers: { handlers in
                try handlers.subscribe("fails", to: Confidential.self, retry: .constant(.seconds(1), maxAttempts: 2)) {
                    _, context in
                    shown.append(Self.printed(context, context.metadata, context.deliveryID))
                    throw TestFault()
                }
                try handlers.subscribe("loops", to: Confidential.self) { event, context in try context.emit(event) }
                try handlers.subscribe("times-out", to: Confidential.self, retry: .none, timeout: .seconds(1)) { _, _ in
                    await gate.wait()
                }
                try handlers.subscribe("drops", to: Confidential.self, queue: QueuePolicy(capacity: 1, overflow: .dropOldest)) {
                    _, _ in
                }
                try handlers.handle(Whisper.self) { command, context in
                    try context.emit(Confidential())
                    throw TestFault()
                }
            } _: { bus in
                let probe = EventProbe(bus)
                let receipts = try await bus.publish(contentsOf: [Confidential(), Confidential()])
                _ = try? await bus.send(Whisper())
                for receipt in receipts {
                    shown.append(Self.printed(receipt, try await bus.outcome(of: receipt, including: .descendants)))
                }
                let page = try await bus.deadLetters.list()
                shown.append(Self.printed(page, page.letters, page.letters.map(\.attempts), try await bus.deadLetters.counts()))
                _ = try await bus.deadLetters.discard(matching: .all, reason: "done")
                shown.append(Self.printed(try await bus.deadLetters.discards(), await bus.statistics(), bus))
                shown.append(Self.printed(probe.events, probe.events(of: Confidential.self), probe))
                gate.open()
            }
            shown.append(Self.printed(result.report))
            #expect(shown.count > 20)
            #expect(shown.entries.filter { $0.contains("s3cr3t") } == [])
        }
    }

    @Test("in the errors of the bus")
    func errors() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let errors = Journal<any Error>()
            @Sendable func collect(_ body: () async throws -> Void) async {
                do { try await body() } catch { errors.append(error) }
            }
            let contexts = Journal<EventContext>()
            for overflow in [QueuePolicy.Overflow.suspend, .reject] {
                let bus = try makeBus(on: schedule) {
                    $0.handlerHeadroom = 0
                } handlers: { handlers in
                    try handlers.subscribe("full", to: Confidential.self, queue: QueuePolicy(capacity: 2, overflow: overflow)) {
                        _, context in
                        contexts.append(context)
                        await collect { try await context.publish(Confidential()) }
                        await collect { try await context.publish(Confidential()) }
                        try await schedule.clock.sleep(for: .seconds(1))
                    }
                }
                await collect { try await bus.send(Whisper()) }
                try await bus.publish(contentsOf: [Confidential(), Confidential()])
                await collect { try await bus.publish(Confidential()) }
                await collect { try await bus.publish(contentsOf: [Confidential(), Confidential(), Confidential()]) }
                async let report = bus.run()
                await schedule.idle()
                let waiting = Task(executorPreference: schedule.executor) {
                    await collect { try await bus.publish(Confidential()) }
                }
                await schedule.idle()
                waiting.cancel()
                await waiting.value
                bus.beginShutdown()
                await collect { try await bus.publish(Confidential()) }
                _ = try await report
                await collect { try await bus.publish(Confidential()) }
                for context in contexts.entries { await collect { try context.emit(Confidential()) } }
            }
            #expect(errors.count > 10)
            let texts = errors.entries.map { Self.printed($0) }
            #expect(texts.filter { $0.contains("s3cr3t") } == [])
        }
    }
}
