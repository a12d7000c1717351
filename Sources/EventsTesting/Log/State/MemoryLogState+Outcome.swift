//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

extension MemoryLogState {
    /// What became of an event's deliveries. An event that the log does not have any more has none: what it had is finished.
    func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder]
    ) -> StoredOutcome {
        var outcome = StoredOutcome(outcome: Outcome(), pending: 0)
        let first = events.firstPosition(from: offset.rawValue)
        guard first < events.count, events.keys[first] == offset.rawValue else { return outcome }
        count(first, orders, into: &outcome)
        guard scope == .descendants else { return outcome }
        // Effects come after their causes, so one walk finds them all.
        let correlation = events.values[first].correlation
        var causes: Set<EventID> = [events.values[first].id]
        for position in first + 1..<max(first + 1, events.count) {
            let event = events.values[position]
            guard event.correlation == correlation, let cause = event.causationID, causes.contains(cause) else { continue }
            causes.insert(event.id)
            count(position, orders, into: &outcome)
        }
        outcome.outcome.scheduled = scheduled.values.count {
            $0.event.correlation == correlation && $0.event.causationID.map(causes.contains) ?? false
        }
        return outcome
    }

    private func count(
        _ position: Int, _ orders: [SubscriptionKey: DeliveryOrder], into outcome: inout StoredOutcome
    ) {
        let offset = events.keys[position]
        for subscription in subscriptions.values
        where subscription.takes(events.values[position].name, at: offset, isIntact: !damaged.contains(offset)) {
            count(
                offset, key: events.values[position].orderingKey, of: subscription, orders[subscription.key] ?? .perKey,
                into: &outcome)
        }
    }

    private func count(
        _ offset: Int64, key: String?, of subscription: MemorySubscription, _ order: DeliveryOrder,
        into outcome: inout StoredOutcome
    ) {
        let row = subscription.rows[offset]
        if let row, !row.isHandled {
            outcome.outcome.absent[subscription.name, default: 0] += 1
        } else if row != nil || !subscription.settled.contains(Offset(rawValue: offset)) {
            if isParked(offset, key: key, of: subscription, order) {
                outcome.outcome.parked += 1
            } else if subscription.epoch == epoch {
                outcome.pending += 1
            } else {
                outcome.outcome.absent[subscription.name, default: 0] += 1
            }
        } else if subscription.letters[offset] != nil {
            outcome.outcome.dead += 1
        } else if discards.contains(where: { $0.subscription == subscription.key && $0.discard.id.offset.rawValue == offset }) {
            outcome.outcome.discarded += 1
        } else {
            outcome.outcome.completed += 1
        }
    }

    /// Whether an earlier letter of the same key, or under `.serial` of any, holds up a delivery.
    private func isParked(_ offset: Int64, key: String?, of subscription: MemorySubscription, _ order: DeliveryOrder) -> Bool {
        guard order != .unordered else { return false }
        let earlier = subscription.letters.firstPosition(from: offset)
        return subscription.letters.values[..<earlier].contains { arrival in
            guard let letter = letters[arrival], letter.letter.parksKey else { return false }
            return order == .serial || letter.orderingKey.map(ExactText.init) == key.map(ExactText.init)
        }
    }
}
