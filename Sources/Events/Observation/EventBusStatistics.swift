//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a bus did so far and what it has before it, at one moment.
public struct EventBusStatistics: Sendable, Hashable {
    /// The counters and levels of one subscription.
    public struct Subscription: Sendable, Hashable {
        /// Deliveries that may start as soon as a worker is free.
        public var ready = 0
        /// Unfinished deliveries, which the queue's capacity counts: ready, waiting for their key, running or due for a retry.
        public var unfinished = 0
        /// Deliveries that wait for another attempt.
        public var retrying = 0
        /// Deliveries that wait behind a dead letter of their key.
        public var parked = 0
        /// Events of any type between what the subscription has read and the end of the log. In memory it is 0.
        public var lag = 0
        /// Unfinished deliveries that only the log has, the parked ones included. Those past ``lag`` are not among them.
        public var stored = 0
        /// Dead letters there are now.
        public var deadLetters = 0
        /// Workers that serve this subscription now.
        public var workers = 0
        /// Deliveries that completed.
        public var completed = 0
        /// Attempts that failed and count against the limit.
        public var failedAttempts = 0
        /// Deliveries that became dead letters, each time counted.
        public var deadLettered = 0
        /// Dead letters that were sent back.
        public var redriven = 0
        /// Deliveries discarded by a handler or a person.
        public var discarded = 0
        /// Deliveries dropped by the queue's overflow policy.
        public var dropped = 0
        /// Dead letters and parked deliveries given up for want of room.
        public var evicted = 0
        /// Attempts cancelled for running too long.
        public var timedOut = 0
        /// Attempts that shutdown cancelled, and deliveries whose turn did not come before it ended.
        public var released = 0
    }

    /// Events published so far: the offset of the latest. With a log that counts those of earlier runs, while all else here counts
    /// since the bus was made.
    public var published = 0
    /// Publishers that wait for room now.
    public var waitingPublishers = 0
    /// Workers that wait for something to do.
    public var idleWorkers = 0
    /// The bus's workers, abandoned ones not included.
    public var workers = 0
    /// Abandoned handlers that still have not returned.
    public var abandonedHandlers = 0
    /// Command handlers running now.
    public var runningCommands = 0
    /// Events that slow readers of ``EventBus/events(of:buffering:)`` did not get.
    public var droppedByStreams = 0
    /// Subscriptions that the log knows and that this bus does not serve: renamed, registered no more, or cancelled. Their place and
    /// what is unfinished stay in the log until ``EventBus/removeSubscription(_:)``.
    public var absentSubscriptions: Set<String> = []
    /// Every subscription by name.
    public var subscriptions: [String: Subscription] = [:]
}

extension EventBusStatistics: CustomStringConvertible {
    /// A line for the bus and one for each subscription, with what is not zero.
    public var description: String {
        var lines = [
            Self.line([
                ("published", published), ("waiting publishers", waitingPublishers), ("workers", workers), ("idle", idleWorkers),
                ("abandoned handlers", abandonedHandlers), ("running commands", runningCommands),
                ("dropped by streams", droppedByStreams),
            ])
        ]
        for (name, subscription) in subscriptions.sorted(by: { $0.key < $1.key }) { lines.append("\(name): \(subscription)") }
        if !absentSubscriptions.isEmpty { lines.append("absent: \(absentSubscriptions.sorted().joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }

    fileprivate static func line(_ counts: [(name: String, count: Int)]) -> String {
        let shown = counts.filter { $0.count != 0 }
        return shown.isEmpty ? "nothing yet" : shown.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    }
}

extension EventBusStatistics.Subscription: CustomStringConvertible {
    /// What is not zero.
    public var description: String {
        EventBusStatistics.line([
            ("completed", completed), ("unfinished", unfinished), ("ready", ready), ("retrying", retrying), ("parked", parked),
            ("stored", stored), ("lag", lag), ("dead letters", deadLetters), ("workers", workers),
            ("failed attempts", failedAttempts), ("dead-lettered", deadLettered), ("redriven", redriven),
            ("discarded", discarded),
            ("dropped", dropped), ("evicted", evicted), ("timed out", timedOut), ("released", released),
        ])
    }
}
