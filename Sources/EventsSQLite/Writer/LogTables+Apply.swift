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
    case appended(LogAppend, LogTables.Appended)
    case settled(LogSettlement, LogTables.Settled)
    case other(() -> Void)

    /// Tells the change's completion.
    func tell() {
        switch self {
        case .appended(let change, let appended): change.completion(.success(appended.publications), appended.stored)
        case .settled(let change, let settled): change.completion(.success(settled.failures), settled.stored)
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
            return .other { change.fail(failure) }
        } catch let error as SQLiteError where isCareful && StorageFault(error) == .statement && !connection.isAutocommitting {
            let failure = LogFailure(error, path: path)
            return .other { change.fail(failure) }
        }
    }

    private func apply(_ pending: PendingChange, _ spoiled: [Int: any Error]) throws -> ChangeOutcome {
        switch pending.change {
        case .append(let change):
            return .appended(change, try append(change.events, pending.encoded))
        case .settle(let change):
            return .settled(change, try settle(change, pending.encoded, spoiled: spoiled))
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
            let removed = try unsubscribe(change.name)
            return .other { change.completion(.success(removed)) }
        case .prune(let change):
            let pruned = try prune(change)
            return .other { change.completion(.success(pruned)) }
        }
    }
}
