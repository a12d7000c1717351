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

/// Checks the deliveries of one subscription: that each came to one thing, and those of a key in order.
struct DeliveryCheck {
    private enum Mark: UInt8 {
        case completed = 1
        case waiting = 2
        case dead = 4
        case discarded = 8
    }

    private let verifier: Verifier
    private let session: ReadSession
    private let subscription: SubscriptionRow
    /// What is known of each delivery, by its offset.
    private var marks: [UInt8]
    /// When it completed.
    private var times: [Int64]

    init(_ verifier: Verifier, _ session: ReadSession, _ subscription: SubscriptionRow) {
        self.verifier = verifier
        self.session = session
        self.subscription = subscription
        marks = Array(repeating: 0, count: verifier.names.count)
        times = Array(repeating: 0, count: verifier.names.count)
    }

    func run() throws {
        var check = self
        try check.checkCursor()
        try check.markCompleted()
        try check.mark(.waiting, "bus_deliveries")
        try check.mark(.dead, "bus_dead_letters")
        try check.mark(.discarded, "bus_discards")
        try check.checkEach()
        try check.checkOrder()
    }

    private func id(_ offset: Int64) -> String { "\(subscription.name)/\(offset)" }

    private func index(_ offset: Int64) -> Int? {
        guard offset >= verifier.first else { return nil }
        let index = Int(clamping: offset - verifier.first)
        return index < marks.count ? index : nil
    }

    private func checkCursor() throws {
        let ranges = try session.first(
            "SELECT ranges, cursor, max((SELECT coalesce(max(offset), 0) FROM bus_events), (SELECT last_offset FROM bus_log)) FROM bus_subscriptions WHERE id = ?1",
            { $0.bind(1, subscription.id) }
        ) { ($0.text(0), $0.int64(1), $0.int64(2)) }
        guard let (text, cursor, head) = ranges else { return }
        guard let settled = OffsetRanges(cursor: Offset(rawValue: cursor), rangesText: text), cursor >= 0 else {
            return verifier.find(.cursor, "bus_subscriptions", subscription.name, "its cursor and ranges cannot be read")
        }
        if settled.end.rawValue > head {
            verifier.find(
                .cursor, "bus_subscriptions", subscription.name,
                "it has settled offset \(settled.end), and the log ends at \(head)")
        }
    }

    private mutating func markCompleted() throws {
        let statement = try session.keep("SELECT first_offset, settled_at, offsets FROM bus_settlements WHERE subscription = ?1")
        statement.bind(1, subscription.id)
        defer { statement.reset() }
        while try statement.step() {
            verifier.countRows(1)
            let first = statement.int64(0)
            for range in OffsetText.ranges(statement.text(2)) {
                // Whatever a damaged text says, it is not gone further than the log.
                let low = max(first &+ range.lowerBound, verifier.first)
                let high = min(first &+ range.upperBound, verifier.first - 1 + Int64(marks.count))
                guard low <= high else { continue }
                for offset in low...high {
                    guard let index = index(offset) else { continue }
                    if marks[index] & Mark.completed.rawValue != 0 {
                        verifier.find(.state, "bus_settlements", id(offset), "it completed twice")
                    }
                    marks[index] |= Mark.completed.rawValue
                    times[index] = statement.int64(1)
                }
            }
        }
    }

    private mutating func mark(_ mark: Mark, _ table: String) throws {
        let statement = try session.keep("SELECT offset FROM \(table) WHERE subscription = ?1")
        statement.bind(1, subscription.id)
        defer { statement.reset() }
        while try statement.step() {
            verifier.countRows(1)
            let offset = statement.int64(0)
            guard let index = index(offset), verifier.names[index] != 0 else {
                // What became of an event goes with it.
                verifier.find(.orphan, table, id(offset), "the log does not have its event")
                continue
            }
            marks[index] |= mark.rawValue
        }
    }

    private func checkEach() throws {
        let takes = interestsByNumber()
        for (index, mark) in marks.enumerated() where verifier.names[index] != 0 {
            let offset = verifier.first + Int64(index)
            let isSettled = subscription.settled.contains(Offset(rawValue: offset))
            if mark != 0 {
                verifier.countDelivery()
                if mark & (mark - 1) != 0 {
                    verifier.find(.state, "", id(offset), "it is \(Self.words(mark)) at once")
                }
                if !isSettled {
                    verifier.find(.state, "bus_subscriptions", id(offset), "it is \(Self.words(mark)), and not settled")
                }
            } else if isSettled, verifier.names[index] != Verifier.damaged,
                takes[verifier.names[index]]?.contains(where: { $0.contains(offset) }) == true
            {
                verifier.find(.unaccounted, "bus_subscriptions", id(offset), "it is settled, and nothing says what became of it")
            }
        }
    }

    private static func words(_ mark: UInt8) -> String {
        var words: [String] = []
        if mark & Mark.completed.rawValue != 0 { words.append("completed") }
        if mark & Mark.waiting.rawValue != 0 { words.append("waiting") }
        if mark & Mark.dead.rawValue != 0 { words.append("dead") }
        if mark & Mark.discarded.rawValue != 0 { words.append("discarded") }
        return words.joined(separator: " and ")
    }

    /// From which offset to which it takes events, by the number of their name.
    private func interestsByNumber() -> [UInt32: [ClosedRange<Int64>]] {
        var interests: [UInt32: [ClosedRange<Int64>]] = [:]
        for interest in subscription.interests {
            guard let number = verifier.nameNumbers[interest.name], interest.after < .max else { continue }
            let low = interest.after + 1
            if low <= interest.through ?? .max { interests[number, default: []].append(low...(interest.through ?? .max)) }
        }
        return interests
    }

    /// Deliveries of a key complete in the order of their offsets, each after the one before was settled. What was redriven may come
    /// late, and so may have been overtaken.
    private func checkOrder() throws {
        guard let order = subscription.order, order != .unordered else { return }
        var redriven: Set<Int64> = []
        for offset in try session.rows(
            "SELECT offset FROM bus_redrives WHERE subscription = ?1", { $0.bind(1, subscription.id) }, { $0.int64(0) })
        { redriven.insert(offset) }
        var latest: [UInt64: (time: Int64, offset: Int64)] = [:]
        for (index, mark) in marks.enumerated() where mark == Mark.completed.rawValue {
            let offset = verifier.first + Int64(index)
            guard offset > subscription.orderAfter, !redriven.contains(offset) else { continue }
            let lane = order == .serial ? 1 : verifier.keys[index]
            guard lane != 0 else { continue }
            if let before = latest[lane], times[index] < before.time {
                verifier.find(
                    .order, "bus_settlements", id(offset),
                    "it completed before \(id(before.offset)), which comes first of its key")
            } else {
                latest[lane] = (times[index], offset)
            }
        }
    }
}
