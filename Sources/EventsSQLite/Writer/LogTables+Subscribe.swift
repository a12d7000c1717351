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
    /// Registers a subscription: a new one begins where it asks to, one that the log knows goes on where it was.
    func register(_ wanted: LogOpening.Subscription, at time: Int64) throws -> SubscriptionKey {
        if let known = state.subscriptions.values.first(where: { $0.name == wanted.name }) {
            if wanted.end == nil {
                try register(known, eventNames: wanted.eventNames)
            } else {
                try setEpoch(state.epoch, of: known.key)
            }
            try setOrder(wanted.order, of: known.key)
            return known.key
        }
        let cursor =
            switch wanted.start {
            case .now: state.head
            case .beginning: Int64(0)
            // What is not there yet was not meant to be passed over.
            case .after(let offset): min(max(0, offset.rawValue), state.head)
            }
        let statement = try connection.statement(
            """
            INSERT INTO bus_subscriptions (name, cursor, ranges, epoch, created_at, delivery_order, order_after)
            VALUES (?1, ?2, '', ?3, ?4, ?5, ?2) RETURNING id
            """)
        statement.bind(5, wanted.order.stored)
        statement.bind(1, wanted.name)
        statement.bind(2, cursor)
        statement.bind(3, state.epoch)
        statement.bind(4, time)
        var id: Int64 = 0
        while try statement.step() { id = statement.int64(0) }
        let key = SubscriptionKey(rawValue: id)
        var subscription = SubscriptionState(
            key: key, name: wanted.name, epoch: state.epoch, interests: [],
            settled: OffsetRanges(cursor: Offset(rawValue: cursor)))
        for name in Self.distinct(wanted.eventNames) { try open(name, after: cursor, through: wanted.end, of: &subscription) }
        state.subscriptions[key] = subscription
        return key
    }

    /// Registers a subscription that the log knows. A type that is new to it begins now; one that it no longer has ends now, and what
    /// is unfinished of it stays.
    private func register(_ known: SubscriptionState, eventNames: [String]) throws {
        var subscription = known
        let names = Self.distinct(eventNames)
        for (index, interest) in known.interests.enumerated()
        where interest.through == nil && !names.contains(interest.eventName) {
            let statement = try connection.statement(
                """
                UPDATE bus_subscription_types SET through_offset = ?4
                WHERE subscription = ?1 AND event_name = ?2 AND after_offset = ?3
                """)
            statement.bind(1, known.key.rawValue)
            statement.bind(2, interest.eventName)
            statement.bind(3, interest.after.rawValue)
            statement.bind(4, state.head)
            try statement.run()
            subscription.interests[index] = LogSubscription.Interest(
                eventName: interest.eventName, after: interest.after, through: Offset(rawValue: state.head))
        }
        for name in names where !known.interests.contains(where: { $0.eventName == name && $0.through == nil }) {
            try open(name, after: state.head, of: &subscription)
            // What nobody handled has somebody again.
            let statement = try connection.statement(
                """
                UPDATE bus_deliveries SET state = 'waiting' WHERE subscription = ?1 AND state = 'no handler'
                AND EXISTS (SELECT 1 FROM bus_events e WHERE e.offset = bus_deliveries.offset AND e.name = ?2)
                """)
            statement.bind(1, known.key.rawValue)
            statement.bind(2, name)
            try statement.run()
        }
        state.subscriptions[known.key] = subscription
        try setEpoch(state.epoch, of: known.key)
    }

    /// Notes when a subscription was registered last.
    private func setEpoch(_ epoch: Int64, of key: SubscriptionKey) throws {
        let statement = try connection.statement("UPDATE bus_subscriptions SET epoch = ?2 WHERE id = ?1")
        statement.bind(1, key.rawValue)
        statement.bind(2, epoch)
        try statement.run()
        state.subscriptions[key]?.epoch = epoch
    }

    /// Notes the order of a subscription's deliveries, and since when it is this one.
    private func setOrder(_ order: DeliveryOrder, of key: SubscriptionKey) throws {
        let statement = try connection.statement(
            """
            UPDATE bus_subscriptions SET delivery_order = ?2, order_after = ?3 WHERE id = ?1 AND delivery_order IS NOT ?2
            """)
        statement.bind(1, key.rawValue)
        statement.bind(2, order.stored)
        statement.bind(3, state.head)
        try statement.run()
    }

    /// A subscription is not served any more: from here on it is like one of an earlier epoch.
    func leave(_ key: SubscriptionKey) throws {
        guard state.subscriptions[key] != nil else { return }
        try setEpoch(0, of: key)
    }

    /// Adds a type to a subscription. One that ended where it begins again has not ended.
    private func open(
        _ name: String, after offset: Int64, through end: Offset? = nil, of subscription: inout SubscriptionState
    ) throws {
        let statement = try connection.statement(
            """
            INSERT INTO bus_subscription_types (subscription, event_name, after_offset, through_offset) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET through_offset = ?4
            """)
        statement.bind(4, end?.rawValue)
        statement.bind(1, subscription.key.rawValue)
        statement.bind(2, name)
        statement.bind(3, offset)
        try statement.run()
        subscription.interests.removeAll { $0.eventName == name && $0.after.rawValue == offset }
        subscription.interests.append(LogSubscription.Interest(eventName: name, after: Offset(rawValue: offset), through: end))
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// Forgets a subscription with everything of its own.
    func unsubscribe(_ name: String, at time: Date) throws -> RemovedSubscription? {
        guard let subscription = state.subscriptions.values.first(where: { $0.name == name }) else { return nil }
        let key = subscription.key.rawValue
        let rows = try count("SELECT count(*) FROM bus_deliveries WHERE subscription = ?1", key)
        let letters = try count("SELECT count(*) FROM bus_dead_letters WHERE subscription = ?1", key)
        let removed = RemovedSubscription(
            name: name, unfinished: rows + (try unsettledCount(of: subscription)), deadLetters: letters)
        for statement in try [
            connection.statement("DELETE FROM bus_deliveries WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_attempts WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_dead_letters WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_discards WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_settlements WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_redrives WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_edits WHERE subscription = ?1"),
            connection.statement(
                "UPDATE bus_plan_items SET state = 'gone' WHERE subscription = ?1 AND state IN ('pending', 'sent')"),
            connection.statement("DELETE FROM bus_subscription_types WHERE subscription = ?1"),
            connection.statement("DELETE FROM bus_subscriptions WHERE id = ?1"),
        ] {
            statement.bind(1, key)
            try statement.run()
        }
        _ = try insertAudit(.service, action: "remove", subject: name, affected: removed.unfinished + letters, time: time)
        state.subscriptions[subscription.key] = nil
        state.touched.removeAll { $0 == subscription.key }
        return removed
    }

    private func count(_ sql: StaticString, _ key: Int64) throws -> Int {
        let statement = try connection.statement(sql)
        defer { statement.reset() }
        statement.bind(1, key)
        return try statement.step() ? Int(statement.int64(0)) : 0
    }

    /// How many events a subscription takes and has not settled.
    private func unsettledCount(of subscription: SubscriptionState) throws -> Int {
        let statement = try connection.statement("SELECT offset, name FROM bus_events WHERE offset BETWEEN ?1 AND ?2")
        var stretches = subscription.settled.gaps
        let end = subscription.settled.end.rawValue
        if end < state.head { stretches.append(end + 1...state.head) }
        var count = 0
        for stretch in stretches {
            statement.bind(1, stretch.lowerBound)
            statement.bind(2, stretch.upperBound)
            while try statement.step() {
                if subscription.takes(statement.text(1), at: statement.int64(0)) { count += 1 }
            }
        }
        return count
    }
}

extension DeliveryOrder {
    /// The order as the log keeps it.
    package var stored: String {
        switch self {
        case .perKey: "per key"
        case .serial: "serial"
        case .unordered: "unordered"
        }
    }

    /// The order from what the log keeps; `nil` when that says nothing.
    package init?(stored: String?) {
        switch stored {
        case "per key": self = .perKey
        case "serial": self = .serial
        case "unordered": self = .unordered
        default: return nil
        }
    }
}
