//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

extension EventBus {
    /// Publishes an event to every subscription of its type.
    ///
    /// Called inside a handler, directly or from code that it calls, the event's correlation, causation and depth follow from the
    /// event being handled, and the call never waits for room: it may exceed full queues by
    /// ``EventBusConfiguration/handlerHeadroom``.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - headers: Text values that travel with it. The default is none.
    ///   - correlationID: The identity that everything with the same first cause shares. The default is that of the event being
    ///     handled, or the new event's own identity.
    ///   - idempotencyKey: Makes repeating the publish safe: while the log keeps an event with this key, publishing another of the
    ///     same name stores nothing and returns the receipt of the first. It needs a log. The default is none.
    /// - Returns: The receipt, when the event is committed; its handlers may not have run yet. On a bus with a log the event is then
    ///   as safe as the log promises.
    /// - Throws: ``PublishError``, which says whether the event may be stored nevertheless. On a bus with a log, a task cancelled
    ///   before the log has the event is rejected with the reason `cancelled`; after that the call waits for the outcome. In memory,
    ///   if a queue that makes publishers wait is full and the task is cancelled before there is room,
    ///   the event is rejected with the reason `cancelled`; a publish that need not wait ignores cancellation.
    @inlinable
    @discardableResult
    public nonisolated func publish<E: Event>(
        _ event: E, headers: [String: String] = [:], correlationID: EventID? = nil, idempotencyKey: String? = nil
    ) async throws -> Receipt {
        let record = TypedEventRecord(event, origin: origin(of: E.name, headers: headers, correlationID: correlationID))
        if let journal {
            let payload = try journal.encode(event)
            return try await append(record, payload: payload, idempotencyKey: idempotencyKey, to: journal)
        }
        if idempotencyKey != nil { throw Self.needsLog(E.name, "an idempotency key") }
        try await append(record)
        return Receipt(record)
    }

    /// Publishes events of one type together, in order: all of them or none.
    ///
    /// The batch enters the queues as a whole, so it waits until every queue that makes publishers wait has room for all of it, and
    /// is rejected when it is larger than such a queue.
    ///
    /// - Parameters:
    ///   - events: The events, in order. None is fine.
    ///   - headers: Text values that travel with each of them. The default is none.
    ///   - correlationID: As for a single event; the default gives each event outside of a handler an identity of its own.
    ///   - idempotencyKey: The idempotency key of each event, as for a single one. The default is none.
    /// - Returns: A receipt for each event, in order.
    /// - Throws: ``PublishError``, as for a single event.
    @inlinable
    @discardableResult
    public nonisolated func publish<E: Event>(
        contentsOf events: some Collection<E> & Sendable, headers: [String: String] = [:], correlationID: EventID? = nil,
        idempotencyKey: ((E) -> String?)? = nil
    ) async throws -> [Receipt] {
        let count = events.count
        guard count > 0 else { return [] }
        if let journal {
            var logEvents: [LogEvent] = []
            var records: [EventRecord] = []
            logEvents.reserveCapacity(count)
            records.reserveCapacity(count)
            var origins = origins(of: E.name, count: count, headers: headers, correlationID: correlationID)
            for event in events {
                let record = TypedEventRecord(event, origin: origins.next())
                logEvents.append(
                    try record.logEvent(payload: journal.encode(event), idempotencyKey: idempotencyKey?(event)))
                records.append(record)
            }
            return try await append(logEvents, of: records, to: journal)
        }
        if idempotencyKey != nil { throw Self.needsLog(E.name, "an idempotency key") }
        // Receipts and not records, so that what goes in is what comes back, without being copied.
        var receipts: [Receipt] = []
        receipts.reserveCapacity(count)
        var origins = origins(of: E.name, count: count, headers: headers, correlationID: correlationID)
        for event in events {
            receipts.append(Receipt(TypedEventRecord(event, origin: origins.next())))
        }
        try await append(batch: receipts)
        return receipts
    }

    /// Commits one event, waiting for room where that is what its queues do.
    @usableFromInline
    func append(_ record: EventRecord) async throws {
        let route = try openRoute(for: record)
        if hasRoom(route, for: record) {
            commit(record, to: route)
            wakeWorker()
        } else {
            try await admit([record])
        }
    }

    /// Commits events of one type, all or none.
    @usableFromInline
    func append(batch receipts: [Receipt]) async throws {
        guard let first = receipts.first else { return }
        let route = try openRoute(for: first.record)
        if hasRoom(route, for: receipts) {
            commit(receipts, to: route)
            wakeWorker()
        } else {
            try await admit(receipts.map(\.record))
        }
    }

    /// The route of an event that may be published now.
    func openRoute(for record: EventRecord) throws -> Route {
        if shutdown.isRequested { try refuseUnlessInsideDelivery(record) }
        return try route(for: record)
    }

    private func refuseUnlessInsideDelivery(_ record: EventRecord) throws {
        if lifecycle.phase == .closed {
            throw PublishError(.rejected, .closed, "\(record.name) was published on a closed bus; nobody would handle it.")
        }
        guard HandlerScope.current?.isInsideDelivery(of: self) == true else {
            throw PublishError(
                .rejected, .shuttingDown,
                "\(record.name) was published while the bus shuts down; only running handlers still may.")
        }
    }

    /// The route of an event's type; a type seen for the first time gets one.
    func route(for record: EventRecord) throws(PublishError) -> Route {
        if let route = routes[record.typeID] { return route }
        switch names.claim(record.name, for: record.typeID) {
        case nil: break
        case .invalid(let problem): throw PublishError(.rejected, .invalidName, problem)
        case .taken(let problem): throw PublishError(.rejected, .nameTaken, problem)
        }
        let route = Route()
        routes[record.typeID] = route
        return route
    }

    /// Whether an event from outside can be committed at once: every queue that holds up publishers has room and no one in line.
    private func hasRoom(_ route: Route, for record: EventRecord) -> Bool {
        for subscriber in route.subscribers {
            let subscription = subscriber.subscription
            guard subscription.policy.limitsPublishers else { continue }
            guard subscription.waitingPublishers.isEmpty, subscription.hasRoom(for: 1, bytes: record.byteCount, headroom: 0)
            else { return false }
        }
        return true
    }

    private func hasRoom(_ route: Route, for receipts: [Receipt]) -> Bool {
        for subscriber in route.subscribers {
            let subscription = subscriber.subscription
            guard subscription.policy.limitsPublishers else { continue }
            var bytes = 0
            if subscription.policy.byteCapacity != nil {
                for receipt in receipts { bytes += receipt.record.byteCount }
            }
            guard subscription.waitingPublishers.isEmpty,
                subscription.hasRoom(for: receipts.count, bytes: bytes, headroom: 0)
            else { return false }
        }
        return true
    }

    // MARK: Committing

    /// Commits an event: it gets its offset, and every subscription of its type gets a delivery.
    func commit(_ record: EventRecord, to route: Route) {
        assignOffset(to: record)
        recentCommits.store(recentCommits.load(ordering: .relaxed) &+ route.subscribers.count, ordering: .relaxed)
        for subscriber in route.subscribers {
            deliver(Delivery(record: record, handler: subscriber.handler), to: subscriber.subscription)
            getInLine(subscriber.subscription)
        }
        show(record)
    }

    /// Commits events of one type, in order. Each subscription gets all of them before the next one does.
    private func commit(_ receipts: [Receipt], to route: Route) {
        for receipt in receipts { assignOffset(to: receipt.record) }
        recentCommits.store(
            recentCommits.load(ordering: .relaxed) &+ receipts.count * route.subscribers.count, ordering: .relaxed)
        for subscriber in route.subscribers {
            let subscription = subscriber.subscription
            for receipt in receipts { deliver(Delivery(record: receipt.record, handler: subscriber.handler), to: subscription) }
            getInLine(subscription)
        }
        if taps.isActive || allTaps.isActive {
            for receipt in receipts { show(receipt.record) }
        }
    }

    private func assignOffset(to record: EventRecord) {
        lastOffset += 1
        record.commit(at: Offset(rawValue: lastOffset))
        if let observe = hooks.observe {
            observe(Signal(.published, eventName: record.name, eventID: record.origin.id, offset: record.offset))
        }
    }

    /// Hands an event to those who look on.
    func show(_ record: EventRecord) {
        if taps.isActive { taps.send(record, to: record.typeID) }
        if allTaps.isActive { allTaps.send(record, to: 0) }
    }

    /// Commits events of any types, in order.
    func commit(_ records: [EventRecord]) {
        for record in records {
            // Whoever hands in records has looked up their routes, so there is one for each.
            if let route = routes[record.typeID] { commit(record, to: route) }
        }
        wakeWorker()
    }
}
