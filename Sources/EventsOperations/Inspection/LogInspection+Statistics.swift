//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsSQLite

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LogInspection {
    /// How many events are gone through for a backlog.
    private static let backlogReach = 200_000
    /// How many completions latencies are taken of.
    private static let latencySamples = 1_000

    /// How the log and its subscriptions do.
    ///
    /// - Parameter name: Only this subscription; `nil` is all.
    package func statistics(_ live: LiveFacts, of name: String? = nil) throws -> LogStatistics {
        let database = try? FileStatus(at: path)
        let writeAhead = try? FileStatus(at: path + "-wal")
        return try read { session in
            let rows = try SubscriptionRow.all(session).filter { name == nil || $0.name == name }
            return LogStatistics(
                epoch: try session.integer("SELECT epoch FROM bus_log") ?? 0, lastOffset: try session.head(),
                scheduled: Int(try session.integer("SELECT count(*) FROM bus_scheduled") ?? 0),
                databaseBytes: database?.size ?? 0, writeAheadBytes: writeAhead?.size ?? 0,
                deadLetters: Int(try session.integer("SELECT count(*) FROM bus_dead_letters") ?? 0),
                plans: Int(try session.integer("SELECT count(*) FROM bus_plans WHERE state = 'applying'") ?? 0),
                subscriptions: try rows.map { try statistics(of: $0, session, live) })
        }
    }

    private func statistics(
        of subscription: SubscriptionRow, _ session: ReadSession, _ live: LiveFacts
    ) throws -> SubscriptionStatistics {
        let key = subscription.id
        func count(_ condition: String) throws -> Int {
            Int(try session.integer("SELECT count(*) FROM bus_deliveries WHERE subscription = ?1 AND \(condition)", key) ?? 0)
        }
        let backlog = try backlog(of: subscription, session)
        let completions = try completions(of: key, session, now: live.now)
        let own = live.status?.subscriptions.first { $0.name == subscription.name }
        return SubscriptionStatistics(
            subscription: subscription.name, isRegistered: subscription.isRegistered, backlog: backlog.count,
            backlogIsAtLeast: backlog.isMore,
            lagSeconds: backlog.oldest.map { max(0, live.now.timeIntervalSince(Date(microseconds: $0))) },
            waiting: try count("state = 'waiting'"), parked: try parked(by: subscription, session),
            retrying: try count("state = 'retry'"),
            nextRetry: try session.integer(
                "SELECT min(due_at) FROM bus_deliveries WHERE subscription = ?1 AND state = 'retry'", key
            )
            .map { Date(microseconds: $0) },
            unhandled: try count("state = 'no handler'"),
            deadLetters: Int(try session.integer("SELECT count(*) FROM bus_dead_letters WHERE subscription = ?1", key) ?? 0),
            oldestDeadLetter: try session.integer("SELECT min(died_at) FROM bus_dead_letters WHERE subscription = ?1", key)
                .map { Date(microseconds: $0) },
            completedLastMinute: completions.lastMinute, completedLastFiveMinutes: completions.lastFive,
            latency: completions.latency, workers: own?.workers, workerLimit: own?.workerLimit)
    }

    /// How many deliveries wait behind a dead letter.
    private func parked(by subscription: SubscriptionRow, _ session: ReadSession) throws -> Int {
        let sameLane: String
        switch subscription.order ?? .perKey {
        case .unordered: return 0
        case .serial: sameLane = ""
        case .perKey: sameLane = "AND l.ordering_key IS d.ordering_key"
        }
        return Int(
            try session.integer(
                """
                SELECT count(*) FROM bus_deliveries AS d WHERE d.subscription = ?1 AND d.state = 'waiting'
                    AND EXISTS (SELECT 1 FROM bus_dead_letters AS l INDEXED BY bus_dead_letters_that_park
                        WHERE l.parks_key = 1 AND l.subscription = d.subscription AND l.offset < d.offset \(sameLane))
                """, subscription.id) ?? 0)
    }

    private func backlog(
        of subscription: SubscriptionRow, _ session: ReadSession
    ) throws -> (count: Int, isMore: Bool, oldest: Int64?) {
        let statement = try session.keep("SELECT offset, name, published_at FROM bus_events WHERE offset > ?1 ORDER BY offset")
        statement.bind(1, subscription.settled.cursor.rawValue)
        defer { statement.reset() }
        // Of many subscriptions and types, two numbers are told apart faster than names.
        var (count, looked) = (0, 0)
        var oldest: Int64?
        while try statement.step() {
            looked += 1
            if looked > Self.backlogReach { return (count, true, oldest) }
            let offset = statement.int64(0)
            guard !subscription.settled.contains(Offset(rawValue: offset)), subscription.takes(statement.text(1), at: offset)
            else {
                continue
            }
            count += 1
            if oldest == nil { oldest = statement.int64(2) }
        }
        return (count, false, oldest)
    }

    private func completions(
        of key: Int64, _ session: ReadSession, now: Date
    ) throws -> (lastMinute: Int, lastFive: Int, latency: LatencyStatistics?) {
        let statement = try session.keep(
            "SELECT first_offset, settled_at, offsets FROM bus_settlements WHERE subscription = ?1 ORDER BY first_offset DESC LIMIT 20000"
        )
        statement.bind(1, key)
        defer { statement.reset() }
        let published = try session.keep("SELECT published_at FROM bus_events WHERE offset = ?1")
        let (minute, five) = (now.microseconds - 60_000_000, now.microseconds - 300_000_000)
        var (lastMinute, lastFive) = (0, 0)
        var latencies: [Double] = []
        while try statement.step() {
            let (first, time) = (statement.int64(0), statement.int64(1))
            if time < five, latencies.count >= Self.latencySamples { break }
            for range in OffsetText.ranges(statement.text(2)) {
                // The log may say anything; what it counts here is not added up past what a number holds.
                let count = Int(clamping: range.upperBound - range.lowerBound)
                if time >= minute { lastMinute = min(lastMinute, .max / 4) + min(count, .max / 4) + 1 }
                if time >= five { lastFive = min(lastFive, .max / 4) + min(count, .max / 4) + 1 }
                for distance in range {
                    guard latencies.count < Self.latencySamples else { break }
                    published.bind(1, first &+ distance)
                    defer { published.reset() }
                    guard try published.step() else { break }
                    latencies.append(max(0, Double(time) - Double(published.int64(0))) / 1_000_000)
                }
            }
        }
        return (lastMinute, lastFive, LatencyStatistics(latencies))
    }

    /// The subscriptions as they are stored, by name.
    package func subscriptions() throws -> [SubscriptionSummary] {
        try read { session in
            try SubscriptionRow.all(session).map { row in
                let current = Set(row.interests.filter { $0.through == nil }.map(\.name))
                return SubscriptionSummary(
                    subscription: row.name, state: row.isReplay ? "replay" : row.isRegistered ? "registered" : "absent",
                    order: row.order?.stored, events: current.sorted(),
                    formerEvents: Set(row.interests.map(\.name)).subtracting(current).sorted(),
                    cursor: row.settled.cursor.rawValue, epoch: row.epoch, createdAt: Date(microseconds: row.createdAt))
            }
        }
    }
}

extension LatencyStatistics {
    init?(_ samples: [Double]) {
        guard !samples.isEmpty else { return nil }
        let sorted = samples.sorted()
        func percentile(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, max(0, Int((Double(sorted.count) * share).rounded(.up)) - 1))]
        }
        self.init(p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99), count: sorted.count)
    }
}
