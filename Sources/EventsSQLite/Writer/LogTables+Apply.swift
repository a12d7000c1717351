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

/// What a change came to, until its commit is made and its completion can be told.
///
/// The changes that there are many of have cases of their own: a closure for each costs two allocations.
enum ChangeOutcome {
    case appended(LogAppended)
    case settled(LogTables.Settled)
    case failed(LogFailure)
    case other(() -> Void)

    /// Tells the completion of the change that this is the outcome of.
    func tell(_ pending: PendingChange) {
        let change = pending.take()
        switch self {
        case .appended(let appended):
            if case .append(let append) = consume change { append.completion(.success(appended)) }
        case .settled(let settled):
            if case .settle(let settlement) = consume change {
                settlement.completion(.success(settled.failures), settled.stored)
            }
        case .failed(let failure): change?.fail(failure)
        case .other(let tell): tell()
        }
    }
}

extension LogTables {
    /// Does one change within the commit that is being written.
    ///
    /// - Parameters:
    ///   - index: The change's place in the commit.
    ///   - spoiled: The errors of items that are not to be tried, by index.
    ///   - isCareful: Whether to do it in a savepoint, so that an error of its own fails nothing else.
    func apply(_ change: PendingChange, index: Int, spoiled: [Int: any Error], isCareful: Bool) throws -> ChangeOutcome {
        do {
            if change.isPlainAppend, !isCareful { return .appended(try append(change)) }
            // It may look at what was appended before it, and must not be blamed for that.
            try insertWaiting()
            guard isCareful else { return try apply(change, spoiled) }
            return try inSavepoint {
                let completion = try apply(change, spoiled)
                try checkForeignKeys()
                return completion
            }
        } catch let lost as TransactionLost {
            throw LostChange(index: index, item: lost.item, error: lost.error)
        } catch let failure as LogFailure {
            // Thrown before anything is done.
            return .failed(failure)
        } catch let error as SQLiteError where isCareful && StorageFault(error) == .statement && !connection.isAutocommitting {
            return .failed(LogFailure(error, path: path))
        }
    }

    private func apply(_ pending: PendingChange, _ spoiled: [Int: any Error]) throws -> ChangeOutcome {
        switch pending.change {
        case .append(let change):
            return .appended(try append(change.events, pending.encoded))
        case .settle(let change):
            return .settled(try settle(change, pending.encoded, spoiled: spoiled))
        case .redrive(let change):
            let redriven = try redrive(change)
            return .other { change.completion(.success(redriven)) }
        case .discard(let change):
            let discarded = try discard(change)
            return .other { change.completion(.success(discarded)) }
        case .schedule(let change):
            let ids = try schedule(change.events, pending.encoded)
            return .other { change.completion(.success(ids)) }
        case .cancelScheduled(let change):
            let wasThere = try cancelScheduled(change.id)
            return .other { change.completion(.success(wasThere)) }
        case .releaseScheduled(let change):
            let released = try releaseScheduled(at: change.time.microseconds, limit: max(0, change.limit))
            let next = try nextScheduled()
            return .other { change.completion(.success(released), next) }
        case .transact(let change):
            let result = try transact(
                change.action, budget: pending.isUnbounded ? nil : actionBudget, spoiled: spoiled[0])
            return .other { change.completion(result) }
        case .subscribe(let change):
            let key = try register(change.subscription, at: change.time.microseconds)
            guard let subscription = try subscription(key) else { return .other {} }
            return .other { change.completion(.success(subscription)) }
        case .leave(let change):
            try leave(change.subscription)
            return .other { change.completion(.success(())) }
        case .unsubscribe(let change):
            let removed = try unsubscribe(change.name, at: change.time)
            return .other { change.completion(.success(removed)) }
        case .prune(let change):
            let pruned = try prune(change)
            return .other { change.completion(.success(pruned)) }
        case nil:
            return .other {}
        }
    }
}
