//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// On whose behalf events are made inside a transaction of the log, with the causes that follow from it.
package struct EventSource: Sendable {
    let bus: EventBus
    let scope: HandlerScope?

    /// An event in the form in which the log keeps it.
    package func logEvent<E: Event>(_ event: E, headers: [String: String], idempotencyKey: String?) throws -> LogEvent {
        guard let journal = bus.journal else { throw EventBus.needsLog(E.name, "a transaction") }
        let origin = bus.origin(of: E.name, headers: headers, correlationID: nil, in: scope)
        let record = TypedEventRecord(event, origin: origin)
        try bus.names.require(record.name, for: record.typeID)
        return try record.logEvent(payload: journal.encode(event), idempotencyKey: idempotencyKey)
    }

    /// The same for later.
    package func scheduledEvent<E: Event>(
        _ event: E, at time: Date, headers: [String: String], idempotencyKey: String?
    ) throws -> ScheduledEvent {
        guard let journal = bus.journal else { throw EventBus.needsLog(E.name, "a time") }
        return journal.scheduled(
            try logEvent(event, headers: headers, idempotencyKey: idempotencyKey), at: time, bus.environment)
    }

    /// The same from within a transaction of the log, which runs alone: whatever the bus asks of the log from here on is answered
    /// after the commit. If that fails, the bus looks in vain.
    package func scheduledEventInTransaction<E: Event>(
        _ event: E, at time: Date, headers: [String: String], idempotencyKey: String?
    ) throws -> ScheduledEvent {
        let scheduled = try scheduledEvent(event, at: time, headers: headers, idempotencyKey: idempotencyKey)
        bus.journal?.mailbox.post(.scheduled(scheduled.time))
        return scheduled
    }

    /// The time of day, for events that are due after a delay.
    package func time(after delay: Duration) -> Date {
        bus.environment.wallClock().addingTimeInterval(max(.zero, delay).inSeconds)
    }
}

extension EventContext {
    /// Has something committed together with this attempt's success.
    package func addCommitAction(
        _ perform: @escaping @Sendable (any LogTransaction, EventSource) throws -> Void
    ) throws {
        try scope.addCommitAction(perform)
    }

    /// Publishes an event later, if this attempt succeeds; if it fails, the event never existed. It needs a log.
    ///
    /// - Parameters:
    ///   - event: The event. Its ordering key is read now.
    ///   - delay: How long to wait from now; a negative delay counts as zero.
    ///   - headers: Text values that travel with it. The default is none.
    /// - Throws: As ``emit(_:headers:)``; ``PublishError`` with `needsLog` on a bus in memory.
    public func emit<E: Event>(_ event: E, after delay: Duration, headers: [String: String] = [:]) throws {
        try scope.schedule(event, after: delay, headers: headers)
    }
}

extension CommandContext {
    /// The bus that the command was sent to, for the modules that add to what its handler can do.
    package var bus: EventBus { command.bus }

    /// Has something committed together with this command's success.
    package func addCommitAction(
        _ perform: @escaping @Sendable (any LogTransaction, EventSource) throws -> Void
    ) throws {
        try scope.addCommitAction(perform)
    }

    /// Publishes an event later, if the handler succeeds. See ``EventContext/emit(_:after:headers:)``.
    public func emit<E: Event>(_ event: E, after delay: Duration, headers: [String: String] = [:]) throws {
        try scope.schedule(event, after: delay, headers: headers)
    }
}

extension HandlerScope {
    func addCommitAction(_ perform: @escaping @Sendable (any LogTransaction, EventSource) throws -> Void) throws {
        guard bus.journal != nil else {
            throw EventBusError(.needsLog, "onCommit needs a bus with a log: EventBus(log:).")
        }
        let source = EventSource(bus: bus, scope: self)
        let action = CommitAction { try perform($0, source) }
        try add("a commit action") { $0.actions.append(action) }
    }

    func schedule<E: Event>(_ event: E, after delay: Duration, headers: [String: String]) throws {
        let source = EventSource(bus: bus, scope: self)
        let scheduled = try source.scheduledEvent(
            event, at: source.time(after: delay), headers: headers, idempotencyKey: nil)
        try add(E.name) { $0.scheduled.append(scheduled) }
    }

    /// Keeps something for the moment the handler succeeds.
    func add(_ what: String, _ change: @Sendable (inout Emissions) -> Void) throws {
        let isKept =
            switch self {
            case .delivery(let run, let index): run.emissions.add(for: index, change)
            case .command(let command): command.emissions.add(for: 0, change)
            }
        guard isKept else {
            throw EventBusError(
                .handlerEnded,
                "\(what) was emitted after its handler had ended, so it can no longer be part of that handler's success. "
                    + "Emit before returning, or publish the event instead.")
        }
    }
}

extension EventBus {
    /// The log, for the modules that know what kind it is.
    package nonisolated var log: (any EventLog)? { journal?.log }

    /// Performs an action on the log in a commit of its own.
    ///
    /// - Throws: What the action threw, and then nothing was done; ``LogFailure``.
    package nonisolated func transact(
        _ perform: @escaping @Sendable (any LogTransaction, EventSource) throws -> Void
    ) async throws {
        guard let journal else { throw EventBusError(.needsLog, "commit needs a bus with a log: EventBus(log:).") }
        let isInsideDelivery = HandlerScope.current?.isInsideDelivery(of: self) == true
        try refuseIfShuttingDown("a commit", isInsideDelivery: isInsideDelivery)
        try Task.checkCancellation()
        let source = EventSource(bus: self, scope: HandlerScope.enclosing(self))
        try await transact([CommitAction { try perform($0, source) }], Emissions(), in: journal)
    }

    /// Commits emissions and actions together.
    nonisolated func transact(_ actions: [CommitAction], _ emissions: Emissions, in journal: Journal) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let action = CommitAction { transaction in
                if !emissions.logEvents.isEmpty { _ = try transaction.append(emissions.logEvents) }
                if !emissions.scheduled.isEmpty { _ = try transaction.schedule(emissions.scheduled) }
                for action in actions { try action.perform(transaction) }
            }
            journal.log.submit(
                .transact(
                    LogTransact(action: action) { result in
                        switch result {
                        case .success(let events):
                            for event in events { event.event.record?.commit(at: event.offset) }
                            journal.mailbox.post(appended: events)
                            if let next = emissions.nextScheduled { journal.mailbox.post(.scheduled(next)) }
                            continuation.resume()
                        case .failure(let error):
                            if let failure = error as? LogFailure { journal.report(failure) }
                            continuation.resume(throwing: error)
                        }
                    }))
        }
    }
}
