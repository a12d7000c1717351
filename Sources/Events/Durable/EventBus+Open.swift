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
    /// Opens a bus with a log: what it acknowledged survives the end of the process, and whatever else the log survives.
    ///
    /// ```swift
    /// let bus = try await EventBus(log: .sqlite("orders.db")) { handlers in
    ///     try handlers.subscribe("reserve-stock", to: OrderPlaced.self) { order, context in … }
    /// }
    /// ```
    ///
    /// Subscriptions go on where they were; new ones begin where their ``SubscriptionOptions/start`` says, all in one commit before
    /// anything can be published. Publishing works at once; handling begins with ``run()``.
    ///
    /// - Parameters:
    ///   - log: The log. It serves this bus alone, and is closed when ``run()`` returns.
    ///   - configuration: How the bus works.
    ///   - register: Registers the handlers.
    /// - Throws: ``EventBusError`` for a value out of range or a registration that cannot be; ``LogFailure`` when the log cannot be
    ///   opened; whatever `register` throws.
    public init(
        log: some EventLog, configuration: EventBusConfiguration = EventBusConfiguration(),
        handlers register: @Sendable (inout HandlerRegistry) throws -> Void = { _ in }
    ) async throws {
        var registry = HandlerRegistry()
        try register(&registry)
        let readers = registry.subscriptions.flatMap { $0.reactions.map(\.reader) }
        let coding = EventCoding(readers: readers, upcasters: registry.upcasters)
        try self.init(
            configuration: configuration, registry: registry,
            journal: Journal(log: log, coding: coding, gate: BacklogGate(policy: configuration.backlog)))
        try await open(log)
    }

    /// How many places the log's flight notes have: each worker has several, for handlers that it left behind.
    static let slotsPerWorker = 8

    private func open(_ log: some EventLog) async throws {
        let opening = LogOpening(
            subscriptions: subscriptionsInOrder.map { $0.opening }, time: environment.wallClock(),
            flightSlots: configuration.workers * Self.slotsPerWorker,
            onFailure: { [weak journal] failure in journal?.mailbox.post(.failed(failure)) })
        let opened = try await log.open(opening)
        lastOffset = opened.head.rawValue
        if let time = opened.lastDecision { journal?.goOn(from: time, environment) }
        let names = Dictionary(
            opened.subscriptions.filter(\.isRegistered).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for subscription in subscriptionsInOrder {
            guard let stored = names[subscription.name] else {
                throw LogFailure(.invalid, "the log did not register the subscription '\(subscription.name)'.")
            }
            adopt(stored, for: subscription)
        }
        durable.absent = Dictionary(
            opened.subscriptions.filter { !$0.isRegistered }.map { ($0.name, $0.isReplay) },
            uniquingKeysWith: { first, _ in first })
        for suspect in opened.suspects {
            durable.suspectOffsets[suspect.subscription, default: []].append(suspect.offset)
        }
        for subscription in subscriptionsInOrder { loadSuspects(of: subscription) }
        if let next = opened.nextScheduled { noteScheduled(next) }
        if configuration.retention != nil { durable.nextPruning = environment.now() }
        updateGate()
    }

    /// Lets a subscription go on where the log says it is.
    func adopt(_ stored: LogSubscription, for subscription: SubscriptionState) {
        let own = DurableSubscription(stored)
        subscription.durable = own
        durable.absent[subscription.name] = nil
        durable.subscriptionsByKey[stored.key] = subscription
        for letter in stored.parking {
            if let lane = subscription.queue.laneKey(forKey: letter.orderingKey) {
                subscription.queue.block(lane, from: letter.offset)
            }
        }
        // Under `.serial` all keys are one lane, and the first delivery of them is the lane's.
        var first: [ExactText: LogSubscription.Lane] = [:]
        for lane in stored.lanes {
            guard let key = subscription.queue.laneKey(forKey: lane.orderingKey) else {
                // Without order, those that wait for another attempt come when that is due.
                own.stored.add(lane.count - lane.retries, to: nil)
                continue
            }
            own.stored.add(lane.count, to: key)
            if lane.first < first[key]?.first ?? Offset(rawValue: .max) { first[key] = lane }
        }
        for (key, lane) in first where lane.retrying == lane.first {
            own.stored.remove(1, from: key)
            own.stored.hold(lane.first, in: key)
            subscription.queue.occupy(key)
        }
        own.nextRetry = stored.nextRetry.map(monotonic)
        own.isLive = own.readThrough.rawValue >= lastOffset && subscription.replay == nil
    }

    /// Asks for what ran of a subscription when the process ended before; it is run by itself, with nothing else beside it.
    func loadSuspects(of subscription: SubscriptionState) {
        guard let key = subscription.durable?.key, let offsets = durable.suspectOffsets.removeValue(forKey: key) else { return }
        durable.awaitsRecovery = true
        durable.awaitedSuspects += offsets.count
        for offset in offsets {
            journal?.requests.post(.suspect(subscription.id, key, offset))
        }
    }

    /// When something is due that was decided by the clock of schedules. It waits no longer than it was to wait.
    func monotonic(_ time: ScheduledTime) -> MonotonicTime { monotonic(time, now: environment.now()) }

    /// The same, for who compares it with a reading of the clock: what is due is due at that reading, and not a moment after.
    func monotonic(_ time: ScheduledTime, now: MonotonicTime) -> MonotonicTime {
        let untilDue = time.due.timeIntervalSince(
            journal?.scheduleTime(environment.wallClock(), now) ?? environment.wallClock())
        let wait = max(0, min(untilDue, time.due.timeIntervalSince(time.decided)))
        // A time further away than 292 years is as good as never.
        return now.advanced(by: wait < 9e9 ? .nanoseconds(Int64(wait * 1e9)) : .nanoseconds(Int64.max))
    }
}

extension LogSubscription {
    /// Whether it is what a replay left: only that ends with every type. A subscription is registered with one at least.
    var isReplay: Bool { interests.allSatisfy { $0.through != nil } }
}

extension SubscriptionState {
    /// What the log is told of it.
    var opening: LogOpening.Subscription {
        LogOpening.Subscription(
            name: name, eventNames: handlersByName.keys.sorted(), start: shared.options.start, end: replay?.end,
            order: queue.order)
    }
}
