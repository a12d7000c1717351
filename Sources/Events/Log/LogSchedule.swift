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

/// An event that is to be published later. It has an identity and no offset yet.
public struct ScheduledEvent: Sendable {
    /// The event.
    public var event: LogEvent
    /// When it is due.
    public var due: Date
    /// When that was decided. The bus makes the event wait no longer than from here to ``due``.
    public var scheduledAt: Date

    /// An event for later.
    public init(event: LogEvent, due: Date, scheduledAt: Date) {
        self.event = event
        self.due = due
        self.scheduledAt = scheduledAt
    }

    /// When it is due, and when that was decided.
    public var time: ScheduledTime { ScheduledTime(due: due, decided: scheduledAt) }
}

/// When something is due, and when that was decided.
public struct ScheduledTime: Sendable, Hashable {
    /// When it is due.
    public let due: Date
    /// When that was decided.
    public let decided: Date

    /// A time for something.
    public init(due: Date, decided: Date) {
        self.due = due
        self.decided = decided
    }
}

/// Stores events for later: all of them or none.
public struct LogScheduling: Sendable {
    /// The events.
    public let events: [ScheduledEvent]
    /// Told the identity of each; that of the first where an idempotency key was used before, whether that event is still scheduled
    /// or published already.
    public let completion: @Sendable (Result<[EventID], LogFailure>) -> Void

    /// A scheduling.
    public init(events: [ScheduledEvent], completion: @escaping @Sendable (Result<[EventID], LogFailure>) -> Void) {
        self.events = events
        self.completion = completion
    }
}

/// Takes back a scheduled event.
public struct LogCancellation: Sendable {
    /// The event.
    public let id: EventID
    /// Told whether it was there to be taken back.
    public let completion: @Sendable (Result<Bool, LogFailure>) -> Void

    /// A cancellation.
    public init(id: EventID, completion: @escaping @Sendable (Result<Bool, LogFailure>) -> Void) {
        self.id = id
        self.completion = completion
    }
}

/// Appends the scheduled events that are due and forgets their schedule, in one commit.
public struct LogRelease: Sendable {
    /// What is due at this time or before.
    public let time: Date
    /// The most events to release at once.
    public let limit: Int
    /// Told the events with their offsets, and when the next one is due.
    public let completion: @Sendable (Result<[StoredEvent], LogFailure>, _ next: ScheduledTime?) -> Void

    /// A release.
    public init(
        time: Date, limit: Int,
        completion: @escaping @Sendable (Result<[StoredEvent], LogFailure>, _ next: ScheduledTime?) -> Void
    ) {
        self.time = time
        self.limit = limit
        self.completion = completion
    }
}
