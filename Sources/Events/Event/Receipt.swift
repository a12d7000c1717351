//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Proof that an event was published, and the handle by which to ask what became of it: ``EventBus/outcome(of:including:)``.
///
/// While a receipt of an in-memory bus exists, its event stays in memory with it.
public struct Receipt: Sendable {
    @usableFromInline let record: EventRecord

    @usableFromInline
    init(_ record: EventRecord) {
        self.record = record
    }

    /// The identity of the published event.
    public var id: EventID { record.origin.id }

    /// The event's place in publish order.
    public var offset: Offset { record.offset }

    /// The identity that everything with the same first cause shares.
    public var correlationID: EventID { record.origin.correlationID }
}

extension Receipt: CustomStringConvertible {
    /// The event's name, identity and offset, never its content: `order.placed 0199f3a4-7c1e-7000-8a5b-5b0f8d0c2e11 at 17`.
    public var description: String { "\(record.name) \(id) at \(offset)" }
}
