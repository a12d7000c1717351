//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// An event together with what the bus knows about it.
public struct Envelope<E: Event>: Sendable {
    let record: TypedEventRecord<E>

    init(_ record: TypedEventRecord<E>) {
        self.record = record
    }

    /// The envelope with its event's type, or `nil` when it holds an event of another type.
    public init?(_ envelope: AnyEnvelope) {
        guard let record = envelope.record as? TypedEventRecord<E> else { return nil }
        self.init(record)
    }

    /// The event itself.
    public var event: E { record.event }

    /// The event's identity, offset, times, causes and headers.
    public var metadata: EventMetadata { EventMetadata(record) }
}

/// An event of any type together with what the bus knows about it.
public struct AnyEnvelope: Sendable {
    let record: EventRecord
    private let content: Veiled<any Event>

    /// The envelope of a record, or `nil` when its event is not at hand.
    init?(_ record: EventRecord) {
        guard let event = record.anyEvent else { return nil }
        self.record = record
        content = Veiled(event)
    }

    /// The event itself.
    public var event: any Event { content.value }

    /// The event's identity, offset, times, causes and headers.
    public var metadata: EventMetadata { EventMetadata(record) }
}

/// Something that does not show when what holds it is printed: what events contain is nobody's business but their handlers'.
final class Veiled<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
