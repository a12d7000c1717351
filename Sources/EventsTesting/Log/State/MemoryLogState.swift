//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a log in memory holds, and how changes change it. A pure structure: no lock, no clock, no task.
struct MemoryLogState: Sendable {
    /// How often it was opened.
    var epoch: Int64 = 0
    /// The offset of the latest event ever, also after retention removed it.
    var head: Int64 = 0
    var events = OffsetTable<LogEvent>()
    /// Events that a test has damaged.
    var damaged: Set<Int64> = []
    /// Offsets by the idempotency key of the event.
    var offsetByKey: [ExactText: Int64] = [:]
    var scheduled: [EventID: ScheduledEvent] = [:]
    var scheduledByKey: [String: EventID] = [:]
    var subscriptions: [SubscriptionKey: MemorySubscription] = [:]
    var lastSubscription: Int64 = 0
    /// Dead letters by arrival.
    var letters = OffsetTable<MemoryLetter>()
    var lastArrival: Int64 = 0
    /// Discards in the order in which they were made.
    var discards: [MemoryDiscard] = []
    /// What commit actions stored.
    var values: [String: String] = [:]

    /// Carries out a change, wholly or not at all, and returns the call of its completion, which belongs after the commit.
    mutating func apply(_ change: LogChange) -> @Sendable () -> Void {
        switch change {
        case .append(let append):
            let result = result { (state) throws(LogFailure) in try state.append(append.events) }
            return { append.completion(result) }
        case .settle(let settlement):
            let (result, stored) = settle(settlement)
            return { settlement.completion(result, stored) }
        case .redrive(let redrive):
            let redriven = self.redrive(redrive)
            return { redrive.completion(.success(redriven)) }
        case .discard(let discard):
            let discarded = self.discard(discard)
            return { discard.completion(.success(discarded)) }
        case .schedule(let scheduling):
            let result = result { (state) throws(LogFailure) in try state.schedule(scheduling.events) }
            return { scheduling.completion(result) }
        case .cancelScheduled(let cancellation):
            let wasThere = cancelScheduled(cancellation.id)
            return { cancellation.completion(.success(wasThere)) }
        case .releaseScheduled(let release):
            let released = releaseScheduled(at: release.time.inMicroseconds, limit: release.limit)
            let next = nextScheduled
            return { release.completion(.success(released), next) }
        case .transact(let transact):
            let result = transaction(performing: [transact.action])
            return { transact.completion(result) }
        case .subscribe(let subscribe):
            let subscription = register(subscribe.subscription)
            return { subscribe.completion(.success(subscription)) }
        case .leave(let leave):
            subscriptions[leave.subscription]?.epoch = 0
            return { leave.completion(.success(())) }
        case .unsubscribe(let unsubscribe):
            let removed = remove(unsubscribe.name)
            return { unsubscribe.completion(.success(removed)) }
        case .prune(let pruning):
            let (removed, isDone) = prune(
                before: pruning.before?.inMicroseconds, keeping: pruning.keeping, limit: pruning.limit)
            return { pruning.completion(.success((removed: removed, isDone: isDone))) }
        }
    }

    private mutating func result<Value>(
        _ body: (inout MemoryLogState) throws(LogFailure) -> Value
    ) -> Result<Value, LogFailure> {
        do throws(LogFailure) {
            return .success(try body(&self))
        } catch {
            return .failure(error)
        }
    }
}

// MARK: - Undoing

extension MemoryLogState {
    /// What a transaction can change, as it was. What was appended since is found by its offset.
    struct Savepoint {
        fileprivate let head: Int64
        fileprivate let scheduled: [EventID: ScheduledEvent]
        fileprivate let scheduledByKey: [String: EventID]
        fileprivate let values: [String: String]
    }

    var savepoint: Savepoint {
        Savepoint(head: head, scheduled: scheduled, scheduledByKey: scheduledByKey, values: values)
    }

    mutating func rollBack(to savepoint: Savepoint) {
        for event in events.removeAll(from: savepoint.head + 1) {
            if let key = event.idempotencyKey { offsetByKey[ExactText(key)] = nil }
        }
        head = savepoint.head
        scheduled = savepoint.scheduled
        scheduledByKey = savepoint.scheduledByKey
        values = savepoint.values
    }

    /// Performs actions as one transaction; an error undoes them all.
    mutating func transaction(performing actions: [CommitAction]) -> Result<[StoredEvent], any Error> {
        let savepoint = savepoint
        do {
            return .success(try perform(actions))
        } catch {
            rollBack(to: savepoint)
            return .failure(error)
        }
    }

    /// Performs actions; what an error leaves behind is for the caller to undo.
    mutating func perform(_ actions: [CommitAction]) throws -> [StoredEvent] {
        var stored: [StoredEvent] = []
        for action in actions {
            // The transaction holds the state itself while the action runs, not a copy, so that nothing is copied when it changes.
            let transaction = MemoryTransaction()
            swap(&self, &transaction.state)
            defer {
                swap(&self, &transaction.state)
                transaction.isEnded = true
            }
            try action.perform(transaction)
            stored += transaction.stored
        }
        return stored
    }
}
