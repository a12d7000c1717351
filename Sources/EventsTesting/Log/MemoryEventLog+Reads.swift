//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

extension MemoryEventLog {
    public func events(_ selection: EventSelection) async throws -> EventPage {
        try read { $0.events(selection) }
    }

    public func deliveries(_ selection: DeliverySelection) async throws -> [StoredDelivery] {
        try read { $0.deliveries(selection) }
    }

    public func deadLetters(_ selection: DeadLetterSelection) async throws -> [StoredDeadLetter] {
        try read { $0.deadLetters(selection) }
    }

    public func deadLetterCounts() async throws -> [DeadLetterCount] {
        try read { $0.deadLetterCounts() }
    }

    public func discards(limit: Int) async throws -> [DeadLetterDiscard] {
        try read { $0.discards(limit: limit) }
    }

    public func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder]
    ) async throws -> StoredOutcome {
        try read { $0.outcome(of: offset, including: scope, orders: orders) }
    }

    public func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset) {
        control.withLock { $0.noteStart(slot: slot, subscription: subscription, offset: offset) }
    }

    public func noteEnd(slot: Int) {
        control.withLock { $0.noteEnd(slot: slot) }
    }

    /// Reads what is committed. A read whose task was cancelled before it began is none.
    private func read<Value: Sendable>(_ body: @Sendable (MemoryLogState) -> Value) throws -> Value {
        try Task.checkCancellation()
        try control.withLock { control in Result { () throws(LogFailure) in try control.checkReading() } }.get()
        return committed.withLock { body($0) }
    }
}
