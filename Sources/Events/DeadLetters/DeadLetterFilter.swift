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

/// Which dead letters are meant. Every field that is set must match; a filter with none set matches all.
public struct DeadLetterFilter: Sendable, Hashable, Codable {
    /// The subscription's name.
    public var subscription: String?
    /// The event's name, such as `"order.placed"`.
    public var eventName: String?
    /// The event's ordering key.
    public var orderingKey: String?
    /// The type name of the last error, such as `"MailFault"`.
    public var errorType: String?
    /// A part of the last error's text; upper and lower case count.
    public var errorContains: String?
    /// The identity that everything with the same first cause shares.
    public var correlationID: EventID?
    /// Only letters that died at this time or later.
    public var since: Date?
    /// Only letters that died before this time.
    public var before: Date?

    /// A filter; leave out what does not matter.
    public init(
        subscription: String? = nil, eventName: String? = nil, orderingKey: String? = nil, errorType: String? = nil,
        errorContains: String? = nil, correlationID: EventID? = nil, since: Date? = nil, before: Date? = nil
    ) {
        self.subscription = subscription
        self.eventName = eventName
        self.orderingKey = orderingKey
        self.errorType = errorType
        self.errorContains = errorContains
        self.correlationID = correlationID
        self.since = since
        self.before = before
    }

    /// The filter that matches every dead letter.
    public static let all = DeadLetterFilter()

    func matches(_ letter: DeadLetter) -> Bool {
        func agrees<T: Equatable>(_ wanted: T?, _ value: T?) -> Bool { wanted == nil || wanted == value }
        return agrees(subscription, letter.subscription)
            && agrees(eventName, letter.metadata.name)
            && agrees(orderingKey, letter.metadata.orderingKey)
            && agrees(errorType, letter.errorType)
            && agrees(correlationID, letter.metadata.correlationID)
            && (errorContains.map { letter.errorText.contains($0) } ?? true)
            && (since.map { letter.deadSince >= $0 } ?? true)
            && (before.map { letter.deadSince < $0 } ?? true)
    }
}

/// How many dead letters a subscription has with one type of error.
public struct DeadLetterCount: Sendable, Hashable {
    struct Group: Hashable {
        let subscription: String
        let errorType: String
    }

    /// The most frequent first.
    static func sorted(_ counts: [DeadLetterCount]) -> [DeadLetterCount] {
        counts.sorted { ($1.count, $0.subscription, $0.errorType) < ($0.count, $1.subscription, $1.errorType) }
    }

    /// The subscription's name.
    public let subscription: String
    /// The type name of the letters' last error.
    public let errorType: String
    /// How many there are.
    public let count: Int

    init(group: Group, count: Int) {
        self.init(subscription: group.subscription, errorType: group.errorType, count: count)
    }

    /// A count of dead letters.
    public init(subscription: String, errorType: String, count: Int) {
        self.subscription = subscription
        self.errorType = errorType
        self.count = count
    }
}

/// One page of dead letters, oldest first.
public struct DeadLetterPage: Sendable {
    /// Where a page ended; the next one begins after it, whatever was redriven or discarded meanwhile.
    public struct Cursor: Sendable, Hashable {
        let arrival: Int
    }

    /// The letters of this page.
    public let letters: [DeadLetter]
    /// Where the next page begins; `nil` when this one is the last.
    public let next: Cursor?
}
