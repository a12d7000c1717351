//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Where a check has its log: makes events, opens and restarts the log, and closes it in the end.
final class LogBench: Sendable {
    private struct State: Sendable {
        var log: (any EventLog)?
        var isOpen = false
        var lastID: UInt64 = 0
    }

    private let subject: any LogSubject
    private let state = Guarded(State())

    init(_ subject: any LogSubject) {
        self.subject = subject
    }

    // MARK: - The log

    /// Opens the log with subscriptions; one that is open is closed first, as in a restart.
    func open(_ subscriptions: [LogOpening.Subscription] = [], slots: Int = 4) async throws -> LogSession {
        await close()
        let next: any EventLog
        if let log = state.withLock({ $0.log }) {
            next = try await subject.reopen(log)
        } else {
            next = try await subject.make()
        }
        return try await open(next, subscriptions, slots)
    }

    /// Ends the log's process, and opens what it left.
    func kill(_ subscriptions: [LogOpening.Subscription] = [], slots: Int = 4) async throws -> LogSession {
        let log = try requireSome(state.withLock { $0.log }, "log to kill")
        return try await open(try await subject.kill(log), subscriptions, slots)
    }

    private func open(
        _ log: any EventLog, _ subscriptions: [LogOpening.Subscription], _ slots: Int
    ) async throws -> LogSession {
        state.withLock { $0.log = log }
        let opened = try await log.open(LogOpening(subscriptions: subscriptions, time: Self.time, flightSlots: slots))
        state.withLock { $0.isOpen = true }
        return LogSession(bench: self, log: log, opened: opened)
    }

    func close() async {
        let log = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen ? state.log : nil
        }
        await log?.close()
    }

    // MARK: - Material

    /// The time at which everything happens, unless said otherwise.
    static let time = Date(timeIntervalSince1970: 1_767_225_600)

    /// So many seconds after ``time``.
    static func time(_ seconds: Int) -> Date {
        time.addingTimeInterval(Double(seconds))
    }

    func makeID() -> EventID {
        state.withLock { state in
            state.lastID += 1
            return EventID(milliseconds: 1_767_225_600_000 + state.lastID, sequence: 0, random: state.lastID &* 0x9E37_79B9)
        }
    }

    func event(
        _ name: String = "a", key: String? = nil, at seconds: Int = 0, correlation: EventID? = nil, causation: EventID? = nil,
        payload: String = "{}", idempotencyKey: String? = nil, attachment: (any Sendable)? = nil
    ) -> LogEvent {
        LogEvent(
            id: makeID(), name: name, schemaVersion: 1, orderingKey: key, publishedAt: Self.time(seconds),
            correlationID: correlation, causationID: causation, depth: causation == nil ? 0 : 1, emittedBy: nil, headers: [:],
            payload: Data(payload.utf8), idempotencyKey: idempotencyKey, attachment: attachment)
    }

    func events(_ count: Int, _ name: String = "a", key: String? = nil) -> [LogEvent] {
        (0..<count).map { _ in event(name, key: key) }
    }
}

extension LogOpening.Subscription {
    /// A subscription that takes events called `a`, from the beginning, unless told otherwise.
    static func named(_ name: String, _ eventNames: [String] = ["a"], from start: SubscriptionStart = .beginning) -> Self {
        Self(name: name, eventNames: eventNames, start: start)
    }
}

extension LogClaim {
    /// The claim of an offset, from another one or from itself.
    static func at(_ offset: Int64, from: Int64? = nil) -> LogClaim {
        LogClaim(from: Offset(rawValue: from ?? offset), offset: Offset(rawValue: offset))
    }
}

extension LogSettlement.Item {
    static func at(
        _ offset: Int64, key: String? = nil, _ end: LogSettlement.End, counts: LogCounts = LogCounts(),
        attempt: Attempt? = nil, events: [LogEvent] = [], scheduled: [ScheduledEvent] = [], actions: [CommitAction] = []
    ) -> Self {
        var item = Self(claim: .at(offset), orderingKey: key, end: end, counts: counts, attempt: attempt)
        item.events = events
        item.scheduled = scheduled
        item.actions = actions
        return item
    }
}

extension LogSettlement.End {
    static func dead(
        _ reason: DeadLetter.Reason = .exhausted, type: String = "Fault", text: String = "it failed", at seconds: Int = 0,
        parks: Bool = false
    ) -> Self {
        .dead(
            LogLetter(
                reason: reason, errorType: type, errorText: text, time: LogBench.time(seconds), parksKey: parks))
    }

    static func retry(at seconds: Int) -> Self {
        .retry(due: LogBench.time(seconds))
    }
}
