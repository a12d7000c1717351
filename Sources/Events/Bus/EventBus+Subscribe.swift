//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A subscription added to a running bus: ``EventBus/subscribe(_:to:options:handler:)``.
public struct SubscriptionHandle: Sendable {
    /// The subscription's name.
    public let name: String
    /// The offset after which the subscription begins: it gets every later event of its types and no earlier one.
    public let startsAfter: Offset

    let id: SubscriptionID
    let bus: EventBus

    /// Ends the subscription: it gets nothing new, what it has not started is discarded, and what runs may finish. Its dead letters
    /// stay; they can be redriven once a subscription of the same name exists again. Ending it twice does nothing.
    ///
    /// On a bus with a log nothing is discarded: what is not handled stays in the log, and so does the subscription's place, until a
    /// subscription of the same name is registered again or ``EventBus/removeSubscription(_:)`` is called.
    public func cancel() async {
        await bus.cancel(id)
    }
}

extension EventBus {
    /// Subscribes a handler to one type of event, from now on.
    ///
    /// - Parameters:
    ///   - name: The subscription's name, unique within the bus.
    ///   - eventType: The type of event.
    ///   - options: How the subscription is served.
    ///   - handler: Runs once for every attempt.
    /// - Returns: A handle that tells where the subscription begins and can end it.
    /// - Throws: ``EventBusError`` for a duplicate or unusable name, an option out of range, or a bus that shuts down.
    @discardableResult
    public func subscribe<E: Event>(
        _ name: String, to eventType: E.Type, options: SubscriptionOptions = SubscriptionOptions(),
        handler: @escaping @Sendable (E, EventContext) async throws -> Void
    ) async throws -> SubscriptionHandle {
        try await add(SubscriptionDefinition(name: name, options: options, reactions: [On(eventType, handler)]))
    }

    /// Subscribes to several types of event in one subscription, from now on.
    ///
    /// - Parameters:
    ///   - name: The subscription's name, unique within the bus.
    ///   - options: How the subscription is served.
    ///   - reactions: A handler for each type; a type may be named once.
    /// - Returns: A handle that tells where the subscription begins and can end it.
    /// - Throws: ``EventBusError`` for a duplicate or unusable name, an option out of range, or a bus that shuts down.
    @discardableResult
    public func subscribe(
        _ name: String, options: SubscriptionOptions = SubscriptionOptions(),
        @ReactionBuilder _ reactions: @Sendable () -> [On]
    ) async throws -> SubscriptionHandle {
        try await add(SubscriptionDefinition(name: name, options: options, reactions: reactions()))
    }

    /// Registers the one handler of a command, from now on.
    ///
    /// - Throws: ``EventBusError`` when the command has a handler already or an unusable name, or when the bus shuts down.
    public func handle<C: Command>(
        _ commandType: C.Type, handler: @escaping @Sendable (C, CommandContext) async throws -> C.Reply
    ) throws {
        guard lifecycle.phase == .idle || lifecycle.phase == .running, !shutdown.isRequested else {
            throw EventBusError(.shuttingDown, "a handler for the command '\(C.name)' came after the bus began to shut down.")
        }
        try Name.check(C.name, of: "command")
        guard commands[ObjectIdentifier(commandType)] == nil else { throw CommandDefinition.duplicate(C.name) }
        commands[ObjectIdentifier(commandType)] = CommandHandler(handler)
    }

    func add(
        _ definition: SubscriptionDefinition, prepare: (SubscriptionState) -> Void = { _ in }
    ) async throws -> SubscriptionHandle {
        guard lifecycle.phase == .idle || lifecycle.phase == .running, !shutdown.isRequested else {
            let what = definition.isReplay ? "replay" : "subscription"
            throw EventBusError(.shuttingDown, "the \(what) '\(definition.name)' came after the bus began to shut down.")
        }
        guard subscriptionsByName[definition.name] == nil else { throw SubscriptionDefinition.duplicate(definition.name) }
        for reaction in definition.reactions { try names.require(reaction.eventName, for: reaction.typeID) }
        let subscription = SubscriptionState(
            id: SubscriptionID(rawValue: nextSubscription), definition: definition, defaultQueue: configuration.queue)
        nextSubscription += 1
        prepare(subscription)
        subscriptions[subscription.id] = subscription
        subscriptionsInOrder.append(subscription)
        subscriptionsByName[subscription.name] = subscription
        if let journal { return try await register(subscription, definition, in: journal) }
        Route.add(subscription, to: &routes)
        setWorkerLimits()
        return SubscriptionHandle(
            name: subscription.name, startsAfter: Offset(rawValue: lastOffset), id: subscription.id, bus: self)
    }

    /// Gives every subscription its share of the workers; see ``SubscriptionOptions/maxConcurrency``.
    func setWorkerLimits() {
        let limit = subscriptions.count > 1 ? max(1, configuration.workers - 1) : configuration.workers
        for subscription in subscriptionsInOrder {
            subscription.workerLimit = subscription.shared.options.maxConcurrency ?? limit
            getInLine(subscription)
        }
        wakeWorker()
    }

    func cancel(_ id: SubscriptionID) {
        guard let subscription = subscriptions[id], !subscription.isCancelled else { return }
        subscription.isCancelled = true
        for route in routes.values { route.subscribers.removeAll { $0.subscription === subscription } }
        if journal != nil {
            leaveToLog(subscription)
            return
        }
        for retry in retries.remove(where: { $0.subscription === subscription }) {
            subscription.statistics.retrying -= 1
            applyDiscard(retry.delivery, of: subscription, attempt: nil)
        }
        for index in workers.indices where workers[index].subscription === subscription { takeBackRest(of: index) }
        removeIfDone(subscription)
        checkDrained()
    }

    /// Removes a cancelled subscription once nothing of it runs any more.
    func removeIfDone(_ subscription: SubscriptionState) {
        guard subscription.isCancelled else { return }
        if journal != nil {
            removeFromMemory(subscription)
            return
        }
        while let delivery = subscription.queue.takeRun(limit: 1).first { applyDiscard(delivery, of: subscription, attempt: nil) }
        while let parked = subscription.queue.evictOldestParked() {
            parked.delivery.record.move(from: .parked, to: .discarded)
            subscription.statistics.discarded += 1
            observe(.discarded, parked.delivery, subscription)
            apply(parked.moves, of: subscription)
        }
        while let delivery = subscription.queue.takeRun(limit: 1).first { applyDiscard(delivery, of: subscription, attempt: nil) }
        // Those who wait for room here need it no more; they go on to the next queue of their event, or in.
        admitWaitingPublishers(to: subscription)
        wakeWorker()
        guard subscription.workers == 0, subscription.queue.unfinished == 0, subscriptions[subscription.id] != nil else { return }
        subscriptions[subscription.id] = nil
        subscriptionsInOrder.removeAll { $0 === subscription }
        subscriptionsByName[subscription.name] = nil
        completedByRemoved += subscription.statistics.completed
        setWorkerLimits()
    }
}
