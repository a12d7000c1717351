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
    /// Where everything but the payload and the key is. Of an event that was published here that is its record, which is there
    /// already: an object for these fields alone was a tenth of what `publish(contentsOf:)` took.
    private enum Source: Sendable {
        case record(EventRecord)
        indirect case fields(Fields)
    }

    private var source: Source
    /// The event's identity.
    public var id: EventID {
        get {
            switch source {
            case .record(let record): record.origin.id
            case .fields(let fields): fields.id
            }
        }
        set { change { $0.id = newValue } }
    }
    /// The event's stable name.
    public var name: String {
        get {
            switch source {
            case .record(let record): record.name
            case .fields(let fields): fields.name
            }
        }
        set { change { $0.name = newValue } }
    }
    /// The version of the payload's shape.
    public var schemaVersion: Int {
        get {
            switch source {
            case .record(let record): record.schemaVersion
            case .fields(let fields): fields.schemaVersion
            }
        }
        set { change { $0.schemaVersion = newValue } }
    }
    /// The key whose events are handled one at a time and in order, if it has one.
    public var orderingKey: String? {
        get {
            switch source {
            case .record(let record): record.orderingKey
            case .fields(let fields): fields.orderingKey
            }
        }
        set { change { $0.orderingKey = newValue } }
    }
    /// The time of day at which it was published. Logs keep it to the microsecond.
    public var publishedAt: Date {
        get {
            switch source {
            case .record(let record): record.origin.publishedAt
            case .fields(let fields): fields.publishedAt
            }
        }
        set { change { $0.publishedAt = newValue } }
    }
    /// The identity that everything with the same first cause shares; `nil` is the event's own.
    public var correlationID: EventID? {
        get {
            switch source {
            case .record(let record): record.origin.details?.correlationID
            case .fields(let fields): fields.correlationID
            }
        }
        set { change { $0.correlationID = newValue } }
    }
    /// The event or command whose handling published it.
    public var causationID: EventID? {
        get {
            switch source {
            case .record(let record): record.origin.causationID
            case .fields(let fields): fields.causationID
            }
        }
        set { change { $0.causationID = newValue } }
    }
    /// How many handlings lie between it and its first cause.
    public var depth: Int {
        get {
            switch source {
            case .record(let record): record.origin.depth
            case .fields(let fields): fields.depth
            }
        }
        set { change { $0.depth = newValue } }
    }
    /// The subscription whose handler published or emitted it.
    public var emittedBy: String? {
        get {
            switch source {
            case .record(let record): record.origin.emittedBy
            case .fields(let fields): fields.emittedBy
            }
        }
        set { change { $0.emittedBy = newValue } }
    }
    /// The headers; empty when there are none.
    public var headers: [String: String] {
        get {
            switch source {
            case .record(let record): record.origin.headers
            case .fields(let fields): fields.headers
            }
        }
        set { change { $0.headers = newValue } }
    }
    /// The event itself, as JSON in UTF-8.
    public var payload: Data
    /// What makes a repeated publish return the first publication, if it has one.
    public var idempotencyKey: String?
    /// What the bus wants back with the event's offset when it is committed; not stored.
    public var attachment: (any Sendable)? {
        get {
            switch source {
            case .record(let record): record
            case .fields(let fields): fields.attachment
            }
        }
        set { change { $0.attachment = newValue } }
    }
    /// The attachment, if it is the record of an event that was published here.
    var record: EventRecord? {
        switch source {
        case .record(let record): record
        case .fields(let fields): fields.record
        }
    }

    /// An event in stored form.
    public init(
        id: EventID, name: String, schemaVersion: Int, orderingKey: String?, publishedAt: Date, correlationID: EventID?,
        causationID: EventID?, depth: Int, emittedBy: String?, headers: [String: String], payload: Data,
        idempotencyKey: String? = nil, attachment: (any Sendable)? = nil
    ) {
        source = .fields(
            Fields(
                id: id, name: name, schemaVersion: schemaVersion, orderingKey: orderingKey, publishedAt: publishedAt,
                correlationID: correlationID, causationID: causationID, depth: depth, emittedBy: emittedBy, headers: headers,
                attachment: attachment))
        self.payload = payload
        self.idempotencyKey = idempotencyKey
    }

    /// The event of a record, which is its attachment.
    init(_ record: EventRecord, payload: Data, idempotencyKey: String?) {
        source = .record(record)
        self.payload = payload
        self.idempotencyKey = idempotencyKey
    }

    /// Sets a field, which then is the event's own and no longer its record's.
    private mutating func change(_ set: (inout Fields) -> Void) {
        var fields =
            switch source {
            case .fields(let fields): fields
            case .record(let record):
                Fields(
                    id: id, name: name, schemaVersion: schemaVersion, orderingKey: orderingKey, publishedAt: publishedAt,
                    correlationID: correlationID, causationID: causationID, depth: depth, emittedBy: emittedBy, headers: headers,
                    attachment: record)
            }
        set(&fields)
        source = .fields(fields)
    }
}

/// What is known of an event that has no record, or of which something was set.
private struct Fields: Sendable {
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
    var attachment: (any Sendable)? {
        didSet { record = attachment as? EventRecord }
    }
    /// Asked for at each step, and a cast takes longer than all else there.
    private(set) var record: EventRecord?

    init(
        id: EventID, name: String, schemaVersion: Int, orderingKey: String?, publishedAt: Date, correlationID: EventID?,
        causationID: EventID?, depth: Int, emittedBy: String?, headers: [String: String], attachment: (any Sendable)?
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
        self.attachment = attachment
        record = attachment as? EventRecord
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
