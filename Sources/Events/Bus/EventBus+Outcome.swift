//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// A task that waits for an outcome.
    struct OutcomeWaiter {
        let record: EventRecord
        let scope: Outcome.Scope
        let waiter: Waiter<Outcome>
    }

    /// Waits until the deliveries of a published event, and if asked for those of everything it caused, are resolved: completed,
    /// dead, discarded, parked or dropped.
    ///
    /// - Parameters:
    ///   - receipt: What the publish returned.
    ///   - scope: Which deliveries to wait for. The default is the event's own.
    /// - Returns: How many deliveries came to what. Failed deliveries are counted and not thrown.
    /// - Throws: `CancellationError` when the task is cancelled, which ends the wait and nothing else; ``EventBusError`` with
    ///   `wouldDeadlock` inside a handler, whose worker the wait would hold, `foreignReceipt` for a receipt of another bus, and
    ///   `closed` when the bus closes first; ``LogFailure`` when the log cannot be read.
    public func outcome(of receipt: Receipt, including scope: Outcome.Scope = .handlers) async throws -> Outcome {
        let record = receipt.record
        guard record.origin.bus == identity else {
            throw EventBusError(
                .foreignReceipt,
                "the outcome of \(record.name) \(record.origin.id) was asked of a bus that did not publish it; ask the one that did."
            )
        }
        if HandlerScope.current?.isInsideDelivery(of: self) == true {
            throw EventBusError(
                .wouldDeadlock,
                "the outcome of \(record.name) \(record.origin.id) was awaited inside a handler, whose worker may be needed to reach "
                    + "it. Await it outside, or subscribe to what follows.")
        }
        if let journal { return try await outcome(of: record, including: scope, in: journal) }
        if record.isResolved(scope) { return record.outcome(scope) }
        guard lifecycle.phase != .closed else { throw Self.closedBeforeOutcome(record) }
        let waiter = Waiter<Outcome>()
        outcomeWaiters[ObjectIdentifier(record), default: []].removeAll { $0.waiter.isDecided }
        outcomeWaiters[ObjectIdentifier(record), default: []].append(
            OutcomeWaiter(record: record, scope: scope, waiter: waiter))
        return try await waiter.value()
    }

    /// Wakes those who wait for an event, or for one that it descends from, if that is resolved now.
    func resolve(_ record: EventRecord) {
        if journal != nil {
            news(of: record.origin.correlationID)
            return
        }
        guard !outcomeWaiters.isEmpty else { return }
        var link: EventRecord? = record
        while let event = link {
            let key = ObjectIdentifier(event)
            if let waiters = outcomeWaiters[key] {
                let left = waiters.filter { waiter in
                    guard event.isResolved(waiter.scope) else { return true }
                    waiter.waiter.decide(.success(event.outcome(waiter.scope)))
                    return false
                }
                outcomeWaiters[key] = left.isEmpty ? nil : left
            }
            link = event.origin.parent
        }
    }

    func failOutcomeWaiters() {
        for waiter in outcomeWaiters.values.flatMap({ $0 }).sorted(by: { $0.record.offset < $1.record.offset }) {
            waiter.waiter.decide(.failure(Self.closedBeforeOutcome(waiter.record)))
        }
        outcomeWaiters.removeAll()
    }

    static func closedBeforeOutcome(_ record: EventRecord) -> EventBusError {
        EventBusError(
            .closed, "the bus closed before the deliveries of \(record.name) \(record.origin.id) were resolved.")
    }
}
