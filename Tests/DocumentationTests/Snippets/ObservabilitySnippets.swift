//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

// The packages that these adapters are for are not dependencies of this one. What the adapters use of their APIs is declared, in
// the same shape, in the folder StandIns.

// snippet: docs/observability.md, logs
func logging(to logger: Logger) -> @Sendable (Signal) -> Void {
    { signal in
        let level: Logger.Level =
            switch signal.kind {
            case .deadLettered, .dropped, .evicted, .abandoned: .error
            case .failed, .timedOut, .commandFailed: .warning
            default: .debug
            }
        logger.log(
            level: level, "\(signal.eventName) \(signal.kind)",
            metadata: [
                "subscription": "\(signal.subscription ?? "-")",
                "error": "\(signal.errorType ?? "-")",
                "event": signal.eventID.map { "\($0)" } ?? "-",
                "offset": signal.offset.map { "\($0)" } ?? "-",
                "attempt": signal.attempt.map { "\($0)" } ?? "-",
            ])
    }
}
// end snippet

// snippet: docs/observability.md, metrics
@Sendable func count(_ signal: Signal) {
    let subscription = signal.subscription ?? ""
    let labels = [("event", signal.eventName), ("subscription", subscription)]
    Counter(label: "events_\(signal.kind)", dimensions: labels).increment(by: 1)
    if let duration = signal.duration {
        let (seconds, attoseconds) = duration.components
        Metrics.Timer(label: "events_handler_\(signal.kind)", dimensions: labels)
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
// end snippet

// snippet: docs/observability.md, levels
func recordLevels(of bus: EventBus) async {
    for (name, its) in await bus.statistics().subscriptions {
        let labels = [("subscription", name)]
        Gauge(label: "events_unfinished", dimensions: labels).record(its.unfinished)
        Gauge(label: "events_parked", dimensions: labels).record(its.parked)
        Gauge(label: "events_dead_letters", dimensions: labels).record(its.deadLetters)
    }
}
// end snippet

// snippet: docs/observability.md, traces
struct HeaderFields: Injector, Extractor {
    typealias Carrier = [String: String]
    func inject(_ value: String, forKey key: String, into headers: inout Carrier) {
        headers[key] = value
    }
    func extract(key: String, from headers: Carrier) -> String? { headers[key] }
}

@Sendable func carryTrace(_ publication: inout EventBusHooks.Publication) {
    guard let context = ServiceContext.current else { return }
    InstrumentationSystem.instrument.inject(
        context, into: &publication.headers, using: HeaderFields())
}

@Sendable func trace(
    _ invocation: EventBusHooks.Invocation, next: @Sendable () async throws -> Void
) async throws {
    var context = ServiceContext.current ?? .topLevel
    if let headers = invocation.metadata?.headers {
        InstrumentationSystem.instrument.extract(
            headers, into: &context, using: HeaderFields())
    }
    try await withSpan(invocation.name, context: context, ofKind: .consumer) { span in
        span.attributes["subscription"] = invocation.subscription ?? "command"
        try await next()
    }
}
// end snippet

// snippet: docs/observability.md, lifecycle
struct EventBusService: Service {
    let bus: EventBus
    let logger: Logger

    func run() async throws {
        let report = try await withGracefulShutdownHandler {
            try await bus.run()
        } onGracefulShutdown: {
            bus.beginShutdown()
        }
        logger.log(level: report.isClean ? .info : .error, "bus closed: \(report)")
    }
}
// end snippet

func runServices(bus: EventBus, logger: Logger) async throws {
    // snippet: docs/observability.md, a service group
    let group = ServiceGroup(
        services: [EventBusService(bus: bus, logger: logger)],
        gracefulShutdownSignals: [.sigint, .sigterm],
        logger: logger)
    try await group.run()
    // end snippet
}

func makeObservedBus(
    log: @escaping @Sendable (Signal) -> Void, register: @Sendable (inout HandlerRegistry) throws -> Void
) throws -> EventBus {
    // snippet: docs/observability.md, hooks
    let bus = try EventBus(
        configuration: EventBusConfiguration(
            hooks: EventBusHooks(onPublish: carryTrace, observe: log, intercept: trace)),
        handlers: register)
    // end snippet
    return bus
}
