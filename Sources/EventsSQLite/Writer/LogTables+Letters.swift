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

extension LogTables {
    /// Makes a delivery a dead letter. What the letter needs to know of the event comes from its row, if that is there.
    func insertLetter(_ letter: LogLetter, _ item: LogSettlement.Item, of key: SubscriptionKey) throws {
        let statement = try connection.statement(
            """
            INSERT OR REPLACE INTO bus_dead_letters (
                subscription, offset, ordering_key, event_name, correlation_id, reason, error_type, error_text, died_at, parks_key,
                attempts, failed_attempts, crashes, redrives, is_depth_reset
            ) VALUES (
                ?1, ?2, ?3,
                coalesce((SELECT name FROM bus_events WHERE offset = ?2), ''),
                coalesce((SELECT coalesce(correlation_id, id) FROM bus_events WHERE offset = ?2), ''),
                ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
            )
            """)
        statement.bind(1, key.rawValue)
        statement.bind(2, item.claim.offset.rawValue)
        statement.bind(3, item.orderingKey)
        statement.bind(4, letter.reason.rawValue)
        statement.bind(5, letter.errorType)
        statement.bind(6, letter.errorText)
        statement.bind(7, letter.time.microseconds)
        statement.bind(8, letter.parksKey ? 1 : 0)
        statement.bind(9, item.counts.attempts)
        statement.bind(10, item.counts.failedAttempts)
        statement.bind(11, item.counts.crashes)
        statement.bind(12, item.counts.redrives)
        statement.bind(13, item.counts.isDepthReset ? 1 : 0)
        try statement.run()
    }

    func insertDiscard(of key: SubscriptionKey, at offset: Offset, reason: String, time: Date, wasDead: Bool) throws {
        let statement = try connection.statement(
            """
            INSERT INTO bus_discards (subscription, offset, reason, discarded_at, was_dead) VALUES (?1, ?2, ?3, ?4, ?5)
            """)
        statement.bind(1, key.rawValue)
        statement.bind(2, offset.rawValue)
        statement.bind(3, reason)
        statement.bind(4, time.microseconds)
        statement.bind(5, wasDead ? 1 : 0)
        try statement.run()
    }

    /// Sends dead letters back to their subscriptions.
    func redrive(_ change: LogLetterChange<[RedrivenDelivery]>) throws -> [RedrivenDelivery] {
        let letters = try take(change)
        guard !letters.isEmpty else { return [] }
        let audit = try insertAudit(
            change.audit, action: change.letters.isPlanned ? "send" : "redrive", subject: change.letters.subject,
            affected: letters.count, time: change.time)
        return try letters.map { letter in
            try insertRedrive(letter, at: change.time, audit: audit)
            let counts = LogCounts(
                attempts: letter.attempts, redrives: letter.redrives + 1,
                isDepthReset: letter.isDepthReset || letter.reason == DeadLetter.Reason.tooDeep.rawValue)
            try upsertRow(
                of: letter.subscription, at: letter.id.offset.rawValue, orderingKey: letter.orderingKey, "waiting", counts)
            return RedrivenDelivery(
                subscription: letter.subscription, id: letter.id, orderingKey: letter.orderingKey, parkedKey: letter.parksKey,
                eventName: letter.eventName,
                publication: Publication(
                    offset: letter.id.offset, id: letter.eventID, correlationID: letter.correlationID, isRepeat: false))
        }
    }

    /// Gives dead letters up.
    func discard(_ change: LogLetterChange<[DiscardedLetter]>) throws -> [DiscardedLetter] {
        let letters = try take(change)
        guard !letters.isEmpty else { return [] }
        var audit = change.audit
        if audit.reason.isEmpty { audit.reason = change.reason }
        _ = try insertAudit(
            audit, action: "discard", subject: change.letters.subject, affected: letters.count, time: change.time)
        return try letters.map { letter in
            try insertDiscard(
                of: letter.subscription, at: letter.id.offset, reason: change.reason, time: change.time, wasDead: true)
            return DiscardedLetter(
                subscription: letter.subscription,
                discard: DeadLetterDiscard(
                    id: letter.id, eventName: letter.eventName, eventID: letter.eventID, reason: change.reason, time: change.time),
                orderingKey: letter.orderingKey, parkedKey: letter.parksKey)
        }
    }

    private func insertRedrive(_ letter: Letter, at time: Date, audit: Int64) throws {
        let statement = try connection.statement(
            """
            INSERT OR REPLACE INTO bus_redrives (subscription, offset, number, redriven_at, audit) VALUES (?1, ?2, ?3, ?4, ?5)
            """)
        statement.bind(1, letter.subscription.rawValue)
        statement.bind(2, letter.id.offset.rawValue)
        statement.bind(3, letter.redrives + 1)
        statement.bind(4, time.microseconds)
        statement.bind(5, audit)
        try statement.run()
    }

    /// What a change needs of a dead letter.
    private struct Letter {
        let subscription: SubscriptionKey
        let id: DeadLetter.ID
        let orderingKey: String?
        let eventName: String
        let eventID: EventID
        let correlationID: EventID
        let reason: String
        let parksKey: Bool
        let attempts: Int
        let redrives: Int
        let isDepthReset: Bool
    }

    /// Deletes dead letters and returns them, oldest first.
    private func take(_ change: LogLetterChange<some Sendable>) throws -> [Letter] {
        if case .planned(let plan, let limit) = change.letters { return try takePlanned(plan, limit: limit, change) }
        return try take(LetterCondition(change.letters)) { name, eventName, reason in
            change.includes(name, eventName: eventName, reason: reason)
        }
    }

    /// Deletes the next letters of a plan that are still what they were when it was made, and notes that they were sent.
    private func takePlanned(_ plan: Int64, limit: Int, _ change: LogLetterChange<some Sendable>) throws -> [Letter] {
        var taken: [Letter] = []
        while taken.count < limit {
            let items = try pendingItems(of: plan, limit: min(limit - taken.count, 256))
            if items.isEmpty { break }
            for item in items {
                let condition = LetterCondition(arrival: item.arrival)
                var isHandled = false
                let letter = try take(condition) { name, eventName, reason in
                    isHandled = change.includes(name, eventName: eventName, reason: reason)
                    return isHandled
                }
                let exists = try letter.isEmpty && contains(condition)
                try setState(letter.isEmpty ? (exists ? .noHandler : .gone) : .sent, of: item, at: change.time)
                taken += letter
            }
        }
        return taken
    }

    private func contains(_ condition: LetterCondition) throws -> Bool {
        let statement = try connection.prepare(
            "SELECT 1 FROM bus_dead_letters l JOIN bus_subscriptions s ON s.id = l.subscription WHERE \(condition.sql)")
        condition.bind(to: statement)
        return try statement.step()
    }

    private func take(
        _ condition: LetterCondition, where isIncluded: (String, String, DeadLetter.Reason?) -> Bool
    ) throws -> [Letter] {
        let statement = try connection.prepare(
            """
            SELECT l.arrival, l.subscription, s.name, l.offset, l.ordering_key, l.event_name, e.id, l.correlation_id, l.reason,
                   l.parks_key, l.attempts, l.redrives, l.is_depth_reset
            FROM bus_dead_letters l JOIN bus_subscriptions s ON s.id = l.subscription LEFT JOIN bus_events e ON e.offset = l.offset
            WHERE \(condition.sql) ORDER BY l.arrival
            """)
        condition.bind(to: statement)
        let deletion = try connection.statement("DELETE FROM bus_dead_letters WHERE arrival = ?1")
        var letters: [Letter] = []
        var arrivals: [Int64] = []
        while try statement.step() {
            let name = statement.text(2)
            guard isIncluded(name, statement.text(5), DeadLetter.Reason(rawValue: statement.text(8)))
            else { continue }
            arrivals.append(statement.int64(0))
            letters.append(
                Letter(
                    subscription: SubscriptionKey(rawValue: statement.int64(1)),
                    id: DeadLetter.ID(subscription: name, offset: Offset(rawValue: statement.int64(3))),
                    orderingKey: statement.textOrNil(4), eventName: statement.text(5),
                    eventID: statement.withBytes(6) { EventID(ascii: $0) } ?? .unreadable,
                    correlationID: statement.withBytes(7) { EventID(ascii: $0) } ?? .unreadable,
                    reason: statement.text(8), parksKey: statement.int64(9) != 0, attempts: Int(statement.int64(10)),
                    redrives: Int(statement.int64(11)), isDepthReset: statement.int64(12) != 0))
        }
        for arrival in arrivals {
            deletion.bind(1, arrival)
            try deletion.run()
        }
        return letters
    }
}
