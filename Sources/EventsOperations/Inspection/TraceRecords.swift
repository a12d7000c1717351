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

/// What an event, or a command, led to: all events of one correlation, each below the one that caused it.
public struct TraceReport: Sendable, Hashable, Codable {
    /// What all of them share.
    public var correlationID: String
    /// The events, each after the one that caused it, and before what its later siblings caused.
    public var events: [TraceNode]
    /// Whether there are more than are here.
    public var isTruncated: Bool
}

/// An event with what became of it, and what it caused.
public struct TraceNode: Sendable, Hashable, Codable {
    /// The event.
    public var event: EventSummary
    /// When it is due, if it is scheduled.
    public var scheduledFor: Date?
    /// Where its deliveries are.
    public var deliveries: [DeliveryVerdict]
    /// How many of the events here it lies below: 0 for the first cause, or what is left of it.
    public var level: Int
}
