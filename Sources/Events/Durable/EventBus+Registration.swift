//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Registers a subscription that comes later in the log. It is served from the commit on.
    func register(
        _ subscription: SubscriptionState, _ definition: SubscriptionDefinition, in journal: Journal
    ) async throws -> SubscriptionHandle {
        journal.addReaders(definition.reactions.map(\.reader))
        let time = environment.wallClock()
        let opening = subscription.opening
        let id = subscription.id
        do {
            // The notice takes its place among the events.
            let stored: LogSubscription = try await journal.commit(notice: { .subscribed(id, $0) }) { done in
                .subscribe(LogSubscribe(subscription: opening, time: time, completion: done))
            }
            setWorkerLimits()
            return SubscriptionHandle(name: subscription.name, startsAfter: stored.settled.cursor, id: id, bus: self)
        } catch {
            forget(subscription)
            throw error
        }
    }

    /// Stops serving a subscription. The log keeps its place and what it has not finished.
    func leaveToLog(_ subscription: SubscriptionState) {
        for index in workers.indices where workers[index].subscription === subscription { takeBackRest(of: index) }
        removeFromMemory(subscription)
        checkDrained()
    }

    /// Forgets a subscription that is not served any more, once nothing of it runs or is being settled.
    func removeFromMemory(_ subscription: SubscriptionState) {
        guard subscription.workers == 0, subscription.durable?.pendingSettlements ?? 0 == 0, subscriptions[subscription.id] != nil
        else { return }
        forget(subscription)
        for _ in retries.remove(where: { $0.subscription === subscription }) { subscription.statistics.retrying -= 1 }
        durable.absent[subscription.name] = subscription.replay != nil
        if let key = subscription.durable?.key {
            // Those that have not run yet run by themselves when it is served again.
            let left = durable.suspects.filter { $0.subscription === subscription }.map(\.delivery.offset)
            if !left.isEmpty { durable.suspectOffsets[key, default: []] += left }
            durable.suspects.removeAll { $0.subscription === subscription }
        }
        if let journal, let key = subscription.durable?.key, lifecycle.phase != .closed {
            journal.log.submit(
                .leave(LogLeave(subscription: key) { _ in journal.mailbox.post(.left) }))
        }
        completedByRemoved += subscription.statistics.completed
        setWorkerLimits()
        recover()
    }

    private func forget(_ subscription: SubscriptionState) {
        subscriptions[subscription.id] = nil
        subscriptionsInOrder.removeAll { $0 === subscription }
        subscriptionsByName[subscription.name] = nil
        subscription.removal.take()?.resume()
        if let key = subscription.durable?.key { durable.subscriptionsByKey[key] = nil }
    }

    /// Removes a subscription that this bus does not serve from the log, with its place, its unfinished deliveries and its dead
    /// letters. Nothing else ever does that: a subscription that is renamed, or registered no more, stays in the log until then.
    ///
    /// - Returns: What was given up; `nil` when the log has no subscription of that name.
    /// - Throws: ``EventBusError``: `stillRegistered` when this bus serves it, `needsLog` on a bus in memory; ``LogFailure``.
    @discardableResult
    public func removeSubscription(_ name: String) async throws -> RemovedSubscription? {
        guard let journal else {
            throw EventBusError(.needsLog, "a bus in memory has no subscription to remove; cancel '\(name)' by its handle.")
        }
        guard subscriptionsByName[name] == nil else {
            throw EventBusError(
                .stillRegistered, "this bus serves the subscription '\(name)'; cancel it by its handle, or open a bus without it."
            )
        }
        let time = environment.wallClock()
        let removed = try await journal.commit(notice: { _ in .left }) { done in
            .unsubscribe(LogUnsubscribe(name: name, time: time, completion: done))
        }
        if subscriptionsByName[name] == nil { durable.absent[name] = nil }
        return removed
    }
}
