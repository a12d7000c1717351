//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

/// What a commit action does its work with in a ``MemoryEventLog``: events, and a few values that stand in for a service's own
/// tables.
///
/// ```swift
/// try context.onCommit { transaction in
///     guard let transaction = transaction as? MemoryTransaction else { return }
///     try transaction.setValue("shipped", for: "order-17")
/// }
/// ```
///
/// All that an action does is undone when it throws. The transaction ends with the action; used later, it throws
/// `LogFailure.Reason.action`.
public final class MemoryTransaction: LogTransaction {
    var state = MemoryLogState()
    var stored: [StoredEvent] = []
    var isEnded = false

    init() {}

    public func append(_ events: [LogEvent]) throws -> [Publication] {
        try checkRunning()
        let result = try state.append(events)
        stored += result.stored(of: events)
        return result.publications(of: events)
    }

    public func schedule(_ events: [ScheduledEvent]) throws -> [EventID] {
        try checkRunning()
        return try state.schedule(events)
    }

    public func cancelScheduled(_ id: EventID) throws -> Bool {
        try checkRunning()
        return state.cancelScheduled(id)
    }

    /// The value stored under a name; `nil` when there is none. It sees what this commit did so far.
    ///
    /// - Throws: `LogFailure` when the action has ended.
    public func value(for name: String) throws -> String? {
        try checkRunning()
        return state.values[name]
    }

    /// Stores a value under a name, or removes it with `nil`.
    ///
    /// - Throws: `LogFailure` when the action has ended.
    public func setValue(_ value: String?, for name: String) throws {
        try checkRunning()
        state.values[name] = value
    }

    private func checkRunning() throws(LogFailure) {
        guard !isEnded else {
            throw LogFailure(.action, "A transaction was used after its action had ended; do all work inside the action.")
        }
    }
}
