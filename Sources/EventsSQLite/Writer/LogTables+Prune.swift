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
    /// How many rows a step of pruning looks at for each that it may remove, so that it stays short where most have to stay.
    private static let looksPerRemoval = 8
    /// After so many events in a row that are too new, the rest are taken to be as well. One alone may come of a clock that was wrong.
    private static let tooNewInARow = 128

    /// Removes events that are finished for every subscription, and their history: the lowest first, and at most `limit`.
    ///
    /// - Returns: How many were removed, and whether there is no more to remove for now.
    func prune(_ pruning: LogPruning) throws -> (removed: Int, isDone: Bool) {
        let limit = max(1, pruning.limit)
        let bound = state.head - Int64(clamping: max(0, pruning.keeping ?? 0))
        let first = state.pruneFrom + 1
        guard first <= bound else {
            state.pruneFrom = 0
            return (0, true)
        }
        let step = try select(from: first, through: bound, before: pruning.before?.microseconds, limit: limit)
        for run in step.runs { try remove(run) }
        if !step.runs.isEmpty { try forgetHistory() }
        state.pruneFrom = step.isDone ? 0 : step.last
        return (step.removed, step.isDone)
    }

    private struct Step {
        /// The offsets to remove, with nothing between that stays.
        var runs: [ClosedRange<Int64>] = []
        var removed = 0
        /// The last offset that was looked at.
        var last: Int64 = 0
        var isDone = true
    }

    /// Looks for events that may go.
    private func select(from first: Int64, through bound: Int64, before: Int64?, limit: Int) throws -> Step {
        let held = try heldOffsets(from: first, through: bound, limit: limit * Self.looksPerRemoval)
        let statement = try connection.statement(
            """
            SELECT e.offset, e.id, e.name, e.version, e.ordering_key, e.published_at, e.correlation_id, e.causation_id, e.depth,
                   e.emitted_by, e.headers, e.idempotency_key, e.checksum, e.payload
            FROM bus_events e WHERE e.offset BETWEEN ?1 AND ?2 ORDER BY e.offset
            """)
        statement.bind(1, first)
        statement.bind(2, bound)
        defer { statement.reset() }
        var step = Step()
        var looks = 0
        var tooNew = 0
        var continues = false
        while try statement.step() {
            let row = EventRow(statement)
            if row.offset > held.through {
                step.last = held.through
                step.isDone = false
                break
            }
            if step.removed == limit || looks == limit * Self.looksPerRemoval {
                step.isDone = false
                break
            }
            looks += 1
            step.last = row.offset
            let isTooNew = before.map { row.publishedAt >= $0 } ?? false
            tooNew = isTooNew ? tooNew + 1 : 0
            if tooNew == Self.tooNewInARow { break }
            guard !isTooNew, !held.offsets.contains(row.offset), !isOwed(row, named: { statement.text(2) }) else {
                continues = false
                continue
            }
            if continues, let run = step.runs.popLast() {
                step.runs.append(run.lowerBound...row.offset)
            } else {
                step.runs.append(row.offset...row.offset)
            }
            continues = true
            step.removed += 1
        }
        return step
    }

    /// Whether a subscription, registered or not, has this event still before it. One that cannot be relied on may be anybody's.
    private func isOwed(_ row: EventRow, named name: () -> String) -> Bool {
        let offset = Offset(rawValue: row.offset)
        let behind = state.subscriptions.values.filter { !$0.settled.contains(offset) }
        guard !behind.isEmpty else { return false }
        let name = name()
        return behind.contains { $0.takes(name, at: row.offset) } || !row.isIntact
    }

    /// The offsets that some subscription has a row or a dead letter of, as far as they were read.
    private func heldOffsets(
        from first: Int64, through bound: Int64, limit: Int
    ) throws -> (offsets: Set<Int64>, through: Int64) {
        var offsets: Set<Int64> = []
        var through = bound
        for statement in try [
            connection.statement(
                "SELECT offset FROM bus_deliveries WHERE subscription = ?1 AND offset BETWEEN ?2 AND ?3 ORDER BY offset LIMIT ?4"),
            connection.statement(
                "SELECT offset FROM bus_dead_letters WHERE subscription = ?1 AND offset BETWEEN ?2 AND ?3 ORDER BY offset LIMIT ?4"
            ),
        ] {
            for key in state.subscriptions.keys {
                statement.bind(1, key.rawValue)
                statement.bind(2, first)
                statement.bind(3, bound)
                statement.bind(4, limit)
                var count = 0
                var last = first
                while try statement.step() {
                    last = statement.int64(0)
                    offsets.insert(last)
                    count += 1
                }
                // There may be more than were read.
                if count == limit { through = min(through, last) }
            }
        }
        return (offsets, through)
    }

    private func remove(_ run: ClosedRange<Int64>) throws {
        let removal = try connection.statement(
            "UPDATE bus_log SET last_offset = max(last_offset, ?1) WHERE id = 1")
        removal.bind(1, run.upperBound)
        try removal.run()
        let events = try connection.statement("DELETE FROM bus_events WHERE offset BETWEEN ?1 AND ?2")
        events.bind(1, run.lowerBound)
        events.bind(2, run.upperBound)
        try events.run()
        for statement in try [
            connection.statement("DELETE FROM bus_attempts WHERE subscription = ?1 AND offset BETWEEN ?2 AND ?3"),
            connection.statement("DELETE FROM bus_discards WHERE subscription = ?1 AND offset BETWEEN ?2 AND ?3"),
            connection.statement("DELETE FROM bus_redrives WHERE subscription = ?1 AND offset BETWEEN ?2 AND ?3"),
            connection.statement("DELETE FROM bus_edits WHERE subscription = ?1 AND offset BETWEEN ?2 AND ?3"),
        ] {
            for key in state.subscriptions.keys {
                statement.bind(1, key.rawValue)
                statement.bind(2, run.lowerBound)
                statement.bind(3, run.upperBound)
                try statement.run()
            }
        }
    }

    /// Removes the settlements all of whose events are gone: those wholly below the lowest event that is left.
    private func forgetHistory() throws {
        let lowest = try connection.statement("SELECT min(offset) FROM bus_events")
        defer { lowest.reset() }
        let bound = try lowest.step() ? lowest.int64OrNil(0) ?? state.head + 1 : state.head + 1
        let statement = try connection.statement(
            "DELETE FROM bus_settlements WHERE subscription = ?1 AND first_offset < ?2 AND last_offset < ?2")
        for key in state.subscriptions.keys {
            statement.bind(1, key.rawValue)
            statement.bind(2, bound)
            try statement.run()
        }
    }
}
