//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The work on whose behalf code runs: one attempt of a delivery or one run of a command handler.
///
/// It travels with the task (task-local), so that whatever is published underneath, by whatever code, knows its cause.
///
/// A delivery is named by its place in its run, and everything else is found from there: an object of its own for every attempt,
/// with references to the bus, the subscription and the event, would have all workers count references to the same few objects.
enum HandlerScope: Sendable {
    case delivery(Run, index: Int)
    case command(CommandRun)

    @TaskLocal static var current: HandlerScope?

    var bus: EventBus {
        switch self {
        case .delivery(let run, _): run.bus
        case .command(let command): command.bus
        }
    }

    /// The event being handled; for a command sent inside a handler the event that this handler handles.
    var record: EventRecord? {
        switch self {
        case .delivery(let run, let index): run.deliveries[index].record
        case .command(let command): command.enclosing?.record
        }
    }

    var correlationID: EventID {
        switch self {
        case .delivery(let run, let index): run.deliveries[index].record.origin.correlationID
        case .command(let command): command.enclosing?.correlationID ?? command.id
        }
    }

    /// What events from here are caused by: the event, or the command itself when no event led to it.
    var causationID: EventID {
        switch self {
        case .delivery(let run, let index): run.deliveries[index].record.origin.id
        case .command(let command): command.enclosing?.causationID ?? command.id
        }
    }

    /// The depth of what is handled: that of the event; -1 for a command that no event led to, so that its events have depth 0.
    var depth: Int {
        switch self {
        case .delivery(let run, let index): run.deliveries[index].depth
        case .command(let command): command.enclosing?.depth ?? -1
        }
    }

    /// The subscription whose handler runs here, directly or around a command.
    var subscription: String? {
        switch self {
        case .delivery(let run, _): run.handlers.name
        case .command(let command): command.enclosing?.subscription
        }
    }

    /// Whether this code runs for a replay.
    var isReplay: Bool {
        switch self {
        case .delivery(let run, _): run.handlers.isReplay
        case .command(let command): command.enclosing?.isReplay ?? false
        }
    }

    /// Whether this code runs on a worker of `bus`: inside a delivery that has not ended, directly or through commands and other
    /// buses. Such code must not wait for the bus, because the bus may be waiting for it.
    func isInsideDelivery(of bus: EventBus) -> Bool {
        switch self {
        case .delivery(let run, let index): run.bus === bus && run.emissions.isOpen(for: index)
        case .command(let command): command.outer?.isInsideDelivery(of: bus) ?? false
        }
    }

    /// The innermost scope that belongs to `bus`.
    static func enclosing(_ bus: EventBus) -> HandlerScope? {
        var scope = current
        while let candidate = scope, candidate.bus !== bus {
            guard case .command(let command) = candidate else { return nil }
            scope = command.outer
        }
        return scope
    }

    /// Keeps an event for the moment the handler succeeds.
    func emit<E: Event>(_ event: E, headers: [String: String]) throws {
        let bus = bus
        let record = TypedEventRecord(event, origin: bus.origin(of: E.name, headers: headers, correlationID: nil, in: self))
        try bus.names.require(record.name, for: record.typeID)
        let logEvent = try bus.journal.map { try record.logEvent(payload: $0.encode(event), idempotencyKey: nil) }
        try add(E.name) { emissions in
            emissions.records.append(record)
            if let logEvent { emissions.logEvents.append(logEvent) }
        }
    }
}

/// One run of a command handler.
final class CommandRun: Sendable {
    let bus: EventBus
    let id: EventID
    /// The scope of this bus in which the command was sent: its causes are the command's.
    let enclosing: HandlerScope?
    /// The scope, of whatever bus, in which the command was sent.
    let outer: HandlerScope?
    let emissions = EmissionBuffer()

    init(bus: EventBus, id: EventID, enclosing: HandlerScope?, outer: HandlerScope?) {
        self.bus = bus
        self.id = id
        self.enclosing = enclosing
        self.outer = outer
        emissions.open(for: 0)
    }
}
