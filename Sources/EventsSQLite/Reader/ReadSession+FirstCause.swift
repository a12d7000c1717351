//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

extension ReadSession {
    /// Where the event is that a correlation is named after.
    package enum FirstCause: Equatable {
        case at(Int64)
        /// Nowhere in the range: it was pruned, was a command, or lies elsewhere.
        case none
        /// Not up to an offset; beyond that it has not been looked for yet.
        case notUpTo(Int64)
    }

    private enum CauseSQL {
        static let firstEffect =
            "SELECT min(offset) FROM bus_events INDEXED BY bus_events_by_correlation WHERE correlation_id = ?1"
        static let identities = "SELECT offset, id FROM bus_events WHERE offset >= ?1 AND offset <= ?2 ORDER BY offset"
    }

    /// How far to look around the place where an identifier should be, and how far at most when it is not there.
    private enum SearchBound {
        static let nearby: Int64 = 512
        static let rows = 100_000
    }

    /// Finds an event by its identity. There is no index for that: it would make every append a third slower, and this is the one
    /// question that needs it.
    ///
    /// Identities rise with time, and so do offsets, but for clocks that are set back and publishers that race. So a bisection finds
    /// the place or comes near to it; if not, the range is looked through, and what was caused bounds it, since it comes later.
    package func findFirstCause(_ id: EventID, after: Int64, through end: Int64) throws -> FirstCause {
        let firstEffect = try keep(CauseSQL.firstEffect)
        firstEffect.bind(1, id.description)
        defer { firstEffect.reset() }
        let effect = try firstEffect.step() ? firstEffect.int64OrNil(0) : nil
        let last = min(end, effect.map { $0 - 1 } ?? end)
        guard last > after else { return .none }
        if let offset = try bisect(id, through: last) { return offset > after ? .at(offset) : .none }
        return try scan(for: id, from: after + 1, through: last)
    }

    /// Looks for an event by its identity, as far as identities rise with offsets.
    package func bisect(_ id: EventID, through end: Int64) throws(SQLiteError) -> Int64? {
        var low: Int64 = 0
        var high = end
        while high - low > SearchBound.nearby {
            let middle = low + (high - low) / 2
            guard let (offset, found) = try firstIdentity(from: middle, through: high), let found else {
                high = middle
                continue
            }
            if found == id { return offset }
            if found < id { low = offset } else { high = middle }
        }
        // Offsets come from a file, which may say anything.
        let from = max(0, low) - min(max(0, low), SearchBound.nearby)
        let (beyond, isTooFar) = high.addingReportingOverflow(SearchBound.nearby)
        let result = try scan(for: id, from: from, through: isTooFar ? end : min(end, beyond))
        if case .at(let offset) = result { return offset }
        return nil
    }

    private func firstIdentity(from low: Int64, through high: Int64) throws(SQLiteError) -> (Int64, EventID?)? {
        let statement = try identities(from: low, through: high)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        return (statement.int64(0), statement.withBytes(1) { EventID(ascii: $0) })
    }

    private func scan(for id: EventID, from low: Int64, through high: Int64) throws(SQLiteError) -> FirstCause {
        let wanted = Array(id.description.utf8)
        let statement = try identities(from: low, through: high)
        defer { statement.reset() }
        var rows = 0
        while try statement.step() {
            if statement.withBytes(1, { $0.elementsEqual(wanted) }) { return .at(statement.int64(0)) }
            rows += 1
            if rows >= SearchBound.rows { return .notUpTo(statement.int64(0)) }
        }
        return .none
    }

    private func identities(from low: Int64, through high: Int64) throws(SQLiteError) -> Statement {
        let statement = try keep(CauseSQL.identities)
        statement.bind(1, low)
        statement.bind(2, high)
        return statement
    }
}
