//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// One subscription as the bus actor keeps it. It belongs to the actor and never leaves it; workers see ``SubscriptionHandlers``.
final class SubscriptionState {
    let id: SubscriptionID
    let shared: SubscriptionHandlers
    let policy: QueuePolicy
    /// Which handler takes which event type.
    let handlerIndex: [ObjectIdentifier: Int]
    /// Which handler takes which event, by the event's name, for what comes from a log.
    let handlersByName: [String: Int]
    var queue: DeliveryQueue
    /// How far it is in the log; `nil` on a bus in memory.
    var durable: DurableSubscription?
    /// What it is made of, for a replay of it.
    let reactions: [On]
    /// What it replays, if that is what it is for.
    var replay: Replay?
    /// The other one of a subscription and its replay: one key is never handled by both at once.
    weak var partner: SubscriptionState?
    /// The lanes of deliveries that are handed out and not settled yet, while there is a partner.
    var lanesInUse: Set<ExactText> = []
    /// Deliveries whose turn it is and whose lane the partner uses.
    var heldForPartner: [ExactText: Delivery] = [:]
    /// Who waits for the subscription to be gone.
    var removal: CheckedContinuation<Void, Never>?
    var statistics = EventBusStatistics.Subscription()
    /// How quick its handlers are.
    var pace = Pace()
    /// Workers with a run of this subscription that are expected back in a moment.
    var quickWorkers = 0
    /// Workers that hold a run of this subscription.
    var workers = 0
    /// The most workers it may hold; see ``SubscriptionOptions/maxConcurrency``.
    var workerLimit = 1
    /// Whether it stands in the bus's line of subscriptions that have something to start.
    var isInLine = false
    /// Whether its handle was cancelled: it takes no new events and goes when its last run ends.
    var isCancelled = false
    /// Publishers that wait for room in this queue, in order. Some may have been cancelled since.
    var waitingPublishers = RingBuffer<WaitingPublish>()
    /// At how many waiting publishers the cancelled among them are swept out.
    var nextSweep = 64

    var name: String { shared.name }

    init(id: SubscriptionID, definition: SubscriptionDefinition, defaultQueue: QueuePolicy) {
        self.id = id
        reactions = definition.reactions
        shared = SubscriptionHandlers(
            name: definition.name, handlers: definition.reactions.map(\.handler), options: definition.options,
            isReplay: definition.isReplay)
        policy = definition.options.queue ?? defaultQueue
        handlerIndex = Dictionary(
            definition.reactions.enumerated().map { ($1.typeID, $0) }, uniquingKeysWith: { first, _ in first })
        handlersByName = Dictionary(
            definition.reactions.enumerated().map { ($1.eventName, $0) }, uniquingKeysWith: { first, _ in first })
        queue = DeliveryQueue(order: definition.options.order)
    }

    /// Whether a worker could start something here now.
    var canStart: Bool { queue.readyCount > 0 && workers < workerLimit && !isCancelled }

    /// Whether `count` more deliveries of `bytes` in all fit, with `headroom` past the capacity.
    func hasRoom(for count: Int, bytes: Int, headroom: Int) -> Bool {
        // Nothing enters the queue of a cancelled subscription any more.
        if isCancelled { return true }
        guard queue.unfinished + count <= policy.capacity + headroom else { return false }
        guard let byteCapacity = policy.byteCapacity, headroom == 0 else { return true }
        // A single event larger than the bound must get through some time: when the queue is empty.
        if count == 1, queue.unfinished == 0 { return true }
        return queue.unfinishedBytes + bytes <= byteCapacity
    }
}

/// Who gets the events of one type.
final class Route {
    struct Subscriber {
        let subscription: SubscriptionState
        let handler: Int
    }

    var subscribers: [Subscriber] = []
}

extension Route {
    /// Adds a subscription to the routes of its event types.
    static func add(_ subscription: SubscriptionState, to routes: inout [ObjectIdentifier: Route]) {
        for (typeID, handler) in subscription.handlerIndex {
            let route = routes[typeID] ?? Route()
            route.subscribers.append(Subscriber(subscription: subscription, handler: handler))
            routes[typeID] = route
        }
    }
}
