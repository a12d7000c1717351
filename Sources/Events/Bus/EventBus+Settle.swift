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
    /// Settles what a worker's run has finished so far: every delivery before `end` that is not settled yet.
    func settle(_ worker: Int, upTo end: Int) {
        if journal != nil {
            settleInLog(worker, upTo: end)
            return
        }
        guard let run = workers[worker].run, let subscription = workers[worker].subscription else { return }
        var index = workers[worker].settled
        guard index < end else { return }
        workers[worker].settled = end
        var completed = 0
        while index < end {
            if let result = run.takeException(index) {
                settle(run.deliveries[index], result, of: subscription, interruption: workers[worker].interruption)
            } else {
                complete(run.deliveries[index], of: subscription)
                completed += 1
            }
            index += 1
        }
        subscription.statistics.completed += completed
        afterSettling(subscription)
    }

    /// Takes back what a worker has not started, and settles what it has finished. The worker keeps at most the delivery it is at.
    func takeBackRest(of worker: Int) {
        guard let run = workers[worker].run, let subscription = workers[worker].subscription else { return }
        let claimed = run.close()
        // A run closed before says that all is claimed; what was the worker's then still is.
        let limit = min(claimed, workers[worker].limit)
        let rest = run.deliveries[limit..<workers[worker].limit]
        workers[worker].limit = limit
        if !rest.isEmpty {
            if subscription.partner != nil {
                for delivery in rest { releaseLane(of: delivery, subscription) }
            }
            subscription.queue.returnUnstarted(rest)
            getInLine(subscription)
        }
        if limit > 0 { settle(worker, upTo: limit - 1) }
    }

    /// What follows when deliveries of a subscription were settled: publishers may have room, workers something to do.
    func afterSettling(_ subscription: SubscriptionState) {
        if !subscription.waitingPublishers.isEmpty { admitWaitingPublishers(to: subscription) }
        getInLine(subscription)
    }

    /// A delivery is done. The caller counts it.
    func complete(_ delivery: Delivery, of subscription: SubscriptionState) {
        if let moves = subscription.queue.finish(delivery) { apply(moves, of: subscription) }
        delivery.record.move(from: .pending, to: .completed)
        resolve(delivery.record)
    }

    /// Decides what an attempt came to that did not simply complete.
    private func settle(
        _ delivery: Delivery, _ result: AttemptResult, of subscription: SubscriptionState, interruption: Worker.Interruption?
    ) {
        let duration = result.startedAt.duration(to: result.endedAt)
        let attempt = delivery.nextAttempt
        switch result.end {
        case .completed:
            if !result.emissions.isEmpty, let excess = emissionsBeyondAnyRoom(result.emissions.records, from: subscription) {
                fail(delivery, excess, startedAt: result.startedAt, duration: duration, of: subscription)
                return
            }
            if !result.emissions.isEmpty, !commitEmissions(result.emissions.records) {
                observe(.deferred, delivery, subscription, attempt: attempt, duration: duration)
                retry(delivery, of: subscription, after: Self.headroomDelay)
                return
            }
            observe(.completed, delivery, subscription, attempt: attempt, duration: duration)
            complete(delivery, of: subscription)
            subscription.statistics.completed += 1
        case .failed(let error, let wasCancelled):
            // What failed before it was told to stop failed by itself.
            guard let cause = cause(of: error, interruption: wasCancelled ? interruption : nil, subscription) else {
                release(delivery, of: subscription, attempt: attempt)
                return
            }
            fail(delivery, cause, startedAt: result.startedAt, duration: duration, of: subscription)
        }
    }

    /// What made an attempt fail, its interruption considered; `nil` when a shutdown did, which counts against nobody.
    func cause(of error: any Error, interruption: Worker.Interruption?, _ subscription: SubscriptionState) -> (any Error)? {
        // What a handler says of its event itself counts, however late it says it.
        if (error as? Disposition)?.isVerdict ?? false { return error }
        switch interruption {
        case .shutdown: return nil
        case .timeout:
            return subscription.shared.options.timeout.map { HandlerTimeout(limit: $0, ignoredCancellation: false) } ?? error
        case nil: return error
        }
    }

    /// What follows a failed attempt.
    struct Verdict {
        enum FollowUp {
            case retry(after: Duration)
            case dead(DeadLetter.Reason)
            case discard(reason: String)
        }

        /// The delivery with the attempt in its past.
        let delivery: Delivery
        let attempt: Attempt
        let text: ErrorText
        let follows: FollowUp
    }

    /// Decides what follows a failed attempt: the handler's own word first, then the retry policy.
    func judge(
        _ delivery: Delivery, _ error: any Error, startedAt: MonotonicTime, duration: Duration, of subscription: SubscriptionState
    ) -> Verdict {
        let number = delivery.nextAttempt
        let disposition = (error as? Disposition)?.kind
        let text = ErrorText(error)
        let isCounted =
            switch disposition {
            case .retry, .discard: false
            case .permanentFailure, nil: true
            }
        let sinceStart = startedAt.duration(to: environment.now())
        let attempt = Attempt(
            number: number, startedAt: environment.wallClock().addingTimeInterval(-sinceStart.inSeconds), duration: duration,
            errorType: text.type, errorText: text.text, isCounted: isCounted)
        let delivery = delivery.noting(attempt)
        if isCounted {
            subscription.statistics.failedAttempts += 1
            observe(.failed, delivery, subscription, attempt: number, duration: duration, errorType: text.type)
        }
        let follows: Verdict.FollowUp =
            switch disposition {
            case .permanentFailure: .dead(.permanent)
            case .retry(let delay): .retry(after: delay)
            case .discard(let reason): .discard(reason: reason)
            case nil:
                switch subscription.shared.options.retry.decide(
                    failedAttempts: delivery.failedAttempts, error: error, random: environment.random())
                {
                case .retry(let delay): .retry(after: delay)
                case .exhausted: .dead(.exhausted)
                case .notRetryable: .dead(.permanent)
                }
            }
        return Verdict(delivery: delivery, attempt: attempt, text: text, follows: follows)
    }

    /// Does what follows a failed attempt.
    func fail(
        _ delivery: Delivery, _ error: any Error, startedAt: MonotonicTime, duration: Duration, of subscription: SubscriptionState
    ) {
        if journal != nil {
            var pending = PendingSettlement(subscription: subscription.id)
            pending.items.append(failedItem(delivery, error, startedAt: startedAt, duration: duration, of: subscription))
            handIn(pending, of: subscription)
            return
        }
        let number = delivery.nextAttempt
        let verdict = judge(delivery, error, startedAt: startedAt, duration: duration, of: subscription)
        switch verdict.follows {
        case .dead(let reason): bury(verdict.delivery, of: subscription, reason: reason, error: verdict.text)
        case .retry(let delay):
            let isCounted = verdict.attempt.isCounted
            observe(
                .retried, verdict.delivery, subscription, attempt: number, duration: duration, delay: delay,
                errorType: isCounted ? verdict.text.type : nil)
            retry(verdict.delivery, of: subscription, after: delay)
        case .discard: applyDiscard(verdict.delivery, of: subscription, attempt: number)
        }
    }

    /// Publishes what a handler emitted, all or nothing: `false` when some queue has no headroom left.
    private func commitEmissions(_ emissions: [EventRecord]) -> Bool {
        guard emissionsFit(emissions) else { return false }
        for record in emissions {
            // The name was claimed when the event was emitted, so this cannot be refused any more.
            if let route = try? route(for: record) { commit(record, to: route) }
        }
        return true
    }

    /// An error if a handler emitted more at once than some queue holds even when it is empty: waiting would not help.
    private func emissionsBeyondAnyRoom(_ emissions: [EventRecord], from emitter: SubscriptionState) -> EventBusError? {
        for (id, count) in entries(of: emissions) {
            guard let subscription = subscriptions[id] else { continue }
            // The emitting delivery itself still has its place in the queue.
            let room = subscription.policy.capacity + configuration.handlerHeadroom - (subscription === emitter ? 1 : 0)
            guard subscription.policy.limitsPublishers, count > room else { continue }
            return EventBusError(
                .invalidConfiguration,
                "a handler of '\(emitter.name)' emitted \(count) events at once for '\(subscription.name)', whose queue takes \(room) at "
                    + "most. Emit fewer at once, or raise the queue's capacity or handlerHeadroom.")
        }
        return nil
    }

    /// How many of the emitted events each subscription would get.
    private func entries(of emissions: [EventRecord]) -> [SubscriptionID: Int] {
        var counts: [ObjectIdentifier: Int] = [:]
        for record in emissions { counts[record.typeID, default: 0] += 1 }
        var entries: [SubscriptionID: Int] = [:]
        for (typeID, count) in counts {
            for subscriber in routes[typeID]?.subscribers ?? [] { entries[subscriber.subscription.id, default: 0] += count }
        }
        return entries
    }

    /// Whether what a handler emitted stays within the headroom of every queue it would enter.
    private func emissionsFit(_ emissions: [EventRecord]) -> Bool {
        entries(of: emissions).allSatisfy { id, count in
            guard let subscription = subscriptions[id], subscription.policy.limitsPublishers else { return true }
            return subscription.hasRoom(for: count, bytes: 0, headroom: configuration.handlerHeadroom)
        }
    }

    /// How long a delivery waits whose emissions found no room.
    static let headroomDelay: Duration = .milliseconds(100)

    private func retry(_ delivery: Delivery, of subscription: SubscriptionState, after delay: Duration) {
        if subscription.isCancelled {
            applyDiscard(delivery, of: subscription, attempt: nil)
            return
        }
        applyRetry(delivery, of: subscription, at: environment.now().advanced(by: delay))
    }

    /// A delivery waits for another attempt.
    func applyRetry(_ delivery: Delivery, of subscription: SubscriptionState, at time: MonotonicTime) {
        subscription.statistics.retrying += 1
        retries.insert(Retry(subscription: subscription, delivery: delivery), at: time)
        setAlarm()
    }

    /// A delivery is over without having been handled.
    func applyDiscard(_ delivery: Delivery, of subscription: SubscriptionState, attempt: Int?) {
        if let moves = subscription.queue.finish(delivery) { apply(moves, of: subscription) }
        delivery.record.move(from: .pending, to: .discarded)
        subscription.statistics.discarded += 1
        observe(.discarded, delivery, subscription, attempt: attempt)
        resolve(delivery.record)
    }

    /// Shutdown interrupted an attempt: nothing is counted against the delivery, which is simply unfinished.
    func release(_ delivery: Delivery, of subscription: SubscriptionState, attempt: Int?) {
        subscription.statistics.released += 1
        report.released += 1
        observe(.released, delivery, subscription, attempt: attempt)
    }
}

extension Duration {
    /// This duration in seconds, as Foundation counts them.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
