//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where a delivery is.
public enum DeliveryState: String, Sendable, Hashable, Codable {
    /// Its handler succeeded.
    case completed
    /// It failed for good, and waits for somebody.
    case dead
    /// Its handler, or somebody, gave it up.
    case discarded
    /// Another attempt is due later.
    case retry
    /// It waits behind a dead letter of its key.
    case parked
    /// It waits behind another delivery of its key.
    case blocked
    /// Its handler runs now.
    case running
    /// It ran when the process ended, and is to run alone before anything else.
    case suspect
    /// It waits for a worker, or for its turn.
    case waiting
    /// Its subscription has not got to it.
    case unread
    /// Nobody serves its subscription.
    case absent
    /// Its subscription does not handle its type any more.
    case noHandler
    /// No such subscription is there.
    case noSubscription
    /// Its subscription does not take events of its type.
    case notTaken
}

/// Where a delivery is, and why.
public struct DeliveryVerdict: Sendable, Hashable, Codable {
    /// The delivery's identity: `subscription/offset`.
    public var id: String
    /// The subscription's name.
    public var subscription: String
    /// Where it is.
    public var state: DeliveryState
    /// When it completed, died or was given up.
    public var at: Date?
    /// When its next attempt is due.
    public var due: Date?
    /// From the publication to the end, in seconds.
    public var seconds: Double?
    /// Attempts that did not complete, as far as the log lists them.
    public var attempts: Int
    /// Of those, how many failed since it began or was last redriven.
    public var failedAttempts: Int
    /// How often the process ended while it ran.
    public var crashes: Int
    /// How often it was redriven.
    public var redrives: Int
    /// The type of the last error.
    public var errorType: String?
    /// The text of the last error.
    public var errorText: String?
    /// Why it died, or was given up.
    public var reason: String?
    /// The delivery that it waits for.
    public var blockedBy: String?
    /// How many events its subscription has before it; at least so many where there are a lot.
    public var behind: Int?
    /// All of it in a sentence or two.
    public var explanation: String
    /// What to do next: a verb and its arguments.
    public var next: [String]

    init(id: String, subscription: String, state: DeliveryState, explanation: String = "") {
        self.id = id
        self.subscription = subscription
        self.state = state
        self.explanation = explanation
        attempts = 0
        failedAttempts = 0
        crashes = 0
        redrives = 0
        next = []
    }
}

/// Why an event has, or has not, been handled.
public struct WhyReport: Sendable, Hashable, Codable {
    /// What was asked about, as it was written.
    public var subject: String
    /// The event; `nil` when the log does not have it.
    public var event: EventSummary?
    /// What there is to say of the event itself.
    public var explanation: String
    /// When a scheduled event is due.
    public var scheduledFor: Date?
    /// Each subscription that takes it, or that was asked about.
    public var deliveries: [DeliveryVerdict]
}

/// Whether somebody has a log open.
public enum LogOwner: Sendable, Hashable, Codable {
    /// A bus runs on it and answers.
    case running(processID: Int32)
    /// Somebody has it open and does not answer; what the lock says of them.
    case silent(String)
    /// Nobody.
    case none
}
