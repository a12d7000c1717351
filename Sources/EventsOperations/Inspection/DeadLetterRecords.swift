//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which dead letters to list.
public struct DeadLetterQuery: Sendable, Hashable {
    /// Which. The default is all.
    public var filter = DeadLetterFilter.all
    /// Where the page before ended: ``DeadLetterList/next``. The default is the beginning.
    public var after: Int64?
    /// The most letters on the page. The default is 20.
    public var limit = 20
    /// Whether the latest come first. The default is the order of arrival.
    public var isNewestFirst = false

    /// All letters, the first page.
    public init() {}
}

/// A page of dead letters.
public struct DeadLetterList: Sendable, Hashable, Codable {
    /// The letters.
    public var letters: [DeadLetterSummary]
    /// How many the filter matches, on all pages.
    public var total: Int
    /// Where the next page begins; `nil` when this is the last.
    public var next: Int64?
}

/// A dead letter in short.
public struct DeadLetterSummary: Sendable, Hashable, Codable {
    /// The delivery's identity, which every other request takes: `subscription/offset`.
    public var id: String
    /// The subscription's name.
    public var subscription: String
    /// The offset of the event.
    public var offset: Int64
    /// The event's own identity; `nil` when its row cannot be relied on.
    public var eventID: String?
    /// The event's name.
    public var event: String
    /// The event's ordering key.
    public var key: String?
    /// What everything with the same first cause shares.
    public var correlationID: String
    /// Why it died: `exhausted`, `permanent`, `tooDeep`, `crashed`, `undecodable` or `corrupt`.
    public var reason: String
    /// The type of the last error.
    public var errorType: String
    /// The text of the last error.
    public var errorText: String
    /// When it died.
    public var diedAt: Date
    /// Attempts so far, over all redrives.
    public var attempts: Int
    /// How often it was redriven.
    public var redrives: Int
    /// Whether later events of its key wait for it.
    public var parksKey: Bool
    /// How many deliveries wait behind it.
    public var parked: Int
    /// Whether there are more than were counted.
    public var parkedIsAtLeast: Bool
    /// How often its payload was edited.
    public var edits: Int
    /// The redrive plan that it is part of, if one that is not over is.
    public var plan: Int64?
}

/// Dead letters that have a subscription and an error in common.
public struct DeadLetterGroup: Sendable, Hashable, Codable {
    /// The subscription's name.
    public var subscription: String
    /// The event's name.
    public var event: String
    /// Why they died.
    public var reason: String
    /// The type of the last error.
    public var errorType: String
    /// How many there are.
    public var letters: Int
    /// How many of them hold up their keys.
    public var parking: Int
    /// When the first of them died.
    public var oldest: Date
    /// When the last of them died.
    public var newest: Date
    /// One of them.
    public var example: String
    /// The error's text of that one.
    public var errorText: String
}

/// A dead letter with all there is to know of it.
public struct DeadLetterDetail: Sendable, Hashable, Codable {
    /// The letter in short.
    public var letter: DeadLetterSummary
    /// Attempts that did not complete, oldest first.
    public var history: [AttemptRecord]
    /// Attempts that are not listed, only counted.
    public var omittedAttempts: Int
    /// When it was sent back, by whom and why.
    public var redriven: [ChangeRecord]
    /// When its payload was edited, by whom and why.
    public var edited: [ChangeRecord]
    /// The first of the deliveries that wait behind it.
    public var followers: [String]
    /// The events that led to it, the first cause first and its own last.
    public var chain: [EventSummary]
    /// The text of the headers, by name.
    public var headers: [String: String]
    /// The event's payload as it was published; `nil` unless it was asked for.
    public var payload: String?
    /// What it is handled with instead, if it was edited; `nil` unless it was asked for.
    public var editedPayload: String?
}

/// One attempt that did not complete.
public struct AttemptRecord: Sendable, Hashable, Codable {
    /// Which it was, from 1, over all redrives.
    public var number: Int
    /// When it began.
    public var startedAt: Date
    /// How long it took, in seconds.
    public var seconds: Double
    /// The error's type.
    public var errorType: String
    /// The error's text.
    public var errorText: String
    /// Whether it counts against the limit of attempts.
    public var isCounted: Bool
}

/// Something that somebody did.
public struct ChangeRecord: Sendable, Hashable, Codable {
    /// When.
    public var at: Date
    /// Who.
    public var actor: String
    /// Why.
    public var reason: String
}

/// An event in short.
public struct EventSummary: Sendable, Hashable, Codable {
    /// Its place in the log; `nil` as long as it is scheduled.
    public var offset: Int64?
    /// Its identity.
    public var id: String
    /// Its name.
    public var event: String
    /// The version of its shape.
    public var schemaVersion: Int
    /// Its ordering key.
    public var key: String?
    /// When it was published; of a scheduled event, when it was scheduled.
    public var publishedAt: Date
    /// What everything with the same first cause shares.
    public var correlationID: String
    /// The event or command whose handling published it.
    public var causationID: String?
    /// How many handlings lie between it and its first cause.
    public var depth: Int
    /// The subscription whose handler published it.
    public var emittedBy: String?
    /// Its idempotency key.
    public var idempotencyKey: String?
    /// Whether its row is what was written. If not, nothing here can be relied on.
    public var isIntact: Bool
    /// The size of its payload in bytes.
    public var payloadBytes: Int
}

extension DeadLetterDetail {
    private enum CodingKeys: CodingKey {
        case history, omittedAttempts, redriven, edited, followers, chain, headers, payload, editedPayload
    }

    /// The letter's own fields stand beside the others, so that its `id` is where it is in a list. Payloads are not among them: they
    /// are JSON themselves.
    public func encode(to encoder: any Encoder) throws {
        try letter.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(history, forKey: .history)
        try container.encode(omittedAttempts, forKey: .omittedAttempts)
        try container.encode(redriven, forKey: .redriven)
        try container.encode(edited, forKey: .edited)
        try container.encode(followers, forKey: .followers)
        try container.encode(chain, forKey: .chain)
        try container.encode(headers, forKey: .headers)
    }

    /// Reads what was encoded. It has no payloads.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            letter: try DeadLetterSummary(from: decoder), history: try container.decode([AttemptRecord].self, forKey: .history),
            omittedAttempts: try container.decode(Int.self, forKey: .omittedAttempts),
            redriven: try container.decode([ChangeRecord].self, forKey: .redriven),
            edited: try container.decode([ChangeRecord].self, forKey: .edited),
            followers: try container.decode([String].self, forKey: .followers),
            chain: try container.decode([EventSummary].self, forKey: .chain),
            headers: try container.decode([String: String].self, forKey: .headers))
    }
}
