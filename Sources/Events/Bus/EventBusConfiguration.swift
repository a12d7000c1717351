//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How a bus works. Every value has a default that suits a service.
public struct EventBusConfiguration: Sendable {
    /// How many workers run handlers, 1 to 1,024. The default is 4.
    public var workers = 4
    /// The bounds of every subscription's queue, unless it has its own. The default is 2,000 deliveries and publishers that wait.
    public var queue = QueuePolicy()
    /// How many deliveries past a full queue handlers may publish or emit, since they cannot wait for room that they themselves
    /// would make. Past that a `publish` throws, and emissions make their attempt repeat later. The default is 2,000.
    public var handlerHeadroom = 2_000
    /// The deepest an event may lie in a chain of causes, 1 to 1,000: an event keeps all that led to it in memory. An event deeper than that becomes a dead letter wherever it is
    /// subscribed to, so that events which cause each other end. The default is 32.
    public var maxDepth = 32
    /// The most dead letters kept for each subscription; the oldest makes room for a new one. The default is 10,000.
    public var deadLetterCapacity = 10_000
    /// The most parked deliveries kept for each subscription; the oldest makes room for a new one. The default is 10,000.
    public var parkedCapacity = 10_000
    /// The bound of the backlog in the log. The default, `nil`, is the disk. It needs a log.
    public var backlog: BacklogPolicy?
    /// How long finished history stays in the log. The default, `nil`, is for ever. It needs a log.
    public var retention: RetentionPolicy?
    /// How long a shutdown lets the bus work off what it has before it cancels what runs. The default is 30 seconds.
    public var shutdownDeadline: Duration = .seconds(30)
    /// How long a cancelled handler, by shutdown or by its timeout, has to return before it is abandoned. The default is 5 seconds.
    public var grace: Duration = .seconds(5)
    /// What looks into the bus. The default is nothing.
    public var hooks = EventBusHooks()
    /// Where time, chance, identifiers and tasks come from. The default is the real world.
    public var environment = BusEnvironment.live

    /// The defaults; set what should be otherwise.
    public init() {}

    /// The defaults with these differences.
    public init(workers: Int = 4, queue: QueuePolicy = QueuePolicy(), hooks: EventBusHooks = EventBusHooks()) {
        self.workers = workers
        self.queue = queue
        self.hooks = hooks
    }

    func validate() throws {
        func require(_ condition: Bool, _ message: String) throws {
            if !condition { throw EventBusError(.invalidConfiguration, message) }
        }
        try require((1...1_024).contains(workers), "workers is \(workers); it must be 1 to 1,024.")
        try queue.validate(for: "the bus")
        let largestHeadroom = QueuePolicy.largestCapacity
        try require(
            (0...largestHeadroom).contains(handlerHeadroom),
            "handlerHeadroom is \(handlerHeadroom); it must be 0 to \(largestHeadroom).")
        try require((1...1_000).contains(maxDepth), "maxDepth is \(maxDepth); it must be 1 to 1,000.")
        try require(deadLetterCapacity >= 1, "deadLetterCapacity is \(deadLetterCapacity); it must be at least 1.")
        try require(parkedCapacity >= 1, "parkedCapacity is \(parkedCapacity); it must be at least 1.")
        try require(shutdownDeadline >= .zero, "shutdownDeadline is \(shutdownDeadline); it must not be negative.")
        if let backlog { try require(backlog.limit >= 1, "the backlog's limit is \(backlog.limit); it must be at least 1.") }
        try retention?.validate()
        try require(grace >= .zero, "grace is \(grace); it must not be negative.")
    }
}
