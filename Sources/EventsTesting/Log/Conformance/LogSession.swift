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

/// An open log, with its changes as calls that wait for their completion.
struct LogSession: Sendable {
    let bench: LogBench
    let log: any EventLog
    let opened: LogOpened

    func subscription(_ name: String) throws -> LogSubscription {
        try requireSome(opened.subscriptions.first { $0.name == name }, "subscription \(name)")
    }

    func key(_ name: String) throws -> SubscriptionKey {
        try subscription(name).key
    }

    // MARK: - Changes

    @discardableResult
    func append(_ events: [LogEvent]) async throws -> (publications: [Publication], stored: [StoredEvent]) {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .append(
                    LogAppend(events: events) { result in
                        continuation.resume(with: result.map { ($0.publications(of: events), $0.stored(of: events)) })
                    }))
        }
    }

    @discardableResult
    func settle(
        _ name: String, completed: [LogClaim] = [], _ items: [LogSettlement.Item] = [], at seconds: Int = 0
    ) async throws -> (errors: [Int: any Error], stored: [StoredEvent]) {
        try await settle(try key(name), completed: completed, items, at: seconds)
    }

    @discardableResult
    func settle(
        _ key: SubscriptionKey, completed: [LogClaim] = [], _ items: [LogSettlement.Item] = [], at seconds: Int = 0
    ) async throws -> (errors: [Int: any Error], stored: [StoredEvent]) {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .settle(
                    LogSettlement(subscription: key, time: LogBench.time(seconds), completed: completed, items: items) {
                        result, stored in
                        continuation.resume(with: result.map { ($0, stored) })
                    }))
        }
    }

    @discardableResult
    func redrive(_ letters: LogLetterSelection, handled: [String: Set<String>]? = nil) async throws -> [RedrivenDelivery] {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .redrive(
                    LogLetterChange(letters: letters, handled: handled, time: LogBench.time) {
                        continuation.resume(with: $0)
                    }))
        }
    }

    @discardableResult
    func discard(
        _ letters: LogLetterSelection, handled: [String: Set<String>]? = nil, reason: String = "", at seconds: Int = 0
    ) async throws -> [DiscardedLetter] {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .discard(
                    LogLetterChange(letters: letters, handled: handled, reason: reason, time: LogBench.time(seconds)) {
                        continuation.resume(with: $0)
                    }))
        }
    }

    /// Schedules an event for so many seconds after ``LogBench/time``.
    func later(_ event: LogEvent, due: Int, decided: Int = 0) -> ScheduledEvent {
        ScheduledEvent(event: event, due: LogBench.time(due), scheduledAt: LogBench.time(decided))
    }

    @discardableResult
    func schedule(_ events: [ScheduledEvent]) async throws -> [EventID] {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(.schedule(LogScheduling(events: events) { continuation.resume(with: $0) }))
        }
    }

    func cancelScheduled(_ id: EventID) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(.cancelScheduled(LogCancellation(id: id) { continuation.resume(with: $0) }))
        }
    }

    func release(at seconds: Int, limit: Int = 100) async throws -> (events: [StoredEvent], next: ScheduledTime?) {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .releaseScheduled(
                    LogRelease(time: LogBench.time(seconds), limit: limit) { result, next in
                        continuation.resume(with: result.map { ($0, next) })
                    }))
        }
    }

    @discardableResult
    func transact(_ action: @escaping @Sendable (any LogTransaction) throws -> Void) async throws -> [StoredEvent] {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(.transact(LogTransact(action: CommitAction(action)) { continuation.resume(with: $0) }))
        }
    }

    @discardableResult
    func subscribe(_ subscription: LogOpening.Subscription) async throws -> LogSubscription {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .subscribe(
                    LogSubscribe(subscription: subscription, time: LogBench.time) { continuation.resume(with: $0) }))
        }
    }

    @discardableResult
    func unsubscribe(_ name: String) async throws -> RemovedSubscription? {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(.unsubscribe(LogUnsubscribe(name: name, time: LogBench.time) { continuation.resume(with: $0) }))
        }
    }

    @discardableResult
    func prune(
        before seconds: Int? = nil, keeping: Int? = nil, limit: Int = 1000
    ) async throws -> (removed: Int, isDone: Bool) {
        try await withCheckedThrowingContinuation { continuation in
            log.submit(
                .prune(
                    LogPruning(before: seconds.map(LogBench.time), keeping: keeping, limit: limit) {
                        continuation.resume(with: $0)
                    }))
        }
    }

    // MARK: - Reads

    /// The offsets of all events, or of those that a selection matches, read page by page.
    func offsets(_ selection: EventSelection = EventSelection()) async throws -> [Int64] {
        try await events(selection).map(\.offset.rawValue)
    }

    func events(_ selection: EventSelection = EventSelection()) async throws -> [StoredEvent] {
        var selection = selection
        var events: [StoredEvent] = []
        while true {
            let page = try await log.events(selection)
            events += page.events
            if page.isLast { return events }
            try require(page.through > selection.after, "a page that is not the last goes on")
            selection.after = page.through
        }
    }

    func deliveries(
        _ group: DeliverySelection.Group = .all, of name: String = "s", after: Int64 = 0, before: Int64? = nil, limit: Int = 100
    ) async throws -> [StoredDelivery] {
        try await log.deliveries(
            DeliverySelection(
                group, of: try key(name), after: Offset(rawValue: after), before: before.map(Offset.init(rawValue:)), limit: limit
            ))
    }

    func deadLetters(_ filter: DeadLetterFilter = .all, after: Int64 = 0, limit: Int = 100) async throws -> [StoredDeadLetter] {
        try await log.deadLetters(DeadLetterSelection(.matching(filter), after: after, limit: limit))
    }

    func outcome(
        of offset: Int64, _ scope: Outcome.Scope = .handlers, orders: [SubscriptionKey: DeliveryOrder] = [:]
    ) async throws -> StoredOutcome {
        try await log.outcome(of: Offset(rawValue: offset), including: scope, orders: orders)
    }
}

extension [StoredDelivery] {
    var offsets: [Int64] { map(\.event.offset.rawValue) }
}

extension [StoredDeadLetter] {
    var offsets: [Int64] { map(\.id.offset.rawValue) }
}
