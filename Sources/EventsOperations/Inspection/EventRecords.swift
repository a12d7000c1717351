//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events
internal import EventsSQLite

extension EventSummary {
    /// An event as it was read.
    package init(_ stored: StoredEvent) {
        let event = stored.event
        self.init(
            offset: stored.offset.rawValue > 0 ? stored.offset.rawValue : nil, id: event.id.description, event: event.name,
            schemaVersion: event.schemaVersion, key: event.orderingKey, publishedAt: event.publishedAt,
            correlationID: (event.correlationID ?? event.id).description, causationID: event.causationID?.description,
            depth: event.depth, emittedBy: event.emittedBy, idempotencyKey: event.idempotencyKey, isIntact: stored.isIntact,
            payloadBytes: event.payload.count)
    }
}

extension ReadSession {
    /// The offset of the latest event there ever was.
    func head() throws -> Int64 {
        try integer("SELECT max((SELECT coalesce(max(offset), 0) FROM bus_events), (SELECT last_offset FROM bus_log))") ?? 0
    }

    func event(at offset: Int64) throws -> StoredEvent? {
        try first("SELECT \(EventRow.columns) FROM bus_events AS e WHERE e.offset = ?1", { $0.bind(1, offset) }) { statement in
            let row = EventRow(statement)
            return row.decode(isIntact: row.isIntact)
        }
    }

    /// Where an event is. There is no index for that: identities rise with time, so a bisection finds nearly all, and the whole log is
    /// gone through for the rest.
    func offset(of id: EventID) throws -> Int64? {
        let head = try head()
        if let offset = try bisect(id, through: head) { return offset }
        return try first("SELECT offset FROM bus_events WHERE id = ?1", { $0.bind(1, id.description) }) { $0.int64(0) }
    }

    /// The events of a correlation in order, at most so many, and whether there are more.
    func correlated(_ id: EventID, limit: Int) throws -> (events: [StoredEvent], isMore: Bool) {
        var events: [StoredEvent] = []
        if let offset = try bisect(id, through: try head()), let event = try event(at: offset) { events.append(event) }
        events += try rows(
            """
            SELECT \(EventRow.columns) FROM bus_events AS e INDEXED BY bus_events_by_correlation
            WHERE e.correlation_id = ?1 ORDER BY e.offset LIMIT ?2
            """,
            {
                $0.bind(1, id.description)
                $0.bind(2, limit + 1)
            }
        ) { statement in
            let row = EventRow(statement)
            return row.decode(isIntact: row.isIntact)
        }
        return (Array(events.prefix(limit)), events.count > limit)
    }

    /// The scheduled events of a correlation, or the one of an identity.
    func scheduled(_ column: String, _ id: EventID) throws -> [(event: StoredEvent, due: Int64)] {
        try rows(
            """
            SELECT 0, e.id, e.name, e.version, e.ordering_key, e.published_at, e.correlation_id, e.causation_id, e.depth,
                   e.emitted_by, e.headers, e.idempotency_key, e.checksum, e.payload, e.due_at
            FROM bus_scheduled AS e WHERE e.\(column) = ?1 ORDER BY e.due_at LIMIT 1000
            """, { $0.bind(1, id.description) }
        ) { statement in
            let row = EventRow(statement)
            return (row.decode(isIntact: row.isIntact), statement.int64(EventRow.columnCount))
        }
    }
}
