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
    /// What appending came to.
    struct Appended {
        /// What each event came to, in order.
        var publications: [Publication] = []
        /// Those that were stored.
        var stored: [StoredEvent] = []
    }

    static var insertEventSQL: StaticString {
        """
        INSERT INTO bus_events (
            offset, id, name, version, ordering_key, published_at, correlation_id, causation_id, depth, emitted_by, headers,
            idempotency_key, checksum, payload
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """
    }

    /// Appends events whose rows begin at `first`.
    ///
    /// - Throws: ``LogFailure`` (`keyReused`) before anything is stored.
    func append(_ events: [LogEvent], _ encoded: EncodedEvents, first: Int = 0) throws -> Appended {
        let repeats = try firstUses(in: events)
        var result = Appended()
        result.publications.reserveCapacity(events.count)
        result.stored.reserveCapacity(events.count)
        try encoded.bytes.withUnsafeBytes { bytes in
            for (index, event) in events.enumerated() {
                switch repeats?[index] {
                case .stored(let publication): result.publications.append(publication)
                case .sameChange(let earlier):
                    let publication = result.publications[earlier]
                    result.publications.append(
                        Publication(
                            offset: publication.offset, id: publication.id, correlationID: publication.correlationID,
                            isRepeat: true))
                case nil:
                    let offset = state.head + 1
                    try insert(event, encoded.rows[first + index], bytes, at: offset, with: insertEvent)
                    state.head = offset
                    let position = Offset(rawValue: offset)
                    result.publications.append(
                        Publication(
                            offset: position, id: event.id, correlationID: event.correlationID ?? event.id, isRepeat: false))
                    result.stored.append(StoredEvent(offset: position, event: event))
                }
            }
        }
        return result
    }

    /// Inserts a row; the statement's parameters from 2 to 14 are the columns of `bus_events` in their order, and 1 is the offset.
    func insert(
        _ event: LogEvent, _ row: EncodedEvents.Row, _ bytes: UnsafeRawBufferPointer, at offset: Int64, with statement: Statement
    ) throws {
        guard let start = bytes.baseAddress else { return }
        var texts = EncodedTexts(at: start + row.start)
        statement.bind(1, offset)
        statement.bindTextInPlace(2, texts.take())
        statement.bindTextInPlace(3, texts.take())
        _ = texts.take()
        statement.bind(4, event.schemaVersion)
        statement.bindTextInPlace(5, texts.take())
        _ = texts.take()
        statement.bind(6, row.publishedAt)
        statement.bindTextInPlace(7, texts.take())
        statement.bindTextInPlace(8, texts.take())
        _ = texts.take()
        statement.bind(9, event.depth)
        statement.bindTextInPlace(10, texts.take())
        statement.bindTextInPlace(11, texts.take())
        statement.bindTextInPlace(12, texts.take())
        statement.bind(13, Int64(RowChecksum(ofParts: row.partsChecksum).finish(offset: offset)))
        try event.payload.withUnsafeBytes { payload in
            statement.bindTextInPlace(14, payload)
            try statement.run()
        }
    }

    // MARK: Idempotency keys

    /// Where an idempotency key was used before.
    enum FirstUse {
        case stored(Publication)
        /// By an earlier event of the same change, at this index.
        case sameChange(Int)
    }

    /// The events whose idempotency keys were used before, by index; `nil` when no event has a key.
    func firstUses(in events: [LogEvent]) throws -> [Int: FirstUse]? {
        guard events.contains(where: { $0.idempotencyKey != nil }) else { return nil }
        var uses: [Int: FirstUse] = [:]
        var indices: [String: Int] = [:]
        for (index, event) in events.enumerated() {
            guard let key = event.idempotencyKey else { continue }
            if let earlier = indices[key] {
                guard events[earlier].name == event.name else {
                    throw Self.keyReused(by: event, first: events[earlier].name, events[earlier].id)
                }
                uses[index] = .sameChange(earlier)
            } else if let publication = try firstUse(of: key, by: event) {
                uses[index] = .stored(publication)
            } else {
                indices[key] = index
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
