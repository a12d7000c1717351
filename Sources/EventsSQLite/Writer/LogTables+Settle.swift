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

/// A commit action that cost its commit the whole transaction, so that all of it has to be done again without that action.
struct TransactionLost: Error {
    /// Which item of its settlement the action belongs to; 0 for an action of its own.
    let item: Int
    /// Why the action fails.
    let error: any Error
}

extension LogTables {
    /// What a settlement came to.
    struct Settled {
        /// The errors of items that were not done, by index.
        var failures: [Int: any Error] = [:]
        /// The events of the items that were done.
        var stored: [StoredEvent] = []
    }

    static var upsertDeliverySQL: StaticString {
        """
        INSERT OR REPLACE INTO bus_deliveries (
            subscription, offset, ordering_key, state, due_at, decided_at, attempts, failed_attempts, crashes, redrives,
            is_depth_reset, is_suspect
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)
        """
    }

    /// Records what became of deliveries of a subscription.
    ///
    /// - Parameter spoiled: Items that are not to be tried, since they cost an earlier try of this commit its transaction.
    func settle(_ settlement: LogSettlement, _ encoded: EncodedEvents, spoiled: [Int: any Error]) throws -> Settled {
        let key = settlement.subscription
        guard state.subscriptions[key] != nil else {
            throw LogFailure(.invalid, "there is no subscription \(key.rawValue) in \(path), so nothing of it can be settled")
        }
        touch(key, at: settlement.time.microseconds)
        try complete(settlement.completed, of: key)
        var result = Settled()
        var row = 0
        for (index, item) in settlement.items.enumerated() {
            defer { row += item.events.count + item.scheduled.count }
            if try isFinished(item.claim.offset, of: key) { continue }
            if let error = spoiled[index] {
                result.failures[index] = error
            } else if item.events.isEmpty, item.scheduled.isEmpty, item.actions.isEmpty {
                try record(item, of: key, at: settlement.time)
            } else {
                do {
                    result.stored += try inSavepoint {
                        let stored = try commitTogether(item, encoded, first: row)
                        try record(item, of: key, at: settlement.time)
                        return stored
                    }
                } catch let error as CommitFault {
                    switch error {
                    case .action(let error): result.failures[index] = error
                    case .transaction(let error): throw TransactionLost(item: index, error: error)
                    }
                } catch let failure as LogFailure {
                    result.failures[index] = failure
                }
            }
        }
        return result
    }

    /// Whether a delivery was finished before: what it wants committed with its success, now or again, has been.
    private func isFinished(_ offset: Offset, of key: SubscriptionKey) throws -> Bool {
        guard state.subscriptions[key]?.settled.contains(offset) ?? false else { return false }
        let statement = try connection.statement("SELECT 1 FROM bus_deliveries WHERE subscription = ?1 AND offset = ?2")
        statement.bind(1, key.rawValue)
        statement.bind(2, offset.rawValue)
        defer { statement.reset() }
        return try !statement.step()
    }

    /// Marks a subscription as having something to write at the end of this commit.
    private func touch(_ key: SubscriptionKey, at time: Int64) {
        if state.subscriptions[key]?.settledAt == nil { state.touched.append(key) }
        state.subscriptions[key]?.settledAt = time
    }

    /// Deliveries completed. One that is covered has a row, or completed before.
    private func complete(_ claims: some Collection<LogClaim>, of key: SubscriptionKey) throws {
        // Taken out meanwhile: looking it up for each claim took longer than what is done with it.
        guard var subscription = state.subscriptions.removeValue(forKey: key) else { return }
        defer { state.subscriptions[key] = subscription }
        subscription.completed.reserveCapacity(subscription.completed.count + claims.count)
        for claim in claims {
            if subscription.settled.contains(claim.offset) {
                guard try deleteRow(of: key, at: claim.offset) else { continue }
            } else {
                subscription.settled.cover(claim)
            }
            subscription.completed.append(claim.offset.rawValue)
        }
    }

    /// Records how one delivery ended.
    private func record(_ item: LogSettlement.Item, of key: SubscriptionKey, at time: Date) throws {
        switch item.end {
        case .completed: try complete(CollectionOfOne(item.claim), of: key)
        case .discarded(let reason):
            try insertDiscard(of: key, at: item.claim.offset, reason: reason, time: time, wasDead: false)
            try dropRow(of: key, item.claim)
        case .dead(let letter):
            try insertLetter(letter, item, of: key)
            try dropRow(of: key, item.claim)
        case .retry(let due): try upsertRow(item, of: key, "retry", due: due, decided: time)
        case .waiting: try upsertRow(item, of: key, "waiting")
        case .noHandler: try upsertRow(item, of: key, "no handler")
        }
        if let attempt = item.attempt { try insert(attempt, of: key, at: item.claim.offset) }
        state.subscriptions[key]?.settled.cover(item.claim)
    }

    private func dropRow(of key: SubscriptionKey, _ claim: LogClaim) throws {
        guard state.subscriptions[key]?.settled.contains(claim.offset) ?? false else { return }
        _ = try deleteRow(of: key, at: claim.offset)
    }

    private func deleteRow(of key: SubscriptionKey, at offset: Offset) throws -> Bool {
        deleteDelivery.bind(1, key.rawValue)
        deleteDelivery.bind(2, offset.rawValue)
        try deleteDelivery.run()
        return connection.changes > 0
    }

    private func upsertRow(
        _ item: LogSettlement.Item, of key: SubscriptionKey, _ rowState: String, due: Date? = nil, decided: Date? = nil
    ) throws {
        try upsertRow(
            of: key, at: item.claim.offset.rawValue, orderingKey: item.orderingKey, rowState, due: due?.microseconds,
            decided: decided?.microseconds, item.counts)
    }

    /// Gives a delivery a row, or replaces the one that it has. It is no suspect.
    func upsertRow(
        of key: SubscriptionKey, at offset: Int64, orderingKey: String?, _ rowState: String, due: Int64? = nil,
        decided: Int64? = nil, _ counts: LogCounts
    ) throws {
        upsertDelivery.bind(1, key.rawValue)
        upsertDelivery.bind(2, offset)
        upsertDelivery.bind(3, orderingKey)
        upsertDelivery.bind(4, rowState)
        upsertDelivery.bind(5, due)
        upsertDelivery.bind(6, decided)
        upsertDelivery.bind(7, counts.attempts)
        upsertDelivery.bind(8, counts.failedAttempts)
        upsertDelivery.bind(9, counts.crashes)
        upsertDelivery.bind(10, counts.redrives)
        upsertDelivery.bind(11, counts.isDepthReset ? 1 : 0)
        try upsertDelivery.run()
    }

    private func insert(_ attempt: Attempt, of key: SubscriptionKey, at offset: Offset) throws {
        let statement = try connection.statement(
            """
            INSERT OR REPLACE INTO bus_attempts (
                subscription, offset, number, started_at, duration, error_type, error_text, is_counted
            ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        statement.bind(1, key.rawValue)
        statement.bind(2, offset.rawValue)
        statement.bind(3, attempt.number)
        statement.bind(4, attempt.startedAt.microseconds)
        statement.bind(5, attempt.duration.microseconds)
        statement.bind(6, attempt.errorType)
        statement.bind(7, attempt.errorText)
        statement.bind(8, attempt.isCounted ? 1 : 0)
        try statement.run()
        // A delivery that is retried for months must not fill the disk: the first attempt stays, and the latest 255.
        guard attempt.number > 256 else { return }
        let deletion = try connection.statement(
            "DELETE FROM bus_attempts WHERE subscription = ?1 AND offset = ?2 AND number > 1 AND number <= ?3")
        deletion.bind(1, key.rawValue)
        deletion.bind(2, offset.rawValue)
        deletion.bind(3, attempt.number - 255)
        try deletion.run()
    }
}
