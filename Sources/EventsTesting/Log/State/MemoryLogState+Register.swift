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

/// A delivery that was running, as the flight recorder noted it.
struct FlightNote: Sendable {
    let epoch: Int64
    let suspect: LogOpened.Suspect
}

extension MemoryLogState {
    mutating func open(_ opening: LogOpening, notes: [FlightNote]) -> LogOpened {
        for note in notes where note.epoch == epoch { suspect(note.suspect) }
        epoch += 1
        for subscription in opening.subscriptions { _ = register(subscription) }
        let all = subscriptions.values.sorted { $0.key.rawValue < $1.key.rawValue }
        let suspects = all.flatMap { subscription in
            subscription.rows.keys.indices.filter { subscription.rows.values[$0].isSuspect }.map { position in
                LogOpened.Suspect(
                    subscription: subscription.key, offset: Offset(rawValue: subscription.rows.keys[position]))
            }
        }
        return LogOpened(
            epoch: epoch, head: Offset(rawValue: head), subscriptions: all.map(known),
            suspects: suspects.sorted { ($0.offset, $0.subscription.rawValue) < ($1.offset, $1.subscription.rawValue) },
            nextScheduled: nextScheduled,
            lastDecision: (all.flatMap { $0.rows.values.compactMap(\.retry?.decided) } + scheduled.values.map(\.scheduledAt))
                .max())
    }

    /// Counts a crash of a delivery that ran when the process ended, unless its outcome was recorded after all.
    private mutating func suspect(_ suspect: LogOpened.Suspect) {
        let offset = suspect.offset.rawValue
        guard let subscription = subscriptions[suspect.subscription], let event = events[offset] else { return }
        var row = subscription.rows[offset]
        if row == nil, !subscription.settled.contains(suspect.offset) {
            row = MemoryRow(orderingKey: event.orderingKey, state: .waiting, counts: LogCounts())
        }
        guard var row else { return }
        row.counts.crashes += 1
        row.isSuspect = true
        subscriptions[suspect.subscription]?.rows[offset] = row
        subscriptions[suspect.subscription]?.settled.cover(LogClaim(from: suspect.offset, offset: suspect.offset))
    }

    /// Registers a subscription for this epoch: a new one at its start, a known one with the types that it takes from now on.
    mutating func register(_ wanted: LogOpening.Subscription) -> LogSubscription {
        if var subscription = subscriptions.values.first(where: { $0.name == wanted.name }) {
            subscription.epoch = epoch
            if wanted.end == nil { change(&subscription, to: wanted.eventNames) }
            subscriptions[subscription.key] = subscription
            return known(subscription)
        }
        lastSubscription += 1
        let start: Int64 =
            switch wanted.start {
            case .now: head
            case .beginning: 0
            case .after(let offset): min(max(0, offset.rawValue), head)
            }
        let subscription = MemorySubscription(
            key: SubscriptionKey(rawValue: lastSubscription), name: wanted.name, epoch: epoch,
            interests: Set(wanted.eventNames).sorted().map {
                .init(eventName: $0, after: Offset(rawValue: start), through: wanted.end)
            },
            settled: OffsetRanges(cursor: Offset(rawValue: start)))
        subscriptions[subscription.key] = subscription
        return known(subscription)
    }

    /// Ends the interest in types that are not wanted any more, and begins that in new ones, after the latest event.
    private func change(_ subscription: inout MemorySubscription, to eventNames: [String]) {
        let wanted = Set(eventNames)
        let current = Set(subscription.interests.filter { $0.through == nil }.map(\.eventName))
        let now = Offset(rawValue: head)
        subscription.interests = subscription.interests.map { interest in
            guard interest.through == nil, !wanted.contains(interest.eventName) else { return interest }
            return LogSubscription.Interest(eventName: interest.eventName, after: interest.after, through: now)
        }
        let added = wanted.subtracting(current)
        subscription.interests += added.sorted().map { LogSubscription.Interest(eventName: $0, after: now) }
        // What nobody handled while the type was gone has a handler again.
        for offset in subscription.rows.keys {
            guard var row = subscription.rows[offset], !row.isHandled, let event = events[offset], wanted.contains(event.name)
            else { continue }
            row.state = .waiting
            subscription.rows[offset] = row
        }
    }

    /// Forgets a subscription with everything of its own.
    mutating func remove(_ name: String) -> RemovedSubscription? {
        guard let subscription = subscriptions.values.first(where: { $0.name == name }) else { return nil }
        let unsettled = (events.firstPosition(from: max(1, subscription.settled.cursor.rawValue &+ 1))..<events.count).filter {
            owes(subscription, at: $0) && subscription.rows[events.keys[$0]] == nil
        }
        subscriptions[subscription.key] = nil
        letters.removeAll(in: Set(subscription.letters.values))
        discards.removeAll { $0.subscription == subscription.key }
        return RemovedSubscription(
            name: name, unfinished: unsettled.count + subscription.rows.count, deadLetters: subscription.letters.count)
    }

    /// Whether a subscription is to take the event at a position in the table, and has not settled it.
    func owes(_ subscription: MemorySubscription, at position: Int) -> Bool {
        let offset = events.keys[position]
        return !subscription.settled.contains(Offset(rawValue: offset))
            && subscription.takes(events.values[position].name, at: offset, isIntact: !damaged.contains(offset))
    }

    /// A subscription as it is reported.
    private func known(_ subscription: MemorySubscription) -> LogSubscription {
        var lanes: [String?: LogSubscription.Lane] = [:]
        var nextRetry: ScheduledTime?
        for (key, row) in zip(subscription.rows.keys, subscription.rows.values) where row.isHandled {
            let offset = Offset(rawValue: key)
            let lane = lanes[row.orderingKey]
            lanes[row.orderingKey] = LogSubscription.Lane(
                orderingKey: row.orderingKey, count: (lane?.count ?? 0) + 1, first: lane?.first ?? offset,
                retrying: row.retry == nil ? lane?.retrying : offset,
                retries: (lane?.retries ?? 0) + (row.retry == nil ? 0 : 1))
            if let retry = row.retry, nextRetry.map({ retry.due < $0.due }) ?? true { nextRetry = retry }
        }
        let parking = zip(subscription.letters.keys, subscription.letters.values).compactMap { offset, arrival in
            letters[arrival].flatMap { letter in
                letter.letter.parksKey
                    ? LogSubscription.Parking(offset: Offset(rawValue: offset), orderingKey: letter.orderingKey) : nil
            }
        }
        return LogSubscription(
            key: subscription.key, name: subscription.name, isRegistered: subscription.epoch == epoch,
            interests: subscription.interests, settled: subscription.settled,
            lanes: lanes.values.sorted { $0.first < $1.first }, parking: parking,
            deadLetters: subscription.letters.count, nextRetry: nextRetry)
    }
}
