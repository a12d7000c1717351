//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Something that is committed together with a delivery's success, or by itself. It is synchronous, runs on the log's own thread,
/// may run more than once, and sees what is committed and what it did itself.
public struct CommitAction: Sendable {
    /// Does it. What is thrown undoes this action and what it belongs to, and nothing else.
    public let perform: @Sendable (any LogTransaction) throws -> Void

    /// An action.
    public init(_ perform: @escaping @Sendable (any LogTransaction) throws -> Void) {
        self.perform = perform
    }
}

/// What a commit action does its work with. A log's own type has more: SQL, for one that speaks it.
public protocol LogTransaction: AnyObject {
    /// Appends events within the transaction. What they became is reported when it commits.
    func append(_ events: [LogEvent]) throws -> [Publication]
    /// Stores events for later within the transaction.
    func schedule(_ events: [ScheduledEvent]) throws -> [EventID]
    /// Takes back a scheduled event within the transaction. Returns whether it was there.
    func cancelScheduled(_ id: EventID) throws -> Bool
}

/// Performs an action by itself.
public struct LogTransact: Sendable {
    /// What to do.
    public let action: CommitAction
    /// Told the error that undid it, or the events that it appended, with their offsets.
    public let completion: @Sendable (Result<[StoredEvent], any Error>) -> Void

    /// An action of its own.
    public init(action: CommitAction, completion: @escaping @Sendable (Result<[StoredEvent], any Error>) -> Void) {
        self.action = action
        self.completion = completion
    }
}
