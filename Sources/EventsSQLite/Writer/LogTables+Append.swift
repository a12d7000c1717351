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
    /// The SQL that inserts a number of events.
    static func insertEventsSQL(_ count: Int) -> String {
        """
        INSERT INTO bus_events (
            offset, id, name, version, ordering_key, published_at, correlation_id, causation_id, depth, emitted_by, headers,
            idempotency_key, checksum, payload
        ) VALUES \(repeatElement("(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", count: count).joined(separator: ", "))
        """
    }

    /// Appends events whose rows begin at `first`.
    ///
    /// - Throws: ``LogFailure`` (`keyReused`) before anything is stored.
    func append(_ events: [LogEvent], _ encoded: EncodedEvents, first: Int = 0) throws -> LogAppended {
        guard encoded.hasIdempotencyKeys else { return try append(first..<first + events.count, of: encoded) }
        let uses = try firstUses(in: events)
        let firstOffset = Offset(rawValue: state.head + 1)
        var repeats: [Int: Publication] = [:]
        var stored: [Int: Offset] = [:]
        for index in events.indices {
            switch uses[index] {
            case .stored(let publication): repeats[index] = publication
            case .sameChange(let earlier):
                let event = events[earlier]
                repeats[index] = Publication(
                    offset: stored[earlier] ?? firstOffset, id: event.id, correlationID: event.correlationID ?? event.id,
                    isRepeat: true)
            case nil:
                stored[index] = try append(first + index..<first + index + 1, of: encoded).first
            }
        }
        return LogAppended(first: firstOffset, repeats: repeats)
    }

    /// Appends events without idempotency keys, or with such as were not used before, of which it needs only the rows.
    private func append(_ rows: Range<Int>, of encoded: EncodedEvents) throws -> LogAppended {
        let first = Offset(rawValue: state.head + 1)
        for index in rows {
            let offset = state.head + 1
            try encoded.withRow(index) { try insert($0, at: offset, with: insertEvent) }
            state.head = offset
        }
        return LogAppended(first: first)
    }

    /// Inserts one row; the statement's parameters are as ``bind(_:at:to:from:)`` says.
    func insert(_ row: EncodedRow, at offset: Int64, with statement: Statement) throws {
        bind(row, at: offset, to: statement)
        try statement.run()
    }

    /// Binds a row to 14 parameters of a statement: the columns of `bus_events`, in their order.
    private func bind(_ row: EncodedRow, at offset: Int64, to statement: Statement, from first: Int32 = 1) {
        var texts = row.texts
        statement.bind(first, offset)
        statement.bindTextInPlace(first + 1, texts.take())
        statement.bindTextInPlace(first + 2, texts.take())
        _ = texts.take()
        statement.bind(first + 3, row.numbers.schemaVersion)
        statement.bindTextInPlace(first + 4, texts.take())
        _ = texts.take()
        statement.bind(first + 5, row.numbers.publishedAt)
        statement.bindTextInPlace(first + 6, texts.take())
        statement.bindTextInPlace(first + 7, texts.take())
        _ = texts.take()
        statement.bind(first + 8, row.numbers.depth)
        statement.bindTextInPlace(first + 9, texts.take())
        statement.bindTextInPlace(first + 10, texts.take())
        statement.bindTextInPlace(first + 11, texts.take())
        statement.bind(first + 12, Int64(RowChecksum(ofParts: row.numbers.partsChecksum).finish(offset: offset)))
        statement.bindTextInPlace(first + 13, texts.take())
    }

    // MARK: Several rows at once

    /// A row that has its offset, and waits for others to be inserted with.
    struct WaitingRow {
        let change: PendingChange
        let index: Int
        let offset: Int64
    }

    /// How many rows one statement inserts. With eight, a row takes three quarters of what it takes alone (SQLite 3.40: 0.50 µs and
    /// 0.66 µs); with fifty, two thirds.
    static let rowsAtOnce = 8

    /// Appends the events of a change that only appends. Its rows may wait for those of the next ones, until ``insertWaiting()``.
    func append(_ change: PendingChange) throws -> LogAppended {
        let first = Offset(rawValue: state.head + 1)
        for index in 0..<change.encoded.count {
            state.head += 1
            waiting.append(WaitingRow(change: change, index: index, offset: state.head))
            if waiting.count == Self.rowsAtOnce { try insertWaiting() }
        }
        return LogAppended(first: first)
    }

    /// Inserts the rows that wait.
    func insertWaiting() throws {
        guard !waiting.isEmpty else { return }
        defer { waiting.removeAll(keepingCapacity: true) }
        if waiting.count == Self.rowsAtOnce { return try insertWaiting(from: 0) }
        for row in waiting {
            try row.change.encoded.withRow(row.index) { try insert($0, at: row.offset, with: insertEvent) }
        }
    }

    /// Binds the waiting rows from one on and inserts all of them. Each is bound inside of the one before, so that all stay where
    /// they are until the statement has run.
    private func insertWaiting(from position: Int) throws {
        guard position < waiting.count else { return try insertEvents.run() }
        let row = waiting[position]
        try row.change.encoded.withRow(row.index) {
            bind($0, at: row.offset, to: insertEvents, from: Int32(14 * position + 1))
            try insertWaiting(from: position + 1)
        }
    }

    // MARK: Idempotency keys

    /// Where an idempotency key was used before.
    enum FirstUse {
        case stored(Publication)
        /// By an earlier event of the same change, at this index.
        case sameChange(Int)
    }

    /// The events whose idempotency keys were used before, by index.
    func firstUses(in events: [LogEvent]) throws -> [Int: FirstUse] {
        var uses: [Int: FirstUse] = [:]
        var indices: [ExactText: Int] = [:]
        for (index, event) in events.enumerated() {
            guard let key = event.idempotencyKey else { continue }
            if let earlier = indices[ExactText(key)] {
                guard events[earlier].name == event.name else {
                    throw Self.keyReused(by: event, first: events[earlier].name, events[earlier].id)
                }
                uses[index] = .sameChange(earlier)
            } else if let publication = try firstUse(of: key, by: event) {
                uses[index] = .stored(publication)
            } else {
                indices[ExactText(key)] = index
            }
        }
        return uses
    }

    /// The publication that used a key first, stored or scheduled; a scheduled one has no offset yet, which is 0 here.
    private func firstUse(of key: String, by event: LogEvent) throws -> Publication? {
        let stored = try connection.statement(
            "SELECT offset, name, id, coalesce(correlation_id, id) FROM bus_events WHERE idempotency_key = ?1")
        if let publication = try firstUse(of: key, by: event, in: stored) { return publication }
        let scheduled = try connection.statement(
            "SELECT 0, name, id, coalesce(correlation_id, id) FROM bus_scheduled WHERE idempotency_key = ?1")
        return try firstUse(of: key, by: event, in: scheduled)
    }

    private func firstUse(of key: String, by event: LogEvent, in statement: Statement) throws -> Publication? {
        statement.bind(1, key)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        let id = statement.withBytes(2) { EventID(ascii: $0) } ?? .unreadable
        let name = statement.text(1)
        guard name == event.name else { throw Self.keyReused(by: event, first: name, id) }
        let correlationID = statement.withBytes(3) { EventID(ascii: $0) } ?? .unreadable
        return Publication(offset: Offset(rawValue: statement.int64(0)), id: id, correlationID: correlationID, isRepeat: true)
    }

    private static func keyReused(by event: LogEvent, first name: String, _ id: EventID) -> LogFailure {
        LogFailure(
            .keyReused,
            "the idempotency key of \(event.name) \(event.id) was used before by \(name) \(id); keys are shared by all events")
    }
}
