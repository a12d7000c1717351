//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How a subscription is served.
public struct SubscriptionOptions: Sendable {
    /// What follows a failed attempt. The default is ``RetryPolicy/standard``.
    public var retry: RetryPolicy
    /// Which deliveries run one after the other. The default is ``DeliveryOrder/perKey``.
    public var order: DeliveryOrder
    /// The most deliveries that run at the same time, at least 1. The default, `nil`, is all workers when the subscription is the
    /// only one, and otherwise all but one (but at least one), so that a slow subscription leaves room for the others.
    public var maxConcurrency: Int?
    /// How long one attempt may run before it is cancelled and counts as failed. The default, `nil`, is no limit.
    ///
    /// Cancellation is cooperative: a handler that returns normally nevertheless has completed its delivery. One that does not
    /// return within the bus's ``EventBusConfiguration/grace`` is abandoned: its worker is replaced, its late result is ignored,
    /// and the delivery's next attempt may overlap with what is left of it.
    public var timeout: Duration?
    /// Whether a dead letter makes later events of its key wait. The default is ``DeadLetterPolicy/automatic``.
    public var onDeadLetter: DeadLetterPolicy
    /// The bounds of the queue and what happens at them. The default, `nil`, is the bus's ``EventBusConfiguration/queue``. On a bus
    /// with a log the capacity is that of the window in memory; nothing is dropped, and nobody waits for it.
    public var queue: QueuePolicy?
    /// Where a subscription begins that the log does not know yet. The default is ``SubscriptionStart/now``. Without a log it always
    /// begins now.
    public var start = SubscriptionStart.now
    /// How often the process may end while a delivery runs before it becomes a dead letter, at least 1; `nil` is no limit. The
    /// default is 5. A redrive starts the count anew. It needs a log.
    public var maxCrashes: Int? = 5

    /// Options; leave out what may stay as it is.
    public init(
        retry: RetryPolicy = .standard, order: DeliveryOrder = .perKey, maxConcurrency: Int? = nil, timeout: Duration? = nil,
        onDeadLetter: DeadLetterPolicy = .automatic, queue: QueuePolicy? = nil, start: SubscriptionStart = .now,
        maxCrashes: Int? = 5
    ) {
        self.start = start
        self.maxCrashes = maxCrashes
        self.retry = retry
        self.order = order
        self.maxConcurrency = maxConcurrency
        self.timeout = timeout
        self.onDeadLetter = onDeadLetter
        self.queue = queue
    }

    func validate(for subscription: String) throws {
        func fail(_ what: String) -> EventBusError {
            EventBusError(.invalidConfiguration, "subscription '\(subscription)': \(what)")
        }
        if let maxConcurrency, maxConcurrency < 1 { throw fail("maxConcurrency is \(maxConcurrency); it must be at least 1.") }
        if let timeout, timeout <= .zero { throw fail("timeout is \(timeout); it must be positive, or nil for no limit.") }
        if let maxCrashes, maxCrashes < 1 {
            throw fail("maxCrashes is \(maxCrashes); it must be at least 1, or nil for no limit.")
        }
        try queue?.validate(for: "subscription '\(subscription)'")
    }
}

/// The bounds of a subscription's queue and what happens to an event that finds it full.
public struct QueuePolicy: Sendable, Hashable {
    /// What happens to an event that finds the queue full.
    public enum Overflow: Sendable, Hashable {
        /// The publisher waits for room; waiting publishers are served in order. This is the default.
        case suspend
        /// The publish is rejected for every subscription: it throws, and nothing of it is stored.
        case reject
        /// The oldest delivery that has not been tried is dropped from this queue. With ordering keys, finding it takes time in
        /// proportion to the capacity (about 20 µs at 2,000), so a queue of keyed events that often overflows wants a small one.
        case dropOldest
        /// The new event is not delivered to this subscription.
        case dropNewest
    }

    /// The most unfinished deliveries, 1 to 2³⁰: waiting, running or due for a retry. Parked deliveries have a bound of their own.
    public var capacity: Int
    /// The most bytes that unfinished deliveries hold, as ``Event/payloadByteCount`` tells; `nil` is no such bound. A single event
    /// larger than this is let into an empty queue. What handlers publish and emit is bounded by count alone.
    public var byteCapacity: Int?
    /// What happens to an event that finds the queue full.
    public var overflow: Overflow

    /// Bounds; the default is 2,000 deliveries of any size and publishers that wait.
    public init(capacity: Int = 2_000, byteCapacity: Int? = nil, overflow: Overflow = .suspend) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
        self.overflow = overflow
    }

    /// The largest capacity and headroom, far beyond what memory holds, so that sums stay within 64 bits.
    static let largestCapacity = 1 << 30

    /// Whether a full queue holds up or refuses publishers, rather than dropping something.
    var limitsPublishers: Bool { overflow == .suspend || overflow == .reject }

    /// Whether so many events could enter the queue together when it is empty.
    func canEverHold(_ count: Int, bytes: Int) -> Bool {
        count <= capacity && (count == 1 || bytes <= byteCapacity ?? .max)
    }

    func validate(for owner: String) throws {
        guard (1...Self.largestCapacity).contains(capacity) else {
            throw EventBusError(
                .invalidConfiguration,
                "\(owner): the queue's capacity is \(capacity); it must be 1 to \(Self.largestCapacity).")
        }
        if let byteCapacity, byteCapacity < 1 {
            throw EventBusError(
                .invalidConfiguration, "\(owner): the queue's byteCapacity is \(byteCapacity); it must be at least 1, or nil.")
        }
    }
}
