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

/// An event in the form in which a log keeps it: encoded, with everything that is known before its commit.
public struct LogEvent: Sendable {
    /// The event's identity.
    public var id: EventID
    /// The event's stable name.
    public var name: String
    /// The version of the payload's shape.
    public var schemaVersion: Int
    /// The key whose events are handled one at a time and in order, if it has one.
    public var orderingKey: String?
    /// The time of day at which it was published. Logs keep it to the microsecond.
    public var publishedAt: Date
    /// The identity that everything with the same first cause shares; `nil` is the event's own.
    public var correlationID: EventID?
    /// The event or command whose handling published it.
    public var causationID: EventID?
    /// How many handlings lie between it and its first cause.
    public var depth: Int
    /// The subscription whose handler published or emitted it.
    public var emittedBy: String?
    /// The headers; empty when there are none.
    public var headers: [String: String]
    /// The event itself, as JSON in UTF-8.
    public var payload: Data
    /// What makes a repeated publish return the first publication, if it has one.
    public var idempotencyKey: String?
    /// What the bus wants back with the event's offset when it is committed; not stored.
    public var attachment: (any Sendable)?

    /// An event in stored form.
    public init(
        id: EventID, name: String, schemaVersion: Int, orderingKey: String?, publishedAt: Date, correlationID: EventID?,
        causationID: EventID?, depth: Int, emittedBy: String?, headers: [String: String], payload: Data,
        idempotencyKey: String? = nil, attachment: (any Sendable)? = nil
    ) {
        self.id = id
        self.name = name
        self.schemaVersion = schemaVersion
        self.orderingKey = orderingKey
        self.publishedAt = publishedAt
        self.correlationID = correlationID
        self.causationID = causationID
        self.depth = depth
        self.emittedBy = emittedBy
        self.headers = headers
        self.payload = payload
        self.idempotencyKey = idempotencyKey
        self.attachment = attachment
    }
}

/// An event as read from a log, or as committed to it.
public struct StoredEvent: Sendable {
    /// The event's place in the order of everything published.
    public let offset: Offset
    /// The event.
    public let event: LogEvent
    /// Whether what was read is what was written. If not, nothing in ``event`` can be relied on.
    public let isIntact: Bool

    /// An event at its offset.
    public init(offset: Offset, event: LogEvent, isIntact: Bool = true) {
        self.offset = offset
        self.event = event
        self.isIntact = isIntact
    }
}

/// What a publish came to.
public struct Publication: Sendable, Hashable {
    /// The offset of the event.
    public let offset: Offset
    /// The identity of the event.
    public let id: EventID
    /// The identity that everything with the same first cause shares.
    public let correlationID: EventID
    /// Whether an earlier publish with the same idempotency key had stored it, so that this one stored nothing. The identities are
    /// then those of the first.
    public let isRepeat: Bool

    /// What a publish came to.
    public init(offset: Offset, id: EventID, correlationID: EventID, isRepeat: Bool) {
        self.offset = offset
        self.id = id
        self.correlationID = correlationID
        self.isRepeat = isRepeat
    }
}
