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

// The window over the log: what of it each subscription has in memory. The log does the rest.

extension EventBus {
    /// How many deliveries of a lane are loaded at once.
    static let lanePage = 64

    /// Reads what the bus asks its log for, until the bus closes.
    nonisolated func readAhead(_ journal: Journal) async {
        while let request = await journal.requests.next() {
            do {
                switch request {
                case .events(let id, let selection):
                    let page = try await journal.log.events(selection)
                    let coding = journal.coding
                    await pageArrived(page, page.events.map { coding.record(of: $0, bus: identity) }, for: id)
                case .lane(let id, let lane, let selection, let read):
                    let found = try await journal.log.deliveries(selection)
                    await laneArrived(lane, self.read(found, journal), selection, read: read, for: id)
                case .due(let id, let selection, let read):
                    let found = try await journal.log.deliveries(selection)
                    await retriesArrived(
                        self.read(found, journal), isAll: found.count < selection.limit, read: read, for: id)
                case .suspect(let id, let key, let offset):
                    let selection = DeliverySelection(.offset(offset), of: key, limit: 1)
                    let found = try await journal.log.deliveries(selection)
                    await suspectArrived(read(found, journal).first, of: key, for: id)
                }
            } catch let failure as LogFailure where failure.isPassing {
                // Another program has the file for a moment; the log waited for it already.
                journal.requests.post(request)
            } catch {
                await readFailed(error)
            }
        }
    }

    /// A delivery as it was read, with its event's record.
    struct ReadDelivery: Sendable {
        let record: EventRecord
        let counts: LogCounts
        let retry: ScheduledTime?
    }

    private nonisolated func read(_ deliveries: [StoredDelivery], _ journal: Journal) -> [ReadDelivery] {
        let coding = journal.coding
        return deliveries.map {
            ReadDelivery(record: coding.record(of: $0.event, bus: identity), counts: $0.counts, retry: $0.retry)
        }
    }

    private func readFailed(_ error: any Error) {
        // Without reading there is no going on: what waits in the log would wait for ever, and in silence.
        let failure = error as? LogFailure ?? LogFailure(.io, "the log could not be read: \(error)")
        guard failure.reason != .closed else { return }
        fail(with: failure)
        checkDrained()
    }

    // MARK: Asking

    /// Asks the log for what a subscription has room for.
    func feed(_ subscription: SubscriptionState) {
        guard let own = subscription.durable, lifecycle.phase == .running, !subscription.isCancelled else { return }
        relieve(subscription, own)
        loadStored(subscription, own)
        catchUp(subscription, own)
        let room = room(of: subscription)
        // A small page costs about as much as a large one.
        guard !own.isLive, !own.isReading, room > 0, room * 2 >= min(subscription.policy.capacity, 512) else { return }
        if let replay = subscription.replay, own.readThrough >= replay.end { return }
        var selection = EventSelection()
        selection.through = subscription.replay?.end
        selection.after = own.readThrough
        selection.interests = own.interests
        selection.limit = min(room, 512)
        own.isReading = true
        journal?.requests.post(.events(subscription.id, selection))
    }

    /// Takes from memory what was published while a subscription was behind.
    private func catchUp(_ subscription: SubscriptionState, _ own: DurableSubscription) {
        guard !own.isLive, !own.isReading, subscription.replay == nil else { return }
        while own.readThrough.rawValue < lastOffset, room(of: subscription) > 0,
            let record = durable.recent.next(after: own.readThrough)
        {
            if let handler = handler(for: record, of: subscription) {
                if own.take(record.offset) { enter(Delivery(record: record, handler: handler), of: subscription) }
            }
            own.read(through: record.offset)
        }
        if own.readThrough.rawValue >= lastOffset { own.isLive = true }
        getInLine(subscription)
    }

    /// Asks for deliveries that only the log has, where their lanes are free.
    private func loadStored(_ subscription: SubscriptionState, _ own: DurableSubscription) {
        guard !durable.isRecovering else { return }
        if let time = own.nextRetry, time <= environment.now(), !own.isLoadingRetries, room(of: subscription) > 0 {
            own.isLoadingRetries = true
            // Those in memory are among them.
            let limit = own.rows.count + own.skippedRetries + min(room(of: subscription), 256)
            journal?.requests.post(
                .due(
                    subscription.id, DeliverySelection(.due(.distantFuture), of: own.key, limit: limit),
                    read: own.departures.beginReading()))
        }
        guard own.mayLoadLanes else { return }
        var asked = 0
        while room(of: subscription) - asked > 0,
            let lane = own.stored.nextLoad(where: { $0.map(subscription.queue.isFree) ?? true })
        {
            var selection = DeliverySelection(.all, of: own.key, limit: min(Self.lanePage, room(of: subscription) - asked))
            if let lane {
                if subscription.queue.order == .perKey { selection.group = .key(lane.string) }
                selection.before = subscription.queue.firstParking(in: lane)
            } else {
                if subscription.queue.order == .perKey { selection.group = .key(nil) }
                selection.after = own.unorderedAfter
            }
            asked += selection.limit
            journal?.requests.post(.lane(subscription.id, lane, selection, read: own.departures.beginReading()))
        }
    }

    /// Leaves what waits in memory to the log, when it takes the room that others could use: everything that waits for its key or
    /// its next attempt.
    private func relieve(_ subscription: SubscriptionState, _ own: DurableSubscription) {
        let unfinished = subscription.queue.unfinished
        guard !own.isLive, unfinished * 2 > subscription.policy.capacity || room(of: subscription) <= 0,
            subscription.queue.readyCount * 4 < unfinished
        else { return }
        let stuck = subscription.queue.waitingCount + subscription.statistics.retrying
        guard stuck > 0, stuck * 2 >= unfinished else { return }
        for retry in retries.remove(where: { $0.subscription === subscription }) {
            subscription.statistics.retrying -= 1
            subscription.queue.forgetHeld(retry.delivery)
            own.rows.remove(retry.delivery.offset)
            if let lane = subscription.queue.laneKey(forKey: retry.delivery.record.orderingKey) {
                own.stored.hold(retry.delivery.offset, in: lane)
            }
            // The log knows when each is due; the first look finds out.
            own.nextRetry = environment.now()
        }
        store(subscription.queue.takeWaiting(), of: subscription)
    }

    // MARK: Arriving

    private func pageArrived(_ page: EventPage, _ records: [EventRecord], for id: SubscriptionID) {
        guard let subscription = subscriptions[id], let own = subscription.durable else { return }
        own.isReading = false
        for record in records where own.take(record.offset) {
            takeStored(record, LogCounts(), of: subscription)
        }
        own.read(through: page.through)
        if own.readThrough.rawValue >= lastOffset, subscription.replay == nil { own.isLive = true }
        arrived(subscription)
    }

    private func laneArrived(
        _ lane: ExactText?, _ deliveries: [ReadDelivery], _ selection: DeliverySelection, read: Int, for id: SubscriptionID
    ) {
        guard let subscription = subscriptions[id], let own = subscription.durable else { return }
        var count = 0
        for delivery in deliveries where own.isOnlyInLog(delivery.record.offset, read: read) {
            // Without order, a delivery that waits for its next attempt comes when that is due.
            if lane == nil, delivery.retry != nil { continue }
            own.rows.insert(delivery.record.offset)
            takeStored(delivery.record, delivery.counts, of: subscription)
            count += 1
        }
        let isLast = deliveries.count < selection.limit
        if lane == nil {
            own.unorderedAfter = isLast ? Offset(rawValue: 0) : deliveries.last?.record.offset ?? Offset(rawValue: 0)
        }
        own.departures.endReading(read)
        own.stored.finishLoading(
            lane, count: count, isStart: selection.after.rawValue == 0, isEnd: isLast, isBlocked: selection.before != nil)
        arrived(subscription)
    }

    private func retriesArrived(_ deliveries: [ReadDelivery], isAll: Bool, read: Int, for id: SubscriptionID) {
        guard let subscription = subscriptions[id], let own = subscription.durable else { return }
        own.isLoadingRetries = false
        let now = environment.now()
        // After a full page there may be more that are due.
        own.nextRetry = isAll ? nil : now
        own.skippedRetries = 0
        defer { own.departures.endReading(read) }
        for delivery in deliveries where own.isOnlyInLog(delivery.record.offset, read: read) {
            guard let time = delivery.retry.map({ monotonic($0, now: now) }) else { continue }
            guard time <= now, room(of: subscription) > 0 else {
                own.nextRetry = time
                break
            }
            let lane = subscription.queue.laneKey(forKey: delivery.record.orderingKey)
            // Where there is order, only the one that holds its lane may come back; others wait their turn there.
            if let lane, !own.stored.release(delivery.record.offset, in: lane) {
                own.skippedRetries += 1
                continue
            }
            own.rows.insert(delivery.record.offset)
            guard let handler = handler(for: delivery.record, of: subscription) else {
                let delivery = Delivery(record: delivery.record, handler: 0, counts: delivery.counts)
                // It held its lane, which it now leaves like one that is done.
                subscription.queue.remember(delivery, isReady: false)
                _ = subscription.queue.finish(delivery)
                withoutHandler(delivery, of: subscription)
                continue
            }
            subscription.queue.remember(
                Delivery(record: delivery.record, handler: handler, counts: delivery.counts), isReady: true)
        }
        arrived(subscription)
    }

    /// Takes a delivery that was read into the queue.
    private func takeStored(_ record: EventRecord, _ counts: LogCounts, of subscription: SubscriptionState) {
        guard let handler = handler(for: record, of: subscription) else {
            withoutHandler(Delivery(record: record, handler: 0, counts: counts), of: subscription)
            return
        }
        let delivery = Delivery(record: record, handler: handler, counts: counts)
        if subscription.durable?.rows.contains(record.offset) == true {
            _ = subscription.queue.enqueue(delivery)
        } else {
            enter(delivery, of: subscription)
        }
    }

    /// Nobody handles a delivery's type any more: it stays in the log, visibly, and holds nothing up. It is not in the queue.
    private func withoutHandler(_ delivery: Delivery, of subscription: SubscriptionState) {
        var pending = PendingSettlement(subscription: subscription.id)
        pending.items.append(PendingSettlement.Item(delivery: delivery, end: .noHandler))
        handIn(pending, of: subscription)
    }

    private func arrived(_ subscription: SubscriptionState) {
        getInLine(subscription)
        feed(subscription)
        finishReplayIfDone(subscription)
        // What is not its own may have moved it on.
        updateGate()
        checkIdle()
        setAlarm()
        wakeWorker()
    }

    // MARK: Suspects

    private func suspectArrived(_ delivery: ReadDelivery?, of key: SubscriptionKey, for id: SubscriptionID) {
        durable.awaitedSuspects -= 1
        defer { recover() }
        guard let delivery else { return }
        guard let subscription = subscriptions[id], let own = subscription.durable else {
            // It was cancelled meanwhile, and may be served again already.
            durable.suspectOffsets[key, default: []].append(delivery.record.offset)
            if let again = durable.subscriptionsByKey[key] { loadSuspects(of: again) }
            return
        }
        if let handler = handler(for: delivery.record, of: subscription) {
            own.rows.insert(delivery.record.offset)
            let lane = subscription.queue.laneKey(forKey: delivery.record.orderingKey)
            if let lane {
                // It ran when the process ended, so its lane is its own.
                if !own.stored.release(delivery.record.offset, in: lane) { own.stored.remove(1, from: lane) }
                subscription.queue.occupy(lane)
            } else if delivery.retry == nil {
                // Without order, those that wait for their next attempt are not counted.
                own.stored.remove(1, from: nil)
            }
            let suspect = Delivery(record: delivery.record, handler: handler, counts: delivery.counts)
            subscription.queue.remember(suspect, isReady: false)
            durable.suspects.append(DurableState.Suspect(subscription: subscription, delivery: suspect))
        }
    }

    /// Lets the next suspect run when nothing else runs or is being settled; and, after the last one, everything else.
    func recover() {
        guard durable.isRecovering || durable.awaitsRecovery, durable.awaitedSuspects == 0, durable.pendingSettlements == 0,
            workers.allSatisfy({ $0.run == nil })
        else { return }
        durable.isSuspectOut = false
        if durable.suspects.isEmpty {
            durable.awaitsRecovery = false
            for subscription in subscriptionsInOrder { arrived(subscription) }
        } else if !isWaking, let index = idleWorkers.popLast() {
            isWaking = true
            workers[index].isWaking = true
            wake(index)
        }
    }
}
