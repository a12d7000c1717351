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

/// How a log and its subscriptions do.
public struct LogStatistics: Sendable, Hashable, Codable {
    /// How often the log was opened by a bus.
    public var epoch: Int64
    /// The offset of the latest event.
    public var lastOffset: Int64
    /// Events that are scheduled for later.
    public var scheduled: Int
    /// The size of the file in bytes.
    public var databaseBytes: Int64
    /// The size of the write-ahead log beside it in bytes.
    public var writeAheadBytes: Int64
    /// Dead letters of all subscriptions.
    public var deadLetters: Int
    /// Redrive plans under way.
    public var plans: Int
    /// Each subscription, by name.
    public var subscriptions: [SubscriptionStatistics]
}

/// How one subscription does.
public struct SubscriptionStatistics: Sendable, Hashable, Codable {
    /// Its name.
    public var subscription: String
    /// Whether the latest opening of the log registered it.
    public var isRegistered: Bool
    /// Events of its own that are not finished and that nothing has a row of: not begun, or in memory.
    public var backlog: Int
    /// Whether there are more than were counted.
    public var backlogIsAtLeast: Bool
    /// How long ago the first of these was published, in seconds; `nil` when there is none.
    public var lagSeconds: Double?
    /// Deliveries that wait for others of their key, or for room.
    public var waiting: Int
    /// Of those, how many wait behind a dead letter.
    public var parked: Int
    /// Deliveries whose next attempt is due later.
    public var retrying: Int
    /// When the first of them is due.
    public var nextRetry: Date?
    /// Deliveries of types that nobody handles any more.
    public var unhandled: Int
    /// Dead letters.
    public var deadLetters: Int
    /// When the first of them died.
    public var oldestDeadLetter: Date?
    /// Deliveries completed in the last minute.
    public var completedLastMinute: Int
    /// Deliveries completed in the last five minutes.
    public var completedLastFiveMinutes: Int
    /// From publication to completion in seconds, of the latest completions: the middle, and what 95 and 99 in a hundred stay below.
    public var latency: LatencyStatistics?
    /// Workers that run its handlers now, and the most that may; `nil` where no bus says so.
    public var workers: Int?
    /// See ``workers``.
    public var workerLimit: Int?
}

/// Times in seconds.
public struct LatencyStatistics: Sendable, Hashable, Codable {
    /// Half of them are shorter.
    public var p50: Double
    /// 95 of a hundred are shorter.
    public var p95: Double
    /// 99 of a hundred are shorter.
    public var p99: Double
    /// Of how many completions this was taken.
    public var count: Int
}

/// A subscription as it is stored.
public struct SubscriptionSummary: Sendable, Hashable, Codable {
    /// Its name.
    public var subscription: String
    /// `registered`, `absent` or `replay`.
    public var state: String
    /// `per key`, `serial` or `unordered`; `nil` when the log does not know.
    public var order: String?
    /// The names of the event types that it takes now.
    public var events: [String]
    /// The names of those that it took once.
    public var formerEvents: [String]
    /// Everything up to here is finished, or has a row of its own.
    public var cursor: Int64
    /// The opening of the log that registered it last.
    public var epoch: Int64
    /// When it was registered first.
    public var createdAt: Date
}
