//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What became of the deliveries of an event and, if asked for, of all events that their handling caused.
///
/// Failure is a result here and not a thrown error: dead and parked deliveries count as resolved, because nothing moves them on
/// until a person or a program redrives or discards the dead letter.
public struct Outcome: Sendable, Hashable {
    /// Which deliveries an outcome waits for and counts.
    public enum Scope: Sendable {
        /// The deliveries of the event itself.
        case handlers
        /// The deliveries of the event and of every event caused by it, directly or through others.
        case descendants
    }

    /// Deliveries whose handler succeeded.
    public var completed: Int
    /// Deliveries that became dead letters and still are.
    public var dead: Int
    /// Deliveries that a handler, a person or a full dead-letter store discarded.
    public var discarded: Int
    /// Deliveries that wait behind a dead letter of the same key.
    public var parked: Int
    /// Deliveries that a full queue dropped, as its overflow policy says. A durable bus drops nothing.
    public var dropped: Int
    /// Events caused by this one that are scheduled for later. They are counted and not waited for. In memory there are none.
    public var scheduled: Int
    /// Deliveries to subscriptions that a durable bus knows and nobody registered, by the subscription's name. They are counted
    /// and not waited for.
    public var absent: [String: Int]

    /// An outcome; what is left out is none.
    public init(
        completed: Int = 0, dead: Int = 0, discarded: Int = 0, parked: Int = 0, dropped: Int = 0, scheduled: Int = 0,
        absent: [String: Int] = [:]
    ) {
        self.scheduled = scheduled
        self.absent = absent
        self.completed = completed
        self.dead = dead
        self.discarded = discarded
        self.parked = parked
        self.dropped = dropped
    }

    /// Whether every delivery completed. Scheduled events do not count: they are yet to be published.
    public var isSuccess: Bool {
        dead == 0 && discarded == 0 && parked == 0 && dropped == 0 && absent.isEmpty
    }
}

extension Outcome: CustomStringConvertible {
    /// The counts that are not zero, such as `completed 2, parked 1`; `nothing to do` when nobody subscribed.
    public var description: String {
        let counts = [
            (completed, "completed"), (dead, "dead"), (discarded, "discarded"), (parked, "parked"), (dropped, "dropped"),
            (scheduled, "scheduled"), (absent.values.reduce(0, +), "absent"),
        ]
        let text = counts.filter { $0.0 != 0 }.map { "\($0.1) \($0.0)" }
        return text.isEmpty ? "nothing to do" : text.joined(separator: ", ")
    }
}

extension EventRecord {
    func isResolved(_ scope: Outcome.Scope) -> Bool {
        switch scope {
        case .handlers: ownTally.count(.pending) == 0
        case .descendants: ownTally.count(.pending) == 0 && descendantTally.count(.pending) == 0
        }
    }

    func outcome(_ scope: Outcome.Scope) -> Outcome {
        func count(_ state: DeliveryState) -> Int {
            ownTally.count(state) + (scope == .descendants ? descendantTally.count(state) : 0)
        }
        return Outcome(
            completed: count(.completed), dead: count(.dead), discarded: count(.discarded), parked: count(.parked),
            dropped: count(.dropped))
    }

    /// Counts `amount` deliveries of this event into `state`, here and in every event that led to this one.
    func count(_ amount: Int32, into state: DeliveryState) {
        ownTally.add(amount, to: state)
        var ancestor = origin.parent
        while let event = ancestor {
            event.descendantTally.add(amount, to: state)
            ancestor = event.origin.parent
        }
    }

    /// Moves one delivery of this event from one state to another.
    func move(from old: DeliveryState, to new: DeliveryState) {
        ownTally.move(from: old, to: new)
        var ancestor = origin.parent
        while let event = ancestor {
            event.descendantTally.move(from: old, to: new)
            ancestor = event.origin.parent
        }
    }
}
