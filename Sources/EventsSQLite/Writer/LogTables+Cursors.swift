//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

extension LogTables {
    /// The longest text of a subscription's ranges, in bytes. It is written with each commit that settles something.
    static let longestRanges = 8 << 10

    /// Writes how far the subscriptions are that this commit settled something for, and the history of it. The last thing in a commit.
    func writeSubscriptions() throws {
        for key in state.touched {
            guard var subscription = state.subscriptions[key] else { continue }
            var ranges = subscription.settled.rangesText
            if ranges.utf8.count > Self.longestRanges {
                ranges = try shortenRanges(of: &subscription)
            }
            updateSubscription.bind(1, key.rawValue)
            updateSubscription.bind(2, subscription.settled.cursor.rawValue)
            updateSubscription.bind(3, ranges)
            try updateSubscription.run()
            try insertSettlement(of: subscription)
            subscription.completed = []
            subscription.settledAt = nil
            state.subscriptions[key] = subscription
        }
        state.touched = []
    }

    private func insertSettlement(of subscription: SubscriptionState) throws {
        guard let time = subscription.settledAt, !subscription.completed.isEmpty else { return }
        let offsets = OffsetList(subscription.completed)
        insertSettlement.bind(1, subscription.key.rawValue)
        insertSettlement.bind(2, offsets.first)
        insertSettlement.bind(3, offsets.last)
        insertSettlement.bind(4, time)
        insertSettlement.bind(5, offsets.text)
        try insertSettlement.run()
    }

    /// Gives rows to the deliveries that keep the cursor back, lowest first, until the ranges are well within their limit. Returns
    /// the ranges' text.
    private func shortenRanges(of subscription: inout SubscriptionState) throws -> String {
        var text = ""
        // A part at a time, since the text gets shorter with each gap and the cursor's leap.
        repeat {
            for gap in subscription.settled.gaps.prefix(64) {
                try giveRows(to: subscription, in: gap)
                subscription.settled.cover(
                    LogClaim(from: Offset(rawValue: gap.lowerBound), offset: Offset(rawValue: gap.upperBound)))
            }
            text = subscription.settled.rangesText
        } while text.utf8.count > Self.longestRanges / 4 * 3
        return text
    }

    /// Gives a row to each delivery of a subscription among these offsets, also to an event that cannot be relied on.
    private func giveRows(to subscription: SubscriptionState, in offsets: ClosedRange<Int64>) throws {
        let statement = try connection.statement(
            """
            SELECT e.offset, e.id, e.name, e.version, e.ordering_key, e.published_at, e.correlation_id, e.causation_id, e.depth,
                   e.emitted_by, e.headers, e.idempotency_key, e.checksum, e.payload
            FROM bus_events e WHERE e.offset BETWEEN ?1 AND ?2
            """)
        statement.bind(1, offsets.lowerBound)
        statement.bind(2, offsets.upperBound)
        while try statement.step() {
            let row = EventRow(statement)
            let offset = row.offset
            guard subscription.takes(statement.text(2), at: offset) || !row.isIntact else { continue }
            try upsertRow(of: subscription.key, at: offset, orderingKey: statement.textOrNil(4), "waiting", LogCounts())
        }
    }
}

/// Offsets as the history keeps them: distances from the first, such as `0-5 9`.
struct OffsetList {
    let first: Int64
    let last: Int64
    let text: String

    /// - Parameter offsets: At least one, in any order, each once.
    init(_ offsets: [Int64]) {
        let sorted = offsets.sorted()
        let first = sorted.first ?? 0
        var text = ""
        var index = 0
        while index < sorted.count {
            let start = sorted[index]
            while index + 1 < sorted.count, sorted[index + 1] <= sorted[index] + 1 { index += 1 }
            if !text.isEmpty { text += " " }
            text += String(start - first)
            if sorted[index] > start { text += "-" + String(sorted[index] - first) }
            index += 1
        }
        self.first = first
        self.last = sorted.last ?? 0
        self.text = text
    }
}
