//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

extension ReadSession {
    /// How much of the log one page looks through at most, so that no read takes long, however little it selects.
    private enum ScanBound {
        static let rows = 20_000
        static let bytes = 8 << 20
    }

    private enum EventSQL {
        static let head = "SELECT max((SELECT coalesce(max(offset), 0) FROM bus_events), (SELECT last_offset FROM bus_log))"
        static let range = """
            SELECT \(EventRow.columns) FROM bus_events AS e WHERE e.offset > ?1 AND e.offset <= ?2 ORDER BY e.offset
            """
        static let correlated = """
            SELECT \(EventRow.columns) FROM bus_events AS e INDEXED BY bus_events_by_correlation
            WHERE e.correlation_id = ?3 AND e.offset > ?1 AND e.offset <= ?2 ORDER BY e.offset
            """
    }

    /// A page of events.
    ///
    /// Every row is checked before it is left out, because nothing about a damaged one can be relied on, its name included. The
    /// exception are the events of one correlation, which are found by an index: a damaged one among them may not be.
    func events(_ selection: EventSelection) throws -> EventPage {
        let head = try integer(EventSQL.head) ?? 0
        let end = min(selection.through?.rawValue ?? .max, head)
        let after = selection.after.rawValue
        guard after < end else { return EventPage(events: [], through: selection.after, isLast: true) }
        var page = PageBuilder(selection, end: end)
        if let correlation = selection.correlationID, selection.interests == nil {
            return try correlatedEvents(correlation, after: after, page: &page)
        }
        let statement = try keep(EventSQL.range)
        statement.bind(1, after)
        statement.bind(2, end)
        return try fill(&page, from: statement)
    }

    /// The events of a correlation. The first is the one whose identity the others share; it does not name itself in the index.
    private func correlatedEvents(
        _ correlation: EventID, after: Int64, page: inout PageBuilder
    ) throws -> EventPage {
        var start = after
        switch try findFirstCause(correlation, after: after, through: page.end) {
        case .at(let offset):
            let statement = try keep(EventSQL.range)
            statement.bind(1, offset - 1)
            statement.bind(2, offset)
            defer { statement.reset() }
            if try statement.step(), let full = page.take(EventRow(statement)) { return full }
            start = offset
        case .none: break
        case .notUpTo(let offset):
            return EventPage(events: [], through: Offset(rawValue: offset), isLast: false)
        }
        let statement = try keep(EventSQL.correlated)
        statement.bind(1, start)
        statement.bind(2, page.end)
        statement.bind(3, correlation.description)
        return try fill(&page, from: statement)
    }

    private func fill(_ page: inout PageBuilder, from statement: Statement) throws(SQLiteError) -> EventPage {
        defer { statement.reset() }
        while try statement.step() {
            if let full = page.take(EventRow(statement)) { return full }
        }
        return page.last
    }

    /// A page as it fills.
    private struct PageBuilder {
        /// The last offset that the page could reach.
        let end: Int64
        private let matcher: EventMatcher
        private let limit: Int
        private let byteLimit: Int
        private var events: [StoredEvent] = []
        private var bytes = 0
        private var scannedRows = 0
        private var scannedBytes = 0

        init(_ selection: EventSelection, end: Int64) {
            self.end = end
            matcher = EventMatcher(selection)
            limit = max(1, selection.limit)
            byteLimit = selection.byteLimit
        }

        /// The page that holds all that was selected up to the end.
        var last: EventPage { EventPage(events: events, through: Offset(rawValue: end), isLast: true) }

        /// Takes a row, if it is selected. Returns the page when it is full, or when it has looked far enough.
        mutating func take(_ row: EventRow) -> EventPage? {
            let offset = row.offset
            let size = row.payloadSize
            let isIntact = row.isIntact
            if !isIntact || matcher.matches(row) {
                if !events.isEmpty, bytes + size > byteLimit { return full(through: offset - 1) }
                events.append(row.decode(isIntact: isIntact))
                bytes += size
            }
            scannedRows += 1
            scannedBytes += size
            guard events.count >= limit || scannedRows >= ScanBound.rows || scannedBytes >= ScanBound.bytes else { return nil }
            return full(through: offset)
        }

        private func full(through offset: Int64) -> EventPage {
            EventPage(events: events, through: Offset(rawValue: offset), isLast: offset >= end)
        }
    }
}
