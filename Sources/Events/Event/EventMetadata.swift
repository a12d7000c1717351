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

/// What the bus knows about an event besides the event itself.
public struct EventMetadata: Sendable {
    let record: EventRecord

    init(_ record: EventRecord) {
        self.record = record
    }

    /// The event's identity, set when it was published.
    public var id: EventID { record.origin.id }

    /// The event's stable name, such as `"order.placed"`.
    public var name: String { record.name }

    /// The version of the payload's shape.
    public var schemaVersion: Int { record.schemaVersion }

    /// The event's place in publish order.
    public var offset: Offset { record.offset }

    /// The key whose events are handled one at a time and in order, if the event has one.
    public var orderingKey: String? { record.orderingKey }

    /// The identity that everything with one first cause shares: the identifier of that first event or command, unless the
    /// publisher gave another.
    public var correlationID: EventID { record.origin.correlationID }

    /// The event or command whose handling published this event; `nil` if none did.
    public var causationID: EventID? { record.origin.causationID }

    /// How many handlings lie between this event and its first cause: 0 for an event published from outside.
    public var depth: Int { record.origin.depth }

    /// Text values that travel with the event, such as a trace context.
    public var headers: [String: String] { record.origin.headers }

    /// The time of day at which the event was published. It informs; it does not order.
    public var publishedAt: Date { record.origin.publishedAt }

    /// The subscription whose handler published or emitted this event; `nil` if none did.
    public var emittedBy: String? { record.origin.emittedBy }
}

extension EventMetadata: CustomStringConvertible {
    public var description: String { "\(name) \(id) at \(offset)" }
}
