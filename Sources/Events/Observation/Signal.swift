//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Something that happened in a bus, for counting and logging.
///
/// The ``kind``, ``eventName``, ``subscription`` and ``errorType`` have few distinct values and serve as labels; the identifiers
/// have many and do not. A signal never holds an event's content.
public struct Signal: Sendable {
    /// What happened. More kinds may come.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case published, started, completed, failed, retried, discarded, deadLettered, redriven, parked, unparked, dropped
            case evicted, deferred, released, timedOut, abandoned, lateResult
            case commandStarted, commandCompleted, commandFailed
        }

        private let value: Value

        /// An event was committed.
        public static let published = Kind(value: .published)
        /// An attempt began.
        public static let started = Kind(value: .started)
        /// A delivery completed.
        public static let completed = Kind(value: .completed)
        /// An attempt failed; what follows has a signal of its own.
        public static let failed = Kind(value: .failed)
        /// A delivery waits for another attempt; ``Signal/delay`` says how long.
        public static let retried = Kind(value: .retried)
        /// A handler or a person discarded a delivery.
        public static let discarded = Kind(value: .discarded)
        /// A delivery became a dead letter.
        public static let deadLettered = Kind(value: .deadLettered)
        /// A dead letter was sent back to its subscription.
        public static let redriven = Kind(value: .redriven)
        /// A delivery waits behind a dead letter of its key.
        public static let parked = Kind(value: .parked)
        /// A parked delivery waits in its queue again.
        public static let unparked = Kind(value: .unparked)
        /// A full queue dropped a delivery, as its overflow policy says.
        public static let dropped = Kind(value: .dropped)
        /// A dead letter or parked delivery was given up because there are more than the bus may keep in memory.
        public static let evicted = Kind(value: .evicted)
        /// An attempt succeeded, but its emissions found full queues: it is tried again later and does not count.
        public static let deferred = Kind(value: .deferred)
        /// Shutdown cancelled an attempt, or ended before a delivery's turn came; nothing is counted against it.
        public static let released = Kind(value: .released)
        /// An attempt ran longer than its subscription's timeout and was cancelled.
        public static let timedOut = Kind(value: .timedOut)
        /// A handler ignored its cancellation; its worker was replaced.
        public static let abandoned = Kind(value: .abandoned)
        /// An abandoned handler returned after all; its result was ignored.
        public static let lateResult = Kind(value: .lateResult)
        /// A command's handler began.
        public static let commandStarted = Kind(value: .commandStarted)
        /// A command's handler returned and what it emitted is published.
        public static let commandCompleted = Kind(value: .commandCompleted)
        /// A command's handler threw, or what it emitted was rejected.
        public static let commandFailed = Kind(value: .commandFailed)

        public var description: String { value.rawValue }
    }

    /// What happened.
    public let kind: Kind
    /// The name of the event or command.
    public let eventName: String
    /// The name of the subscription; `nil` where none is concerned.
    public let subscription: String?
    /// The identity of the event; `nil` for commands sent from outside of any handler.
    public let eventID: EventID?
    /// The offset of the event; `nil` for commands.
    public let offset: Offset?
    /// Which attempt it was, counted from 1; `nil` where none is concerned.
    public let attempt: Int?
    /// How long the handler ran; `nil` where none did.
    public let duration: Duration?
    /// How long a delivery waits for its next attempt; `nil` where none follows.
    public let delay: Duration?
    /// The type name of the error; `nil` where there was none.
    public let errorType: String?

    init(
        _ kind: Kind, eventName: String, subscription: String? = nil, eventID: EventID? = nil, offset: Offset? = nil,
        attempt: Int? = nil, duration: Duration? = nil, delay: Duration? = nil, errorType: String? = nil
    ) {
        self.kind = kind
        self.eventName = eventName
        self.subscription = subscription
        self.eventID = eventID
        self.offset = offset
        self.attempt = attempt
        self.duration = duration
        self.delay = delay
        self.errorType = errorType
    }

    init(
        _ kind: Kind, _ delivery: Delivery, subscription: String?, attempt: Int? = nil, duration: Duration? = nil,
        delay: Duration? = nil, errorType: String? = nil
    ) {
        self.init(
            kind, eventName: delivery.record.name, subscription: subscription, eventID: delivery.record.origin.id,
            offset: delivery.offset, attempt: attempt, duration: duration, delay: delay, errorType: errorType)
    }
}
