//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Puts a new delivery before its subscription, as the overflow policy says. The caller puts the subscription in line.
    func deliver(_ delivery: Delivery, to subscription: SubscriptionState) {
        let record = delivery.record
        if delivery.depth > configuration.maxDepth {
            record.count(1, into: .pending)
            bury(delivery, of: subscription, reason: .tooDeep, error: nil, neverQueued: true)
            return
        }
        switch subscription.policy.overflow {
        case .suspend, .reject: break
        case .dropNewest:
            guard subscription.hasRoom(for: 1, bytes: record.byteCount, headroom: 0) else {
                record.count(1, into: .dropped)
                noteDrop(delivery, of: subscription)
                return
            }
        case .dropOldest:
            // No more than the new one takes up, even where a redrive has filled the queue past its capacity.
            var freed = (count: 0, bytes: 0)
            while !subscription.hasRoom(for: 1, bytes: record.byteCount, headroom: 0),
                freed.count < 1 || freed.bytes < record.byteCount
            {
                guard let oldest = subscription.queue.dropOldest() else {
                    record.count(1, into: .dropped)
                    noteDrop(delivery, of: subscription)
                    return
                }
                freed.count += 1
                freed.bytes += oldest.record.byteCount
                oldest.record.move(from: .pending, to: .dropped)
                noteDrop(oldest, of: subscription)
                resolve(oldest.record)
            }
        }
        if subscription.queue.enqueue(delivery) {
            record.count(1, into: .parked)
            observe(.parked, delivery, subscription)
            evictParked(of: subscription)
        } else {
            record.count(1, into: .pending)
        }
    }

    private func noteDrop(_ delivery: Delivery, of subscription: SubscriptionState) {
        subscription.statistics.dropped += 1
        observe(.dropped, delivery, subscription)
    }

    /// Makes a delivery a dead letter, parking its key where that is what its subscription wants.
    func bury(
        _ delivery: Delivery, of subscription: SubscriptionState, reason: DeadLetter.Reason, error: ErrorText?,
        neverQueued: Bool = false
    ) {
        applyBurial(
            delivery, of: subscription, reason: reason, error: error, parksKey: parks(reason, delivery, of: subscription),
            neverQueued: neverQueued)
    }

    /// Whether a delivery that dies of something holds up its key.
    func parks(_ reason: DeadLetter.Reason, _ delivery: Delivery, of subscription: SubscriptionState) -> Bool {
        guard subscription.queue.hasLane(delivery) else { return false }
        switch subscription.shared.options.onDeadLetter {
        case .automatic:
            switch reason {
            // Nobody knows what state it left.
            case .exhausted, .crashed, .undecodable, .corrupt: return true
            case .permanent, .tooDeep: return false
            }
        case .park: return true
        case .continue: return false
        }
    }

    /// A delivery has become a dead letter.
    func applyBurial(
        _ delivery: Delivery, of subscription: SubscriptionState, reason: DeadLetter.Reason, error: ErrorText?, parksKey: Bool,
        neverQueued: Bool = false
    ) {
        let moves = subscription.queue.die(delivery, parksKey: parksKey, neverQueued: neverQueued)
        let letter = DeadLetter(
            id: DeadLetter.ID(subscription: subscription.name, offset: delivery.offset),
            metadata: EventMetadata(delivery.record), reason: reason, errorType: error?.type ?? "EventTooDeep",
            errorText: error?.text ?? chain(of: delivery.record), attempts: delivery.attempts,
            omittedAttempts: delivery.omittedAttempts, deadSince: environment.wallClock(), redrives: delivery.redrives,
            parksKey: parksKey)
        delivery.record.move(from: .pending, to: .dead)
        subscription.statistics.deadLettered += 1
        observe(.deadLettered, delivery, subscription, errorType: letter.errorType)
        if journal == nil {
            deadLetterStore.insert(DeadLetterStore.Entry(delivery: delivery, subscription: subscription.id, letter: letter))
        }
        if letterTaps.isActive { letterTaps.send(letter, to: 0) }
        apply(moves, of: subscription)
        resolve(delivery.record)
        if journal == nil { evictLetters(of: subscription) }
    }

    /// Follows up on deliveries that a step of the queue parked or unparked.
    func apply(_ moves: DeliveryQueue.Moves, of subscription: SubscriptionState) {
        for delivery in moves.parked {
            delivery.record.move(from: .pending, to: .parked)
            observe(.parked, delivery, subscription)
            resolve(delivery.record)
        }
        for delivery in moves.unparked {
            delivery.record.move(from: .parked, to: .pending)
            observe(.unparked, delivery, subscription)
        }
        if !moves.parked.isEmpty, journal == nil { evictParked(of: subscription) }
    }

    func evictParked(of subscription: SubscriptionState) {
        while subscription.queue.parked > configuration.parkedCapacity, let evicted = subscription.queue.evictOldestParked() {
            evicted.delivery.record.move(from: .parked, to: .discarded)
            subscription.statistics.evicted += 1
            observe(.evicted, evicted.delivery, subscription)
            apply(evicted.moves, of: subscription)
            getInLine(subscription)
        }
    }

    private func evictLetters(of subscription: SubscriptionState) {
        while deadLetterStore.count(of: subscription.name) > configuration.deadLetterCapacity,
            let oldest = deadLetterStore.oldest(of: subscription.name), let entry = deadLetterStore.remove(oldest)
        {
            entry.delivery.record.move(from: .dead, to: .discarded)
            subscription.statistics.evicted += 1
            observe(.evicted, entry.delivery, subscription)
            // Nobody can redrive what is gone, so what waited behind it may go on.
            apply(subscription.queue.forgetLetter(entry.delivery), of: subscription)
            getInLine(subscription)
        }
    }

    /// The events that led to an event, oldest first, for the letter of one that lies too deep.
    func chain(of record: EventRecord) -> String {
        var names: [String] = []
        var link: EventRecord? = record
        while let event = link {
            names.append(event.name)
            link = event.origin.parent
        }
        return "depth \(record.origin.depth) is past the limit of \(configuration.maxDepth): "
            + names.reversed().joined(separator: " → ")
    }

    func observe(
        _ kind: @autoclosure () -> Signal.Kind, _ delivery: Delivery, _ subscription: SubscriptionState, attempt: Int? = nil,
        duration: Duration? = nil, delay: Duration? = nil, errorType: String? = nil
    ) {
        guard let observe = hooks.observe else { return }
        observe(
            Signal(
                kind(), delivery, subscription: subscription.name, attempt: attempt, duration: duration, delay: delay,
                errorType: errorType))
    }
}
