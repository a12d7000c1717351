//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// What identifies the bus in receipts and events.
    @usableFromInline nonisolated var identity: ObjectIdentifier { journal.map(ObjectIdentifier.init) ?? ObjectIdentifier(self) }

    /// Follows what the log commits, until the bus closes.
    nonisolated func followLog(_ journal: Journal) async {
        while let (notices, posted) = await journal.mailbox.next() {
            // What was not published here is decoded here, off the actor.
            let coding = journal.coding
            var records: [[EventRecord]] = []
            for notice in notices {
                switch notice {
                case .committed(let committed): records.append(committed)
                case .appended(let events):
                    records.append(events.map { $0.event.record ?? coding.record(of: $0, bus: identity) })
                default: records.append([])
                }
            }
            await apply(notices, records, posted: posted)
        }
    }

    private func apply(_ notices: [JournalMailbox.Notice], _ records: [[EventRecord]], posted: Int) {
        durable.appliedNotices = posted
        for (notice, records) in zip(notices, records) {
            switch notice {
            case .committed, .appended: takeIn(records)
            case .advanced(let offset): fallBehind(to: offset)
            case .settled(let settlement, let failures): apply(settlement, failures)
            case .redriven(let deliveries): applyRedrive(deliveries)
            case .discarded(let letters): applyDiscard(letters)
            case .released(let next):
                durable.isReleasing = false
                // What was scheduled during the release may have been committed after it.
                if let next { noteScheduled(next) }
            case .scheduled(let time): noteScheduled(time)
            case .subscribed(let id, let stored):
                if let subscription = subscriptions[id] {
                    adopt(stored, for: subscription)
                    loadSuspects(of: subscription)
                }
            case .left: newsOfAll()
            case .replayReady(let id): subscriptions[id]?.replay?.isReady = true
            case .pruned(let isDone): pruningEnded(isDone: isDone)
            case .failed(let failure): fail(with: failure)
            }
        }
        recover()
        for subscription in subscriptionsInOrder {
            feed(subscription)
            if subscription.replay != nil { finishReplayIfDone(subscription) }
        }
        updateGate()
        setAlarm()
        checkDrained()
        wakeWorker()
    }

    /// A scheduled event is in the log, or is about to be by the time that the log is asked.
    func noteScheduled(_ time: ScheduledTime) {
        if durable.nextScheduled.map({ time.due < $0.due }) ?? true { durable.nextScheduled = time }
        durable.nextLook = min(durable.nextLook ?? .distantFuture, look(at: time))
    }

    /// When to look whether an event is due.
    private func look(at time: ScheduledTime) -> MonotonicTime {
        let now = environment.now()
        return min(monotonic(time, now: now), now.advanced(by: Self.longestSleep))
    }

    /// How long the bus goes by a clock that does not jump before it looks at the time of day.
    private static let longestSleep = Duration.seconds(60)

    /// The log takes nothing more: nothing can be acknowledged, so nothing goes on.
    func fail(with failure: LogFailure) {
        guard durable.failure == nil, lifecycle.phase != .closed else { return }
        durable.failure = failure
        // Before anybody is refused for the shutdown that it leads to.
        journal?.failure = failure
        shutdown.request(.immediate)
        perform(lifecycle.runCancelled(now: environment.now()))
    }

    // MARK: New events

    /// Hands events that the log has committed to those who take them.
    private func takeIn(_ records: [EventRecord]) {
        for record in records where record.offset.rawValue > lastOffset {
            lastOffset = record.offset.rawValue
            hooks.observe?(Signal(.published, eventName: record.name, eventID: record.origin.id, offset: record.offset))
            var isAnyoneBehind = false
            for subscription in subscriptionsInOrder {
                guard let own = subscription.durable, !subscription.isCancelled, subscription.replay == nil else { continue }
                if own.isLive {
                    if let handler = handler(for: record, of: subscription) { takeIn(record, handler, subscription, own) }
                }
                if !own.isLive { isAnyoneBehind = true }
            }
            if isAnyoneBehind { durable.recent.append(record) } else { durable.recent.removeAll() }
            if taps.isActive || allTaps.isActive { show(record) }
            news(of: record.origin.correlationID)
        }
    }

    /// Takes an event that was just committed into a subscription that has all before it, or lets that fall behind.
    private func takeIn(
        _ record: EventRecord, _ handler: Int, _ subscription: SubscriptionState, _ own: DurableSubscription
    ) {
        guard record.offset > own.readThrough else { return }
        guard room(of: subscription) > 0 else {
            own.isLive = false
            own.readThrough = max(own.readThrough, Offset(rawValue: record.offset.rawValue - 1))
            return
        }
        guard own.take(record.offset) else { return }
        enter(Delivery(record: record, handler: handler), of: subscription)
        getInLine(subscription)
    }

    /// Events were committed that are not at hand.
    private func fallBehind(to offset: Offset) {
        guard offset.rawValue > lastOffset else { return }
        for subscription in subscriptions.values {
            guard let own = subscription.durable, own.isLive else { continue }
            own.isLive = false
            own.readThrough = max(own.readThrough, Offset(rawValue: lastOffset))
        }
        durable.recent.removeAll()
        lastOffset = offset.rawValue
    }

    /// Which handler of a subscription takes an event, if it takes it at all.
    func handler(for record: EventRecord, of subscription: SubscriptionState) -> Int? {
        if let handler = subscription.handlerIndex[record.typeID] { return handler }
        guard let stored = record as? StoredEventRecord, stored.problem != nil else { return nil }
        // Of a row that is not what was written, nothing says whose it was.
        return stored.problem?.reason == .corrupt ? 0 : subscription.handlersByName[record.name]
    }

    /// Puts a delivery that was taken from the log before its subscription: into the queue, or back to the log where others of its
    /// key wait there.
    func enter(_ delivery: Delivery, of subscription: SubscriptionState) {
        guard let own = subscription.durable else { return }
        if let lane = subscription.queue.laneKey(forKey: delivery.record.orderingKey),
            own.stored.holdsBack(lane) || subscription.queue.isBlocked(delivery.offset, in: lane)
        {
            store([delivery], of: subscription)
        } else {
            _ = subscription.queue.enqueue(delivery)
        }
    }

    /// How many more deliveries a subscription may have in memory.
    func room(of subscription: SubscriptionState) -> Int {
        // By bytes as well, with one delivery past the bound: how large the next one is, is not known before it is read.
        if let byteCapacity = subscription.policy.byteCapacity, subscription.queue.unfinishedBytes >= byteCapacity { return 0 }
        return subscription.policy.capacity - subscription.queue.unfinished - (subscription.durable?.stored.storing ?? 0)
    }

    // MARK: The backlog limit

    /// Tells the gate how far the slowest subscription is.
    func updateGate() {
        guard let journal, journal.gate.policy != nil else { return }
        var slowest = lastOffset
        for subscription in subscriptions.values {
            guard let own = subscription.durable, subscription.replay == nil else { continue }
            slowest = min(
                slowest, (own.isLive && own.claims.count == 0) ? lastOffset : own.claims.floor(own.readThrough).rawValue)
        }
        journal.gate.update(slowest: Offset(rawValue: slowest), end: Offset(rawValue: lastOffset))
    }
}
