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
///
/// A copy costs one reference, since the fields are shared until one of them is set: on its way into a log an event is copied
/// about ten times, and copying the fields themselves was a quarter of what `publish(contentsOf:)` took.
public struct LogEvent: Sendable {
    private var fields: Fields

    /// The event's identity.
    public var id: EventID {
        get { fields.id }
        set { own().id = newValue }
    }
    /// The event's stable name.
    public var name: String {
        get { fields.name }
        set { own().name = newValue }
    }
    /// The version of the payload's shape.
    public var schemaVersion: Int {
        get { fields.schemaVersion }
        set { own().schemaVersion = newValue }
    }
    /// The key whose events are handled one at a time and in order, if it has one.
    public var orderingKey: String? {
        get { fields.orderingKey }
        set { own().orderingKey = newValue }
    }
    /// The time of day at which it was published. Logs keep it to the microsecond.
    public var publishedAt: Date {
        get { fields.publishedAt }
        set { own().publishedAt = newValue }
    }
    /// The identity that everything with the same first cause shares; `nil` is the event's own.
    public var correlationID: EventID? {
        get { fields.correlationID }
        set { own().correlationID = newValue }
    }
    /// The event or command whose handling published it.
    public var causationID: EventID? {
        get { fields.causationID }
        set { own().causationID = newValue }
    }
    /// How many handlings lie between it and its first cause.
    public var depth: Int {
        get { fields.depth }
        set { own().depth = newValue }
    }
    /// The subscription whose handler published or emitted it.
    public var emittedBy: String? {
        get { fields.emittedBy }
        set { own().emittedBy = newValue }
    }
    /// The headers; empty when there are none.
    public var headers: [String: String] {
        get { fields.headers }
        set { own().headers = newValue }
    }
    /// The event itself, as JSON in UTF-8.
    public var payload: Data {
        get { fields.payload }
        set { own().payload = newValue }
    }
    /// What makes a repeated publish return the first publication, if it has one.
    public var idempotencyKey: String? {
        get { fields.idempotencyKey }
        set { own().idempotencyKey = newValue }
    }
    /// What the bus wants back with the event's offset when it is committed; not stored.
    public var attachment: (any Sendable)? {
        get { fields.attachment }
        set { own().attachment = newValue }
    }
    /// The attachment, if it is the record of an event that was published here.
    var record: EventRecord? { fields.record }

    /// An event in stored form.
    public init(
        id: EventID, name: String, schemaVersion: Int, orderingKey: String?, publishedAt: Date, correlationID: EventID?,
        causationID: EventID?, depth: Int, emittedBy: String?, headers: [String: String], payload: Data,
        idempotencyKey: String? = nil, attachment: (any Sendable)? = nil
    ) {
        fields = Fields(
            id: id, name: name, schemaVersion: schemaVersion, orderingKey: orderingKey, publishedAt: publishedAt,
            correlationID: correlationID, causationID: causationID, depth: depth, emittedBy: emittedBy, headers: headers,
            payload: payload, idempotencyKey: idempotencyKey, attachment: attachment)
    }

    /// The fields to write to: this event's alone.
    private mutating func own() -> Fields {
        if !isKnownUniquelyReferenced(&fields) { fields = Fields(fields) }
        return fields
    }
}

/// What a ``LogEvent`` refers to.
// Only written to while a single event refers to it, which is what makes it safe to share.
private final class Fields: @unchecked Sendable {
    var id: EventID
    var name: String
    var schemaVersion: Int
    var orderingKey: String?
    var publishedAt: Date
    var correlationID: EventID?
    var causationID: EventID?
    var depth: Int
    var emittedBy: String?
    var headers: [String: String]
    var payload: Data
    var idempotencyKey: String?
    var attachment: (any Sendable)? {
        didSet { record = attachment as? EventRecord }
    }
    /// Asked for at each step, and a cast takes longer than all else there.
    private(set) var record: EventRecord?

    init(
        id: EventID, name: String, schemaVersion: Int, orderingKey: String?, publishedAt: Date, correlationID: EventID?,
        causationID: EventID?, depth: Int, emittedBy: String?, headers: [String: String], payload: Data,
        idempotencyKey: String?, attachment: (any Sendable)?
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
        record = attachment as? EventRecord
    }

    convenience init(_ other: Fields) {
        self.init(
            id: other.id, name: other.name, schemaVersion: other.schemaVersion, orderingKey: other.orderingKey,
            publishedAt: other.publishedAt, correlationID: other.correlationID, causationID: other.causationID,
            depth: other.depth, emittedBy: other.emittedBy, headers: other.headers, payload: other.payload,
            idempotencyKey: other.idempotencyKey, attachment: other.attachment)
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
