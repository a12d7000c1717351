//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// An immutable fact that has happened, named in the past tense.
///
/// ```swift
/// struct OrderPlaced: Event {
///     static let name = "order.placed"
///     var orderID: String
///     var orderingKey: String? { orderID }
/// }
/// ```
///
/// The ``name`` is the event's identity wherever it is stored or shown, so it stays when the Swift type is renamed. It must not be
/// empty, is at most 200 bytes of UTF-8 and holds no control characters; the first publish or subscription checks that.
public protocol Event: Codable, Sendable {
    /// The stable name of this kind of event, such as `"order.placed"`. Two types of one bus may not share a name.
    static var name: String { get }

    /// The version of the payload's shape, for reading events that older code wrote. The default is 1.
    static var schemaVersion: Int { get }

    /// Events with the same key are handled one at a time and in publish order by every subscription whose order is `.perKey`.
    /// The default is `nil`: no order is needed. The key is read once, when the event is published.
    var orderingKey: String? { get }

    /// The bytes this event holds on the heap beyond its own stored size, such as a long text or an array, for queues that are
    /// bounded by bytes. An estimate is enough; more than 4 GiB counts as 4 GiB. The default is 0.
    var payloadByteCount: Int { get }
}

extension Event {
    public static var schemaVersion: Int { 1 }
    public var orderingKey: String? { nil }
    public var payloadByteCount: Int { 0 }
}
