//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// An in-process event bus: what is published reaches every subscription, in order where order matters, is tried again when it
/// fails, and is never silently lost while the process lives.
///
/// ```swift
/// let bus = try EventBus { handlers in
///     try handlers.subscribe("reserve-stock", to: OrderPlaced.self) { order, context in
///         try await stock.reserve(order.sku, order.quantity)
///     }
/// }
/// async let report = bus.run()
/// try await bus.publish(OrderPlaced(orderID: "10248", sku: "CHAI", quantity: 3))
/// ```
///
/// A bus made this way lives in memory: it survives nothing, and what it has not finished when the process ends is gone. One made
/// with a log keeps what it acknowledged: ``init(log:configuration:handlers:)``.
///
/// The bus is an actor around plain state machines: nothing in it waits between a check and the act that relies on it. Handlers run
/// on a fixed number of workers, outside of the actor.
public actor EventBus {
    let configuration: EventBusConfiguration
    package nonisolated let environment: BusEnvironment
    nonisolated let hooks: EventBusHooks
    nonisolated let names = EventNames()
    nonisolated let shutdown = ShutdownSignal()
    nonisolated let alarm: any Alarm
    /// The log and the ways to and from it; `nil` for a bus in memory.
    @usableFromInline nonisolated let journal: Journal?
    /// Deliveries made since a worker began to wait for a few to gather.
    nonisolated let recentCommits = Atomic<Int>(0)
    /// Streams of published events, by the identity of the event type.
    nonisolated let taps = StreamHub<ObjectIdentifier, EventRecord>()
    /// Streams of every published event.
    nonisolated let allTaps = StreamHub<Int, EventRecord>()
    nonisolated let letterTaps = StreamHub<Int, DeadLetter>()

    var lifecycle: Lifecycle
    var report = ShutdownReport()
    /// Deliveries that subscriptions completed which were cancelled since.
    var completedByRemoved = 0

    // Events and who gets them.
    var lastOffset: Int64 = 0
    var routes: [ObjectIdentifier: Route] = [:]
    var subscriptions: [SubscriptionID: SubscriptionState] = [:]
    var subscriptionsByName: [String: SubscriptionState] = [:]
    /// The subscriptions in the order in which they were registered.
    var subscriptionsInOrder: [SubscriptionState] = []
    var nextSubscription = 0
    var commands: [ObjectIdentifier: any AnyCommandHandler] = [:]
    var runningCommands: [Int: String] = [:]
    var nextCommand = 0

    // Workers and what they may take.
    var workers: [Worker] = []
    var idleWorkers: [Int] = []
    var isWaking = false
    /// Subscriptions with something to start, in the order in which they are served.
    var line = RingBuffer<SubscriptionState>()
    /// Handlers that ignored their cancellation, by worker generation, until they return.
    var abandoned: [WorkerGeneration: ShutdownReport.Abandoned] = [:]

    // What waits for a time or an outcome.
    var retries = DeadlineHeap<Retry>()
    var alarmTime: MonotonicTime?
    var outcomeWaiters: [ObjectIdentifier: [OutcomeWaiter]] = [:]
    var idleWaiters: [Waiter<Void>] = []
    /// What a bus with a log has besides.
    var durable = DurableState()
    var deadLetterStore = DeadLetterStore()
    var recentDiscards = RingBuffer<DeadLetterDiscard>()

    /// A delivery that waits for its next attempt.
    struct Retry {
        let subscription: SubscriptionState
        let delivery: Delivery
    }

    /// Makes a bus in memory with its handlers.
    ///
    /// Publishing works at once, as far as the queues have room; handling begins with ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: How the bus works. The default suits a service.
    ///   - register: Registers the handlers; all of them see everything that is published.
    /// - Throws: ``EventBusError`` for a value out of range or a registration that cannot be; whatever `register` throws.
    public init(
        configuration: EventBusConfiguration = EventBusConfiguration(),
        handlers register: @Sendable (inout HandlerRegistry) throws -> Void = { _ in }
    ) throws {
        var registry = HandlerRegistry()
        try register(&registry)
        try self.init(configuration: configuration, registry: registry, journal: nil)
    }

    init(configuration: EventBusConfiguration, registry: HandlerRegistry, journal: Journal?) throws {
        try configuration.validate()
        self.journal = journal
        self.configuration = configuration
        environment = configuration.environment
        hooks = configuration.hooks
        alarm = configuration.environment.makeAlarm()
        lifecycle = Lifecycle(drainLimit: configuration.shutdownDeadline, grace: configuration.grace)
        workers = (0..<configuration.workers).map { _ in Worker() }
        for definition in registry.subscriptions {
            for reaction in definition.reactions {
                try names.require(reaction.eventName, for: reaction.typeID)
            }
        }
        var made: [SubscriptionState] = []
        for definition in registry.subscriptions {
            made.append(
                SubscriptionState(
                    id: SubscriptionID(rawValue: nextSubscription), definition: definition, defaultQueue: configuration.queue))
            nextSubscription += 1
        }
        subscriptionsInOrder = made
        for subscription in made {
            subscriptions[subscription.id] = subscription
            subscriptionsByName[subscription.name] = subscription
            Route.add(subscription, to: &routes)
        }
        let limit = made.count > 1 ? max(1, configuration.workers - 1) : configuration.workers
        for subscription in made { subscription.workerLimit = subscription.shared.options.maxConcurrency ?? limit }
        for command in registry.commands { commands[command.typeID] = command.handler }
    }
}
