//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite
import Events

@testable import EventsSQLite

/// What a log's file holds, as SQL finds it, and whether it agrees with itself.
struct LogImage {
    /// An event for a subscription.
    struct Delivery: Hashable, Comparable, CustomStringConvertible {
        let subscription: String
        let offset: Int64

        var description: String { "\(subscription)@\(offset)" }

        static func < (a: Delivery, b: Delivery) -> Bool {
            (a.subscription, a.offset) < (b.subscription, b.offset)
        }
    }

    struct StoredEvent: Hashable {
        let offset: Int64
        let id: String
        let name: String
        let number: Int
    }

    private(set) var events: [StoredEvent] = []
    /// The identities of scheduled events that are not published yet.
    private(set) var scheduled: Set<String> = []
    /// In order of commit.
    private(set) var effects: [Delivery] = []
    /// What the log says is finished, and neither dead nor discarded.
    private(set) var completed: Set<Delivery> = []
    private(set) var deadLetters: Set<Delivery> = []
    /// Deliveries with an attempt that failed.
    private(set) var attempted: Set<Delivery> = []
    private(set) var damage: String?

    private static let taken = ["steady": [Step.name, Consequence.name], "fragile": [Step.name]]

    /// Opens a file as the next owner would. A file without a log is an empty one.
    init(_ path: String) {
        do {
            try read(path)
        } catch {
            damage = "\(error)"
        }
    }

    private mutating func read(_ path: String) throws {
        let connection = try Connection(path: path, mode: .readWrite)
        try connection.execute("PRAGMA synchronous = OFF")
        // Copying the write-ahead log back would be work for nothing.
        try connection.setOption(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        let check = try connection.text("PRAGMA integrity_check") ?? "nothing"
        guard check == "ok" else {
            damage = check
            return
        }
        guard try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'bus_log'") == 1 else { return }
        var statement = try connection.prepare(
            "SELECT offset, id, name, json_extract(payload, '$.number') FROM bus_events ORDER BY offset")
        while try statement.step() {
            events.append(
                StoredEvent(
                    offset: statement.int64(0), id: statement.text(1), name: statement.text(2), number: Int(statement.int64(3))))
        }
        statement = try connection.prepare("SELECT id FROM bus_scheduled")
        while try statement.step() { scheduled.insert(statement.text(0)) }
        // The table of the application comes with a commit of its own.
        if try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'effects'") == 1 {
            statement = try connection.prepare("SELECT subscription, offset FROM effects ORDER BY id")
            while try statement.step() {
                effects.append(Delivery(subscription: statement.text(0), offset: statement.int64(1)))
            }
        }
        deadLetters = try deliveries("bus_dead_letters", connection)
        attempted = try deliveries("bus_attempts", connection)
        let unfinished = try deliveries("bus_deliveries", connection).union(deadLetters)
        statement = try connection.prepare("SELECT name, cursor, ranges FROM bus_subscriptions")
        while try statement.step() {
            let name = statement.text(0)
            guard
                let settled = OffsetRanges(cursor: Offset(rawValue: statement.int64(1)), rangesText: statement.text(2))
            else {
                damage = "the ranges of \(name) cannot be read"
                return
            }
            for event in events where Self.taken[name]?.contains(event.name) == true {
                let delivery = Delivery(subscription: name, offset: event.offset)
                if settled.contains(Offset(rawValue: event.offset)), !unfinished.contains(delivery) { completed.insert(delivery) }
            }
        }
    }

    private func deliveries(_ table: String, _ connection: Connection) throws -> Set<Delivery> {
        let statement = try connection.prepare(
            "SELECT s.name, d.offset FROM \(table) d JOIN bus_subscriptions s ON s.id = d.subscription")
        var found: Set<Delivery> = []
        while try statement.step() { found.insert(Delivery(subscription: statement.text(0), offset: statement.int64(1))) }
        return found
    }

    /// What cannot be, whatever was lost: a damaged file, a gap, an effect twice, an effect without its settlement or the other way
    /// round.
    var disagreements: [String] {
        if let damage { return ["damaged: \(damage)"] }
        var problems: [String] = []
        if events.map(\.offset) != (0..<events.count).map({ Int64($0) + 1 }) { problems.append("a gap in the offsets") }
        let numbers = events.filter { $0.name == Step.name }.map(\.number)
        if Set(numbers).count != numbers.count { problems.append("an event twice") }
        let found = Set(effects)
        if found.count != effects.count { problems.append("an effect twice") }
        let bare = completed.subtracting(found).sorted()
        if !bare.isEmpty { problems.append("completed without its effect: \(bare.prefix(3))") }
        let early = found.subtracting(completed).sorted()
        if !early.isEmpty { problems.append("an effect without its completion: \(early.prefix(3))") }
        return problems + outOfOrder
    }

    /// Effects of one key that are not in offset order. Redriven letters come late; they are the fragile one's.
    private var outOfOrder: [String] {
        let keys = Dictionary(events.map { ($0.offset, $0.number % 3) }, uniquingKeysWith: { first, _ in first })
        var last: [Int: Int64] = [:]
        for effect in effects where effect.subscription == "steady" {
            guard let key = keys[effect.offset] else { return ["an effect of no event: \(effect)"] }
            if effect.offset < last[key] ?? 0 { return ["out of order: \(effect)"] }
            last[key] = effect.offset
        }
        return []
    }

    /// Which deliveries there are to be in the end.
    var all: Set<Delivery> {
        Set(
            Self.taken.flatMap { name, types in
                events.filter { types.contains($0.name) }.map { Delivery(subscription: name, offset: $0.offset) }
            })
    }
}
