//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// One published event as the bus carries it: the metadata, the event itself (in ``TypedEventRecord``), and what became of its
/// deliveries.
///
/// It is one heap object an event, shared by every subscription, so that fan-out copies a reference and not an envelope.
///
/// `@unchecked Sendable` because a class with a subclass cannot be checked: every stored property here and in the subclass is a
/// constant of a `Sendable` type or an atomic.
@usableFromInline
class EventRecord: @unchecked Sendable {
    /// What a single event can claim to hold, so that sums over a full queue stay within 64 bits: 4 GiB.
    @usableFromInline static let largestPayload = 1 << 32

    @usableFromInline let typeID: ObjectIdentifier
    @usableFromInline let name: String
    @usableFromInline let schemaVersion: Int
    @usableFromInline let orderingKey: String?
    @usableFromInline let byteCount: Int
    @usableFromInline let origin: EventOrigin
    /// What became of this event's own deliveries and of those of its descendants. Written by the bus actor alone.
    let ownTally = DeliveryTally()
    let descendantTally = DeliveryTally()
    private let committedOffset = Atomic<Int64>(0)

    @usableFromInline
    init(typeID: ObjectIdentifier, name: String, schemaVersion: Int, orderingKey: String?, byteCount: Int, origin: EventOrigin) {
        self.typeID = typeID
        self.name = name
        self.schemaVersion = schemaVersion
        self.orderingKey = orderingKey
        self.byteCount = byteCount
        self.origin = origin
    }

    /// The offset, or 0 before the event is committed.
    final var offset: Offset {
        Offset(rawValue: committedOffset.load(ordering: .relaxed))
    }

    /// Records the offset; the bus calls it once, when it commits the event.
    final func commit(at offset: Offset) {
        committedOffset.store(offset.rawValue, ordering: .relaxed)
    }

    /// The event itself, for places where its type does not matter; `nil` where it is not at hand.
    var anyEvent: (any Event)? { nil }
}

/// An ``EventRecord`` with its event.
@usableFromInline
final class TypedEventRecord<E: Event>: EventRecord, @unchecked Sendable {
    @usableFromInline let event: E

    @inlinable
    convenience init(_ event: E, origin: EventOrigin) {
        self.init(event, orderingKey: event.orderingKey, origin: origin)
    }

    /// The record of an event that was published with a key, whatever the type's code makes of that today.
    @inlinable
    init(_ event: E, orderingKey: String?, origin: EventOrigin) {
        self.event = event
        super.init(
            typeID: ObjectIdentifier(E.self), name: E.name, schemaVersion: E.schemaVersion, orderingKey: orderingKey,
            byteCount: MemoryLayout<E>.stride + min(max(0, event.payloadByteCount), EventRecord.largestPayload), origin: origin)
    }

    override var anyEvent: (any Event)? { event }
}
