//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Waits until the log says that the deliveries of an event are resolved.
    func outcome(of record: EventRecord, including scope: Outcome.Scope, in journal: Journal) async throws -> Outcome {
        let correlation = record.origin.correlationID
        while true {
            guard let offset = try await offset(of: record, in: journal) else { return Outcome(scheduled: 1) }
            guard lifecycle.phase != .closed else { throw Self.closedBeforeOutcome(record) }
            // Whoever waits is registered before the log is asked, or news that come meanwhile would be missed.
            let waiter = Waiter<Void>()
            durable.outcomeWaiters[correlation, default: []].append(waiter)
            defer { forget(waiter, of: correlation) }
            let stored = try await journal.log.outcome(of: offset, including: scope, orders: ordersInLog)
            if stored.pending == 0 { return stored.outcome }
            try await waiter.value()
        }
    }

    /// The offset of an event. A receipt has none when it is that of a repeated publish whose first publication was still scheduled:
    /// `nil` as long as it is.
    private nonisolated func offset(of record: EventRecord, in journal: Journal) async throws -> Offset? {
        guard record.offset.rawValue == 0 else { return record.offset }
        var selection = EventSelection()
        selection.correlationID = record.origin.correlationID
        while true {
            let page = try await journal.log.events(selection)
            if let found = page.events.first(where: { $0.event.id == record.origin.id }) { return found.offset }
            if page.isLast { return nil }
            selection.after = page.through
        }
    }

    private var ordersInLog: [SubscriptionKey: DeliveryOrder] {
        var orders: [SubscriptionKey: DeliveryOrder] = [:]
        for subscription in subscriptionsInOrder where subscription.queue.order != .perKey {
            if let key = subscription.durable?.key { orders[key] = subscription.queue.order }
        }
        return orders
    }

    private func forget(_ waiter: Waiter<Void>, of correlation: EventID) {
        durable.outcomeWaiters[correlation]?.removeAll { $0 === waiter }
        if durable.outcomeWaiters[correlation]?.isEmpty == true { durable.outcomeWaiters[correlation] = nil }
    }

    /// Something became of an event: those who wait for an outcome that it may be part of look again.
    func news(of correlation: EventID) {
        guard !durable.outcomeWaiters.isEmpty else { return }
        for waiter in durable.outcomeWaiters[correlation] ?? [] { waiter.decide(.success(())) }
    }

    /// Something happened that may matter to every outcome.
    func newsOfAll() {
        for waiters in durable.outcomeWaiters.values {
            for waiter in waiters { waiter.decide(.success(())) }
        }
    }

    /// Ends what a bus with a log has going.
    func closeJournal() {
        guard let journal else { return }
        newsOfAll()
        for subscription in subscriptionsInOrder {
            subscription.replay?.waiter.decide(
                .failure(EventBusError(.closed, "the bus closed before the replay '\(subscription.name)' was done.")))
            subscription.removal.take()?.resume()
        }
        journal.gate.close()
        journal.mailbox.close()
        journal.requests.close()
        journal.closing.wake()
    }
}
