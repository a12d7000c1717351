//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// Counts what became of events, one event after the other.
struct OutcomeCount {
    private enum SQL {
        static let subscriptions = """
            SELECT id, name, cursor, ranges, epoch = (SELECT epoch FROM bus_log), delivery_order FROM bus_subscriptions
            """
        static let interests = "SELECT subscription, event_name, after_offset, through_offset FROM bus_subscription_types"
        static let state = "SELECT state, ordering_key FROM bus_deliveries WHERE subscription = ?1 AND offset = ?2"
        static let letter = "SELECT 1 FROM bus_dead_letters WHERE subscription = ?1 AND offset = ?2"
        static let discard = "SELECT 1 FROM bus_discards WHERE subscription = ?1 AND offset = ?2 LIMIT 1"
        // `IS`, so that no key is like no key: only a subscription that takes all keys in one order parks without one.
        static let parkingKey = """
            SELECT 1 FROM bus_dead_letters INDEXED BY bus_dead_letters_that_park
            WHERE parks_key = 1 AND subscription = ?1 AND ordering_key IS ?3 AND offset < ?2 LIMIT 1
            """
        static let parkingAll = """
            SELECT 1 FROM bus_dead_letters INDEXED BY bus_dead_letters_that_park
            WHERE parks_key = 1 AND subscription = ?1 AND offset < ?2 LIMIT 1
            """
    }

    private struct Subscription {
        let name: String
        let isRegistered: Bool
        /// As it was registered last.
        let order: DeliveryOrder
        let settled: OffsetRanges
        var interests: [Interest] = []
    }

    private struct Interest {
        let name: [UInt8]
        let after: Int64
        let through: Int64
    }

    private let session: ReadSession
    private let orders: [SubscriptionKey: DeliveryOrder]
    private var subscriptions: [Int64: Subscription] = [:]
    private(set) var result = StoredOutcome(outcome: Outcome(), pending: 0)

    /// - Parameter orders: The order of the subscriptions whose order is not by key.
    init(_ session: ReadSession, orders: [SubscriptionKey: DeliveryOrder]) throws(SQLiteError) {
        self.session = session
        self.orders = orders
        try readSubscriptions()
        try readInterests()
    }

    private mutating func readSubscriptions() throws(SQLiteError) {
        let statement = try session.keep(SQL.subscriptions)
        defer { statement.reset() }
        while try statement.step() {
            let cursor = Offset(rawValue: statement.int64(2))
            subscriptions[statement.int64(0)] = Subscription(
                name: statement.text(1), isRegistered: statement.int64(4) != 0,
                order: DeliveryOrder(stored: statement.textOrNil(5)) ?? .perKey,
                // Ranges that cannot be read say nothing, and what is not known to be settled is pending.
                settled: OffsetRanges(cursor: cursor, rangesText: statement.text(3)) ?? OffsetRanges(cursor: cursor))
        }
    }

    private mutating func readInterests() throws(SQLiteError) {
        let statement = try session.keep(SQL.interests)
        defer { statement.reset() }
        while try statement.step() {
            let interest = Interest(
                name: statement.withBytes(1) { Array($0) }, after: statement.int64(2), through: statement.int64OrNil(3) ?? .max)
            subscriptions[statement.int64(0)]?.interests.append(interest)
        }
    }

    /// Counts events that were caused and are scheduled for later.
    mutating func countScheduled(_ count: Int) {
        result.outcome.scheduled += count
    }

    /// Counts the deliveries of an event.
    mutating func count(_ row: EventRow) throws(SQLiteError) {
        let offset = row.offset
        let isIntact = row.isIntact
        for (key, subscription) in subscriptions {
            let isConcerned = subscription.interests.contains {
                // A damaged event may be of any name.
                $0.after < offset && offset <= $0.through && (!isIntact || row.name(is: $0.name))
            }
            if isConcerned { try count(row, offset, of: subscription, key) }
        }
    }

    private mutating func count(
        _ row: EventRow, _ offset: Int64, of subscription: Subscription, _ key: Int64
    ) throws(SQLiteError) {
        let delivery = try delivery(key, offset)
        if delivery == nil, subscription.settled.contains(Offset(rawValue: offset)) {
            if try exists(SQL.letter, key, offset) {
                result.outcome.dead += 1
            } else if try exists(SQL.discard, key, offset) {
                result.outcome.discarded += 1
            } else {
                result.outcome.completed += 1
            }
        } else if delivery?.state == "no handler" {
            result.outcome.absent[subscription.name, default: 0] += 1
        } else if delivery?.state != "retry", try isParked(key, offset, delivery.map { $0.orderingKey } ?? row.orderingKey) {
            result.outcome.parked += 1
        } else if subscription.isRegistered {
            result.pending += 1
        } else {
            result.outcome.absent[subscription.name, default: 0] += 1
        }
    }

    private func delivery(_ subscription: Int64, _ offset: Int64) throws(SQLiteError) -> (state: String, orderingKey: String?)? {
        let statement = try session.keep(SQL.state)
        statement.bind(1, subscription)
        statement.bind(2, offset)
        defer { statement.reset() }
        return try statement.step() ? (statement.text(0), statement.textOrNil(1)) : nil
    }

    private func isParked(_ subscription: Int64, _ offset: Int64, _ orderingKey: String?) throws(SQLiteError) -> Bool {
        switch orders[SubscriptionKey(rawValue: subscription)] ?? subscriptions[subscription]?.order ?? .perKey {
        case .perKey: try exists(SQL.parkingKey, subscription, offset) { $0.bind(3, orderingKey) }
        case .serial: try exists(SQL.parkingAll, subscription, offset)
        case .unordered: false
        }
    }

    private func exists(
        _ sql: String, _ subscription: Int64, _ offset: Int64, bind: (Statement) -> Void = { _ in }
    ) throws(SQLiteError) -> Bool {
        let statement = try session.keep(sql)
        statement.bind(1, subscription)
        statement.bind(2, offset)
        bind(statement)
        defer { statement.reset() }
        return try statement.step()
    }
}
