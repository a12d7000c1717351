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

/// What the flight recorder says was running when a process ended.
struct FlightNote: Hashable {
    let epoch: Int64
    let subscription: SubscriptionKey
    let offset: Offset
}

extension LogTables {
    /// Begins a new epoch: reads how far everything is, registers the subscriptions, and notes what the last epoch's end cut off.
    func open(_ opening: LogOpening, running notes: (_ epoch: Int64) -> [FlightNote]) throws -> LogOpened {
        let time = opening.time.microseconds
        let last = try loadLog()
        state.epoch = last + 1
        try loadSubscriptions()
        let statement = try connection.statement("UPDATE bus_log SET epoch = ?1 WHERE id = 1")
        statement.bind(1, state.epoch)
        try statement.run()
        for subscription in opening.subscriptions { _ = try register(subscription, at: time) }
        for note in Set(notes(last)) where note.epoch == last { try suspect(note, at: time) }
        try writeSubscriptions()
        let subscriptions = try subscriptions()
        return LogOpened(
            epoch: state.epoch, head: Offset(rawValue: state.head), subscriptions: subscriptions, suspects: try suspects(),
            nextScheduled: try nextScheduled(), lastDecision: try lastDecision(of: subscriptions))
    }

    /// Reads how far everything is, to change something without opening the log for a bus.
    func load() throws {
        state.epoch = try loadLog()
        try loadSubscriptions()
    }

    /// Reads the log's own row. Returns the last epoch.
    private func loadLog() throws -> Int64 {
        let statement = try connection.statement(
            "SELECT epoch, last_offset, (SELECT max(offset) FROM bus_events) FROM bus_log WHERE id = 1")
        defer { statement.reset() }
        guard try statement.step() else { throw LogFailure(.corrupt, "the table bus_log of \(path) has no row") }
        state.head = max(statement.int64(1), statement.int64(2))
        return statement.int64(0)
    }

    private func loadSubscriptions() throws {
        let types = try connection.statement(
            "SELECT event_name, after_offset, through_offset FROM bus_subscription_types WHERE subscription = ?1 ORDER BY 2, 1")
        let statement = try connection.statement("SELECT id, name, cursor, ranges, epoch FROM bus_subscriptions ORDER BY id")
        state.subscriptions = [:]
        while try statement.step() {
            let key = SubscriptionKey(rawValue: statement.int64(0))
            let cursor = Offset(rawValue: statement.int64(2))
            guard let settled = OffsetRanges(cursor: cursor, rangesText: statement.text(3)) else {
                statement.reset()
                throw LogFailure(.corrupt, "the ranges of subscription \(key.rawValue) in \(path) are damaged")
            }
            types.bind(1, key.rawValue)
            var interests: [LogSubscription.Interest] = []
            while try types.step() {
                interests.append(
                    LogSubscription.Interest(
                        eventName: types.text(0), after: Offset(rawValue: types.int64(1)),
                        through: types.int64OrNil(2).map { Offset(rawValue: $0) }))
            }
            state.subscriptions[key] = SubscriptionState(
                key: key, name: statement.text(1), epoch: statement.int64(4), interests: interests, settled: settled)
        }
    }

    // MARK: Suspects

    /// Counts a crash against a delivery that was running when the process ended, unless its end was recorded before.
    private func suspect(_ note: FlightNote, at time: Int64) throws {
        let key = note.subscription
        guard let subscription = state.subscriptions[key] else { return }
        if !subscription.settled.contains(note.offset) {
            let event = try connection.statement("SELECT ordering_key FROM bus_events WHERE offset = ?1")
            event.bind(1, note.offset.rawValue)
            defer { event.reset() }
            // What ran can be an event whose commit did not survive the machine.
            guard try event.step() else { return }
            try upsertRow(of: key, at: note.offset.rawValue, orderingKey: event.textOrNil(0), "waiting", LogCounts())
            state.subscriptions[key]?.settled.cover(LogClaim(from: note.offset, offset: note.offset))
            if subscription.settledAt == nil { state.touched.append(key) }
            state.subscriptions[key]?.settledAt = time
        }
        let statement = try connection.statement(
            "UPDATE bus_deliveries SET crashes = crashes + 1, is_suspect = 1 WHERE subscription = ?1 AND offset = ?2")
        statement.bind(1, key.rawValue)
        statement.bind(2, note.offset.rawValue)
        try statement.run()
    }

    private func suspects() throws -> [LogOpened.Suspect] {
        let statement = try connection.statement(
            """
            SELECT subscription, offset FROM bus_deliveries
            WHERE is_suspect = 1 AND state <> 'no handler' ORDER BY offset, subscription
            """)
        var suspects: [LogOpened.Suspect] = []
        while try statement.step() {
            suspects.append(
                LogOpened.Suspect(
                    subscription: SubscriptionKey(rawValue: statement.int64(0)), offset: Offset(rawValue: statement.int64(1))))
        }
        return suspects
    }

    // MARK: What a bus is told

    private func subscriptions() throws -> [LogSubscription] {
        try state.subscriptions.values.sorted { $0.key.rawValue < $1.key.rawValue }.map { try description(of: $0) }
    }

    /// A subscription as the bus gets to know it.
    func subscription(_ key: SubscriptionKey) throws -> LogSubscription? {
        try state.subscriptions[key].map { try description(of: $0) }
    }

    private func description(of subscription: SubscriptionState) throws -> LogSubscription {
        let key = subscription.key.rawValue
        return LogSubscription(
            key: subscription.key, name: subscription.name, isRegistered: subscription.epoch == state.epoch,
            interests: subscription.interests, settled: subscription.settled, lanes: try lanes(of: key),
            parking: try parking(of: key), deadLetters: try deadLetterCount(of: key), nextRetry: try nextRetry(of: key))
    }

    private func lanes(of key: Int64) throws -> [LogSubscription.Lane] {
        let statement = try connection.statement(
            """
            SELECT ordering_key, count(*), min(offset), max(CASE WHEN state = 'retry' THEN offset END),
                count(CASE WHEN state = 'retry' THEN 1 END) FROM bus_deliveries
            WHERE subscription = ?1 AND state <> 'no handler' GROUP BY ordering_key ORDER BY 3
            """)
        statement.bind(1, key)
        var lanes: [LogSubscription.Lane] = []
        while try statement.step() {
            lanes.append(
                LogSubscription.Lane(
                    orderingKey: statement.textOrNil(0), count: Int(statement.int64(1)),
                    first: Offset(rawValue: statement.int64(2)),
                    retrying: statement.int64OrNil(3).map { Offset(rawValue: $0) }, retries: Int(statement.int64(4))))
        }
        return lanes
    }

    private func parking(of key: Int64) throws -> [LogSubscription.Parking] {
        let statement = try connection.statement(
            "SELECT offset, ordering_key FROM bus_dead_letters WHERE subscription = ?1 AND parks_key = 1 ORDER BY offset")
        statement.bind(1, key)
        var parking: [LogSubscription.Parking] = []
        while try statement.step() {
            parking.append(
                LogSubscription.Parking(offset: Offset(rawValue: statement.int64(0)), orderingKey: statement.textOrNil(1)))
        }
        return parking
    }

    private func deadLetterCount(of key: Int64) throws -> Int {
        let statement = try connection.statement("SELECT count(*) FROM bus_dead_letters WHERE subscription = ?1")
        statement.bind(1, key)
        defer { statement.reset() }
        return try statement.step() ? Int(statement.int64(0)) : 0
    }

    /// When the latest of what waits for a time was decided. Both searches find it at the end of an index.
    private func lastDecision(of subscriptions: [LogSubscription]) throws -> Date? {
        var latest: Int64?
        let retries = try connection.statement(
            "SELECT max(decided_at) FROM bus_deliveries WHERE subscription = ?1 AND state = 'retry'")
        for subscription in subscriptions {
            retries.bind(1, subscription.key.rawValue)
            if try retries.step(), let time = retries.int64OrNil(0) { latest = max(latest ?? time, time) }
            retries.reset()
        }
        let scheduled = try connection.statement("SELECT max(decided_at) FROM bus_scheduled")
        defer { scheduled.reset() }
        if try scheduled.step(), let time = scheduled.int64OrNil(0) { latest = max(latest ?? time, time) }
        return latest.map { Date(microseconds: $0) }
    }

    private func nextRetry(of key: Int64) throws -> ScheduledTime? {
        let statement = try connection.statement(
            """
            SELECT due_at, decided_at FROM bus_deliveries
            WHERE subscription = ?1 AND state = 'retry' ORDER BY due_at LIMIT 1
            """)
        statement.bind(1, key)
        defer { statement.reset() }
        return try statement.step() ? statement.scheduledTime(0) : nil
    }
}
