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
    static var insertScheduledSQL: StaticString {
        """
        INSERT INTO bus_scheduled (
            id, name, version, ordering_key, published_at, correlation_id, causation_id, depth, emitted_by, headers,
            idempotency_key, checksum, payload, due_at, decided_at
        ) VALUES (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        """
    }

    /// Stores events for later, whose rows begin at `first`.
    ///
    /// - Throws: ``LogFailure`` (`keyReused`) before anything is stored.
    func schedule(_ events: [ScheduledEvent], _ encoded: EncodedEvents, first: Int = 0) throws -> [EventID] {
        let uses = encoded.hasIdempotencyKeys ? try firstUses(in: events.map(\.event)) : [:]
        var ids: [EventID] = []
        ids.reserveCapacity(events.count)
        for (index, scheduled) in events.enumerated() {
            switch uses[index] {
            case .stored(let publication): ids.append(publication.id)
            case .sameChange(let earlier): ids.append(ids[earlier])
            case nil:
                insertScheduled.bind(15, scheduled.due.microseconds)
                insertScheduled.bind(16, scheduled.scheduledAt.microseconds)
                try encoded.withRow(first + index) { try insert($0, at: 0, with: insertScheduled) }
                ids.append(scheduled.event.id)
            }
        }
        return ids
    }

    /// Takes back a scheduled event. Returns whether it was there.
    func cancelScheduled(_ id: EventID) throws -> Bool {
        let statement = try connection.statement("DELETE FROM bus_scheduled WHERE id = ?1")
        id.withASCII { statement.bindText(1, $0) }
        try statement.run()
        return connection.changes > 0
    }

    /// Appends what is due, in order of time. A row that is not what was written is appended all the same, so that it is seen, and
    /// with a checksum that says so.
    func releaseScheduled(at time: Int64, limit: Int) throws -> [StoredEvent] {
        var released: [StoredEvent] = []
        for id in try dueIDs(at: time, limit: limit) {
            let statement = try connection.statement(
                """
                SELECT 0, e.id, e.name, e.version, e.ordering_key, e.published_at, e.correlation_id, e.causation_id, e.depth,
                       e.emitted_by, e.headers, e.idempotency_key, e.checksum, e.payload
                FROM bus_scheduled e WHERE e.id = ?1
                """)
            id.withUnsafeBytes { statement.bindText(1, $0) }
            guard try statement.step() else { continue }
            let row = EventRow(statement)
            let scheduled = row.decode(isIntact: row.isIntact)
            statement.reset()
            let deletion = try connection.statement("DELETE FROM bus_scheduled WHERE id = ?1")
            id.withUnsafeBytes { deletion.bindText(1, $0) }
            try deletion.run()
            released.append(try release(scheduled))
        }
        return released
    }

    /// The identifiers of what is due, as their bytes: damaged ones may be no text.
    private func dueIDs(at time: Int64, limit: Int) throws -> [[UInt8]] {
        let statement = try connection.statement(
            "SELECT id FROM bus_scheduled WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2")
        statement.bind(1, time)
        statement.bind(2, limit)
        var ids: [[UInt8]] = []
        while try statement.step() { ids.append(statement.withBytes(0) { Array($0) }) }
        return ids
    }

    private func release(_ scheduled: StoredEvent) throws -> StoredEvent {
        var event = scheduled.event
        if !scheduled.isIntact, event.idempotencyKey != nil, (try? firstUses(in: [event]))?.isEmpty != true {
            // Nothing in the row can be relied on, and this must not keep it from being seen.
            event.idempotencyKey = nil
        }
        let offset = state.head + 1
        try EncodedEvents([event]).withRow(0) { row in
            var row = row
            if !scheduled.isIntact { row.numbers.partsChecksum = ~row.numbers.partsChecksum }
            try insert(row, at: offset, with: insertEvent)
        }
        state.head = offset
        return StoredEvent(offset: Offset(rawValue: offset), event: event, isIntact: scheduled.isIntact)
    }

    /// When the next scheduled event is due.
    func nextScheduled() throws -> ScheduledTime? {
        let statement = try connection.statement("SELECT due_at, decided_at FROM bus_scheduled ORDER BY due_at LIMIT 1")
        defer { statement.reset() }
        return try statement.step() ? statement.scheduledTime(0) : nil
    }
}

extension Statement {
    /// A time from two columns, the second of which says when it was decided.
    func scheduledTime(_ column: Int32) -> ScheduledTime {
        ScheduledTime(due: Date(microseconds: int64(column)), decided: Date(microseconds: int64(column + 1)))
    }
}
