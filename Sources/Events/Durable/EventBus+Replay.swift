//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a replay came to.
public struct ReplayReport: Sendable, Hashable {
    /// Deliveries that completed.
    public internal(set) var completed = 0
    /// Deliveries that became dead letters; they are kept under the replay's name.
    public internal(set) var dead = 0
    /// Deliveries that wait behind a dead letter of the same key.
    public internal(set) var parked = 0
}

/// A replay as the bus keeps it, on the subscription that it is made with.
final class Replay {
    /// The last offset that it reads.
    let end: Offset
    /// Whether what its handlers emit is published.
    let isEmitting: Bool
    /// Whether what it left behind the last time is under way again.
    var isReady = false
    let waiter = Waiter<ReplayReport>()

    init(end: Offset, isEmitting: Bool) {
        self.end = end
        self.isEmitting = isEmitting
    }
}

extension EventBus {
    /// Lets a subscription's handlers handle events of the past again, for instance to rebuild what they have made of them.
    ///
    /// A replay is a subscription of its own for a while, with its own place in the log and its own dead letters, made with the
    /// handlers and options of another. No key is handled by both at the same time. What handlers emit during a replay is dropped,
    /// unless asked for; what they do in `onCommit` is done. ``EventContext/isReplay`` tells them.
    ///
    /// It survives restarts: called again with the same `name`, it goes on where it was, and sends the dead letters that it has back
    /// first. When it is done and has none, it is removed from the log; with dead letters it stays.
    ///
    /// - Parameters:
    ///   - subscription: The name of the subscription whose handlers to use.
    ///   - name: The replay's name. The default is the subscription's with `@replay` after it.
    ///   - start: Where it begins, if it is new. The default is the oldest event that the log has.
    ///   - end: The last offset. The default, `nil`, is the end of the log now, which is also the most.
    ///   - emitting: Whether what handlers emit is published. The default is `false`.
    /// - Returns: How many deliveries came to what, when all of them are resolved.
    /// - Throws: ``EventBusError``: `needsLog` on a bus in memory, `noSubscription` when there is none of that name,
    ///   `duplicateSubscription` when the replay runs already, the subscription has one, or `name` is that of a subscription in the
    ///   log, `wouldDeadlock` inside a handler,
    ///   `shuttingDown`, `closed` when the bus closes first; ``LogFailure``. `CancellationError` when the task is cancelled: the
    ///   replay stops, and can go on later.
    @discardableResult
    public func replay(
        _ subscription: String, as name: String? = nil, from start: SubscriptionStart = .beginning, through end: Offset? = nil,
        emitting: Bool = false
    ) async throws -> ReplayReport {
        guard let journal else {
            throw EventBusError(.needsLog, "a bus in memory keeps nothing to replay; open the bus with a log: EventBus(log:).")
        }
        if HandlerScope.current?.isInsideDelivery(of: self) == true {
            throw EventBusError(
                .wouldDeadlock, "a replay of '\(subscription)' was awaited inside a handler, whose worker it may need.")
        }
        let name = name ?? subscription + "@replay"
        guard let original = subscriptionsByName[subscription], !original.isCancelled, original.replay == nil else {
            throw EventBusError(.noSubscription, "there is no subscription '\(subscription)' to replay.")
        }
        guard original.partner == nil else {
            throw EventBusError(.duplicateSubscription, "'\(subscription)' is being replayed already; wait for that to end.")
        }
        guard durable.absent[name] != false else {
            throw EventBusError(
                .duplicateSubscription,
                "the log has a subscription '\(name)' that is no replay; give the replay another name, or remove the subscription."
            )
        }
        var options = original.shared.options
        options.start = start
        let definition = try SubscriptionDefinition(name: name, options: options, reactions: original.reactions, isReplay: true)
        let last = Offset(rawValue: lastOffset)
        let replay = Replay(end: min(end ?? last, last), isEmitting: emitting)
        let handle = try await add(definition) { made in
            made.replay = replay
            made.partner = original
            original.partner = made
            // What is out now was not counted; what waits for its next attempt is not being handled.
            original.lanesInUse = original.queue.occupiedLanes
            for retry in retries.elements where retry.subscription === original {
                if let lane = original.queue.laneKey(forKey: retry.delivery.record.orderingKey) {
                    original.lanesInUse.remove(lane)
                }
            }
        }
        do {
            _ = try await deadLetters.redrive(matching: DeadLetterFilter(subscription: name))
            // In the mailbox, and so after what was sent back.
            journal.mailbox.post(.replayReady(handle.id))
            let report = try await replay.waiter.value()
            try await endReplay(handle, of: original, removing: report.dead == 0 && report.parked == 0)
            return report
        } catch {
            try await endReplay(handle, of: original, removing: false)
            throw error
        }
    }

    private func endReplay(_ handle: SubscriptionHandle, of original: SubscriptionState, removing: Bool) async throws {
        cancel(handle.id)
        // A bus that has closed removes nothing any more.
        if lifecycle.phase != .closed, let made = subscriptions[handle.id] { await withCheckedContinuation { made.removal = $0 } }
        for (_, delivery) in original.heldForPartner { original.queue.resume(delivery) }
        original.heldForPartner = [:]
        original.lanesInUse = []
        original.partner = nil
        getInLine(original)
        wakeWorker()
        if removing, subscriptionsByName[handle.name] == nil { _ = try await removeSubscription(handle.name) }
    }

    /// Tells who waits for a replay when it has nothing left to do.
    func finishReplayIfDone(_ subscription: SubscriptionState) {
        guard let replay = subscription.replay, replay.isReady, let own = subscription.durable, own.readThrough >= replay.end
        else { return }
        guard subscription.queue.unfinished == 0, own.pendingSettlements == 0, own.stored.storing == 0 else { return }
        let parked = parkedCount(of: subscription)
        guard own.stored.count() == parked, own.nextRetry == nil, !own.stored.isHolding else { return }
        replay.waiter.decide(
            .success(
                ReplayReport(completed: subscription.statistics.completed, dead: own.deadLetters, parked: parked)))
    }

    // MARK: Lanes that a replay shares

    /// Sorts out the deliveries whose key the subscription's partner is at; they come back when that is done.
    func claimLanes(_ deliveries: [Delivery], of subscription: SubscriptionState) -> [Delivery] {
        guard let partner = subscription.partner else { return deliveries }
        return deliveries.filter { delivery in
            guard let lane = subscription.queue.laneKey(forKey: delivery.record.orderingKey) else { return true }
            if partner.lanesInUse.contains(lane) {
                subscription.heldForPartner[lane] = delivery
                return false
            }
            subscription.lanesInUse.insert(lane)
            return true
        }
    }

    /// A delivery's key is free for the subscription's partner.
    func releaseLane(of delivery: Delivery, _ subscription: SubscriptionState) {
        guard let partner = subscription.partner,
            let lane = subscription.queue.laneKey(forKey: delivery.record.orderingKey),
            subscription.lanesInUse.remove(lane) != nil, let held = partner.heldForPartner.removeValue(forKey: lane)
        else { return }
        partner.queue.resume(held)
        getInLine(partner)
    }
}

extension EventContext {
    /// Whether the event is being handled again by a replay (``EventBus/replay(_:as:from:through:emitting:)``).
    public var isReplay: Bool { scope.isReplay }
}
