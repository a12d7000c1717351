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

/// The adapters of docs/observability.md do what that page says, with stand-ins for the packages that they are for.
@Suite("Adapters", .timeLimit(.minutes(10)))
struct AdapterTests {
    struct Asked: Event {
        static let name = "asked"
    }

    struct Answered: Event {
        static let name = "answered"
    }

    struct Fault: Error {}

    /// One handler that fails once and then emits, one that takes what it emits.
    @Sendable private static func register(_ handlers: inout HandlerRegistry) throws {
        let retry = RetryPolicy.constant(.seconds(1))
        try handlers.subscribe("answer", to: Asked.self, retry: retry) { _, context in
            guard context.attempt > 1 else { throw Fault() }
            try context.emit(Answered())
        }
        try handlers.subscribe("note", to: Answered.self) { _, _ in }
    }

    private func run(
        observe: @escaping @Sendable (Signal) -> Void = { _ in }, _ body: @escaping @Sendable (EventBus) async throws -> Void
    ) async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            var configuration = EventBusConfiguration.on(schedule)
            configuration.hooks = EventBusHooks(onPublish: carryTrace, observe: observe, intercept: trace)
            try await withEventBus(configuration: configuration, handlers: Self.register) { bus in
                let receipt = try await bus.publish(Asked())
                _ = try await bus.outcome(of: receipt, including: .descendants)
                try await body(bus)
            }
        }
    }

    @Test("logs: failures are warnings, the rest is for debugging, and names are metadata")
    func logs() async throws {
        let logger = Logger()
        try await run(observe: logging(to: logger)) { _ in }
        let entries = logger.record.entries
        let warnings = entries.filter { $0.level == .warning }
        #expect(warnings.map(\.message) == ["asked failed"])
        #expect(warnings.first?.metadata["subscription"] == .string("answer"))
        #expect(warnings.first?.metadata["error"] == .string("Fault"))
        #expect(warnings.first?.metadata["offset"] == .string("1"))
        #expect(warnings.first?.metadata["attempt"] == .string("1"))
        #expect(entries.first?.message == "asked published")
        #expect(entries.first?.metadata["attempt"] == .string("-"))
        #expect(entries.contains { $0.level == .debug && $0.message == "answered completed" })
        #expect(!entries.contains { $0.level == .error })
    }

    @Test("metrics: every signal is counted by event and subscription, and handlers are timed")
    func metrics() async throws {
        let record = MetricsRecord()
        try await MetricsRecord.$current.withValue(record) {
            try await run(observe: count) { bus in
                await recordLevels(of: bus)
            }
        }
        #expect(record["events_published{event=asked,subscription=}"] == 1)
        #expect(record["events_started{event=asked,subscription=answer}"] == 2)
        #expect(record["events_failed{event=asked,subscription=answer}"] == 1)
        #expect(record["events_completed{event=answered,subscription=note}"] == 1)
        #expect(record["events_handler_failed{event=asked,subscription=answer}"] != nil)
        #expect(record["events_dead_letters{subscription=answer}"] == 0)
    }

    @Test("traces: each handler has a span, and what it publishes continues its trace")
    func traces() async throws {
        let record = TraceRecord()
        try await TraceRecord.$current.withValue(record) {
            try await ServiceContext.$current.withValue(ServiceContext(span: "request")) {
                try await run { _ in }
            }
        }
        #expect(
            record.spans == ["asked in answer after request", "asked in answer after request", "answered in note after asked"])
    }

    @Test("lifecycle: a graceful shutdown drains the bus and ends the service")
    func lifecycle() async throws {
        let trigger = ShutdownTrigger()
        let logger = Logger()
        try await withSeededSchedule(seed: 1) { schedule in
            let bus = try EventBus(configuration: .on(schedule), handlers: Self.register)
            try await bus.publish(Asked())
            async let service: Void = ShutdownTrigger.$current.withValue(trigger) {
                try await runServices(bus: bus, logger: logger)
            }
            await schedule.idle()
            #expect(trigger.shutDown())
            try await service
        }
        let report = "completed 2, released 0, abandoned 0, dead letters 0, parked 0"
        #expect(logger.record.entries.map(\.message) == ["bus closed: \(report)"])
        #expect(logger.record.entries.map(\.level) == [.info])
    }

    @Test("all hooks together are given to a bus as the page shows")
    func hooks() throws {
        _ = try makeObservedBus(log: logging(to: Logger()), register: Self.register)
    }
}
