//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Where a durable bus keeps its events, and what became of them: the one thing to implement for another kind of storage.
///
/// The bus decides, the log remembers. A log knows no handlers, no retry policies and no clock; it takes changes, makes them durable
/// together, and answers questions about what it has. It serves one bus, which calls ``open(_:)`` first and ``close()`` last.
///
/// Three rules carry the bus's promises:
///
/// 1. Changes are carried out in the order in which they were handed in, and a change is done wholly or not at all. All that is
///    pending when the log gets to it is one commit, after which the completions run, in order.
/// 2. A completion reports success only when the change survives whatever the log claims to survive.
/// 3. When a commit's fate is unknown, its completions say so (``LogFailure/isIndeterminate``). From then on the log takes nothing
///    more: every later change fails and was not made.
public protocol EventLog: Sendable {
    /// Takes the log into possession, brings it up to date, and registers the subscriptions in one commit.
    ///
    /// - Throws: ``LogFailure``, or what the log's own options ask for.
    func open(_ opening: LogOpening) async throws -> LogOpened

    /// Hands in a change. It returns at once and never waits; the change's completion tells how it ended, exactly once.
    func submit(_ change: LogChange)

    /// Reads events in offset order.
    func events(_ selection: EventSelection) async throws -> EventPage

    /// Reads deliveries that have a row of their own, in offset order; those due, by time.
    func deliveries(_ selection: DeliverySelection) async throws -> [StoredDelivery]

    /// Reads dead letters in order of arrival.
    func deadLetters(_ selection: DeadLetterSelection) async throws -> [StoredDeadLetter]

    /// How many dead letters there are by subscription and error type, in any order.
    func deadLetterCounts() async throws -> [DeadLetterCount]

    /// The latest discards of dead letters, oldest first.
    func discards(limit: Int) async throws -> [DeadLetterDiscard]

    /// What became of the deliveries of an event and, if asked for, of all events that its handling caused.
    ///
    /// - Parameter orders: The order of the subscriptions whose order is not ``DeliveryOrder/perKey``, which says what a dead letter
    ///   holds up.
    func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder]
    ) async throws -> StoredOutcome

    /// Notes that a worker is about to run a delivery, so that the note survives the end of this process, though not that of the
    /// machine. It must be quick: it is called before every attempt.
    ///
    /// - Parameter slot: Which of ``LogOpening/flightSlots`` places to use.
    func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset)

    /// Notes that what ran in a slot has ended.
    func noteEnd(slot: Int)

    /// Serves whoever looks at the log and steers the bus from outside, as long as the bus runs.
    ///
    /// It is called once, when the bus begins to run, and returns when ``BusControl/untilClosed()`` does. A log that nobody can reach
    /// from outside returns at once, as the default does.
    func serve(_ bus: BusControl) async

    /// Finishes what was handed in, makes a last attempt at what is held back, and gives the log up. Later changes fail.
    func close() async
}

extension EventLog {
    public func serve(_ bus: BusControl) async {}
}

/// What a log calls a subscription: small and stable, unlike its name.
public struct SubscriptionKey: Sendable, Hashable {
    /// The number, from 1.
    public let rawValue: Int64

    /// The key with a number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// Why a log could not do something.
public struct LogFailure: Error, Sendable, Hashable {
    /// The kind of failure. More kinds may come.
    public struct Reason: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case full, busy, io, closed, owned, unsupported, corrupt, newer, invalid, lost, keyReused, budget, action
        }

        private let value: Value

        /// There is no room to write. Nothing was done; it works again once there is.
        public static let full = Reason(value: .full)
        /// Another program holds the storage. Nothing was done; it works again once that lets go.
        public static let busy = Reason(value: .busy)
        /// Reading, writing or syncing failed. A log that this happened to while it wrote takes nothing more.
        public static let io = Reason(value: .io)
        /// The log is closed.
        public static let closed = Reason(value: .closed)
        /// Another process owns the log.
        public static let owned = Reason(value: .owned)
        /// The storage is of a kind on which the promises would not hold.
        public static let unsupported = Reason(value: .unsupported)
        /// The storage is damaged, or not a log.
        public static let corrupt = Reason(value: .corrupt)
        /// A newer version of this code wrote the log.
        public static let newer = Reason(value: .newer)
        /// What was asked for cannot be.
        public static let invalid = Reason(value: .invalid)
        /// The log's file was moved, replaced or deleted while it was open.
        public static let lost = Reason(value: .lost)
        /// An idempotency key was used before for an event of another name.
        public static let keyReused = Reason(value: .keyReused)
        /// A commit action ran too long.
        public static let budget = Reason(value: .budget)
        /// A commit action did what it may not do.
        public static let action = Reason(value: .action)

        public var description: String { value.rawValue }
    }

    /// The kind of failure.
    public let reason: Reason
    /// Whether the change may have been made nevertheless.
    public let isIndeterminate: Bool
    /// What happened, where, and what to do about it. It never holds an event's content.
    public let message: String

    /// A failure with its message.
    public init(_ reason: Reason, _ message: String, isIndeterminate: Bool = false) {
        self.reason = reason
        self.message = message
        self.isIndeterminate = isIndeterminate
    }
}

extension LogFailure: CustomStringConvertible {
    public var description: String { "\(reason)\(isIndeterminate ? " (indeterminate)" : ""): \(message)" }
}
