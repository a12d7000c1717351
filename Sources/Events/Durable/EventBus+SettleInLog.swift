//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventBus {
    /// Hands the log what a worker's run has finished so far: every delivery before `end` that was not handed in yet. The deliveries
    /// keep their places, and their keys wait, until it is committed.
    func settleInLog(_ worker: Int, upTo end: Int) {
        guard let run = workers[worker].run, let subscription = workers[worker].subscription else { return }
        var index = workers[worker].settled
        guard index < end else { return }
        workers[worker].settled = end
        var pending = PendingSettlement(subscription: subscription.id)
        while index < end {
            let delivery = run.deliveries[index]
            if let result = run.takeException(index) {
                decide(delivery, result, of: subscription, interruption: workers[worker].interruption, into: &pending)
            } else {
                pending.completed.append(delivery)
            }
            index += 1
        }
        handIn(pending, of: subscription)
    }

    /// Decides what an attempt came to that did not simply complete.
    private func decide(
        _ delivery: Delivery, _ result: AttemptResult, of subscription: SubscriptionState, interruption: Worker.Interruption?,
        into pending: inout PendingSettlement
    ) {
        let duration = result.startedAt.duration(to: result.endedAt)
        switch result.end {
        case .completed:
            var emissions = result.emissions
            if let replay = subscription.replay, !replay.isEmitting {
                emissions = Emissions(actions: emissions.actions)
            }
            pending.items.append(
                PendingSettlement.Item(
                    delivery: delivery, end: .completed, attempt: delivery.nextAttempt, duration: duration,
                    emissions: emissions, startedAt: result.startedAt))
        case .failed(let error, let wasCancelled):
            switch cause(of: error, interruption: wasCancelled ? interruption : nil, subscription) {
            case nil: release(delivery, of: subscription, attempt: delivery.nextAttempt)
            case let cause?:
                pending.items.append(
                    failedItem(delivery, cause, startedAt: result.startedAt, duration: duration, of: subscription))
            }
        }
    }

    /// What a failed attempt comes to, for the log.
    func failedItem(
        _ delivery: Delivery, _ error: any Error, startedAt: MonotonicTime, duration: Duration, of subscription: SubscriptionState
    ) -> PendingSettlement.Item {
        let verdict = judge(delivery, error, startedAt: startedAt, duration: duration, of: subscription)
        let end: PendingSettlement.End =
            switch verdict.follows {
            case .retry(let delay): .retry(at: environment.now().advanced(by: delay), delay: delay)
            case .dead(let reason): .dead(reason, verdict.text, parksKey: parks(reason, verdict.delivery, of: subscription))
            case .discard(let reason): .discarded(reason: reason)
            }
        return PendingSettlement.Item(
            delivery: verdict.delivery, end: end, attempt: delivery.nextAttempt, duration: duration, startedAt: startedAt,
            errorType: verdict.text.type, attemptRecord: verdict.attempt)
    }

    // MARK: Handing in

    /// Hands a settlement to the log.
    func handIn(_ pending: PendingSettlement, of subscription: SubscriptionState) {
        guard let journal, let own = subscription.durable, !pending.isEmpty, durable.failure == nil else { return }
        durable.pendingSettlements += 1
        own.pendingSettlements += 1
        let time = journal.scheduleTime(environment)
        var completed: [LogClaim] = []
        completed.reserveCapacity(pending.completed.count)
        for delivery in pending.completed { completed.append(own.claims.claim(of: delivery.offset)) }
        let settlement = LogSettlement(
            subscription: own.key, time: time, completed: completed,
            items: pending.items.map { item($0, of: own, time: time) }
        ) { result, events in
            for event in events { event.event.record?.commit(at: event.offset) }
            switch result {
            case .success(let failures):
                journal.mailbox.post(appended: events)
                journal.mailbox.post(.settled(pending, failures: failures))
            case .failure(let failure): journal.mailbox.post(.failed(failure))
            }
        }
        journal.log.submit(.settle(settlement))
    }

    private func item(
        _ item: PendingSettlement.Item, of own: DurableSubscription, time: Date
    ) -> LogSettlement.Item {
        let end: LogSettlement.End =
            switch item.end {
            case .completed: .completed
            case .discarded(let reason): .discarded(reason: reason)
            case .retry(_, let delay): .retry(due: time.addingTimeInterval(delay.inSeconds))
            case .dead(let reason, let text, let parksKey):
                .dead(
                    LogLetter(
                        reason: reason, errorType: text?.type ?? "EventTooDeep",
                        errorText: text?.text ?? chain(of: item.delivery.record), time: environment.wallClock(),
                        parksKey: parksKey))
            case .stored: .waiting
            case .noHandler: .noHandler
            }
        var entry = LogSettlement.Item(
            claim: own.claims.claim(of: item.delivery.offset), orderingKey: item.delivery.record.orderingKey, end: end,
            counts: item.delivery.counts, attempt: item.attemptRecord)
        entry.events = item.emissions.logEvents
        entry.scheduled = item.emissions.scheduled
        entry.actions = item.emissions.actions
        return entry
    }

    /// Leaves deliveries to the log until their lane, or the queue, has room for them.
    func store(_ deliveries: [Delivery], of subscription: SubscriptionState) {
        guard let own = subscription.durable, !deliveries.isEmpty else { return }
        var pending = PendingSettlement(subscription: subscription.id)
        for delivery in deliveries {
            let lane = subscription.queue.laneKey(forKey: delivery.record.orderingKey)
            if own.rows.remove(delivery.offset) != nil {
                own.stored.add(1, to: lane)
            } else {
                own.stored.beginStoring(lane)
                pending.items.append(PendingSettlement.Item(delivery: delivery, end: .stored))
            }
        }
        handIn(pending, of: subscription)
    }

    // MARK: Committed

    /// Follows up on a settlement that the log has committed.
    func apply(_ settlement: PendingSettlement, _ failures: [Int: any Error]) {
        durable.pendingSettlements -= 1
        guard let subscription = subscriptions[settlement.subscription], let own = subscription.durable else { return }
        own.pendingSettlements -= 1
        for delivery in settlement.completed {
            leaveLog(delivery, subscription, own)
            complete(delivery, of: subscription)
            if subscription.partner != nil { releaseLane(of: delivery, subscription) }
        }
        subscription.statistics.completed += settlement.completed.count
        var again = PendingSettlement(subscription: subscription.id)
        for (index, item) in settlement.items.enumerated() {
            if let error = failures[index] {
                // Its commit action failed, and so has the attempt.
                again.items.append(
                    failedItem(
                        item.delivery, error, startedAt: item.startedAt, duration: item.duration ?? .zero, of: subscription))
            } else {
                apply(item, of: subscription, own)
                if subscription.partner != nil, item.end.isOfTurn { releaseLane(of: item.delivery, subscription) }
            }
        }
        handIn(again, of: subscription)
        getInLine(subscription)
        removeIfDone(subscription)
    }

    private func apply(_ item: PendingSettlement.Item, of subscription: SubscriptionState, _ own: DurableSubscription) {
        let delivery = item.delivery
        switch item.end {
        case .completed:
            leaveLog(delivery, subscription, own)
            observe(.completed, delivery, subscription, attempt: item.attempt, duration: item.duration)
            complete(delivery, of: subscription)
            subscription.statistics.completed += 1
            if let next = item.emissions.nextScheduled { noteScheduled(next) }
        case .discarded:
            leaveLog(delivery, subscription, own)
            applyDiscard(delivery, of: subscription, attempt: item.attempt)
        case .retry(let time, let delay):
            own.claims.settle(delivery.offset)
            own.rows.insert(delivery.offset)
            observe(
                .retried, delivery, subscription, attempt: item.attempt, duration: item.duration, delay: delay,
                errorType: item.errorType)
            applyRetry(delivery, of: subscription, at: time)
        case .dead(let reason, let text, let parksKey):
            leaveLog(delivery, subscription, own)
            own.deadLetters += 1
            applyBurial(delivery, of: subscription, reason: reason, error: text, parksKey: parksKey)
            var parked: [Delivery] = []
            while let evicted = subscription.queue.evictOldestParked() { parked.append(evicted.delivery) }
            store(parked, of: subscription)
            // What waits behind it counts as resolved now, also what only the log has.
            if parksKey { newsOfAll() }
        case .stored:
            own.claims.settle(delivery.offset)
            own.finishStoring(subscription.queue.laneKey(forKey: delivery.record.orderingKey))
        case .noHandler:
            // It was never in the queue.
            leaveLog(delivery, subscription, own)
            resolve(delivery.record)
        }
    }

    /// A delivery has nothing in memory to account for any more.
    private func leaveLog(_ delivery: Delivery, _ subscription: SubscriptionState, _ own: DurableSubscription) {
        // A delivery with a claim may have a row as well, which the log gave it to keep the ranges short.
        own.claims.settle(delivery.offset)
        own.rows.remove(delivery.offset)
        own.departures.leave(delivery.offset)
        // The next of its lane may be in the log.
        if !own.stored.isEmpty { own.stored.reconsider(subscription.queue.laneKey(forKey: delivery.record.orderingKey)) }
    }
}
