//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite
package import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// An event in the current row of a statement whose first columns are ``columns``. Nothing is copied until it is asked for, so that
/// rows that do not matter cost little.
package struct EventRow {
    /// What to select, in the order of the table; the table goes by the name `e`.
    package static let columns = """
        e.offset, e.id, e.name, e.version, e.ordering_key, e.published_at, e.correlation_id, e.causation_id, e.depth, \
        e.emitted_by, e.headers, e.idempotency_key, e.checksum, e.payload
        """
    /// How many columns that is: what else a statement selects begins here.
    package static let columnCount: Int32 = 14

    private enum Column {
        static let offset: Int32 = 0
        static let id: Int32 = 1
        static let name: Int32 = 2
        static let version: Int32 = 3
        static let orderingKey: Int32 = 4
        static let publishedAt: Int32 = 5
        static let correlationID: Int32 = 6
        static let causationID: Int32 = 7
        static let depth: Int32 = 8
        static let emittedBy: Int32 = 9
        static let headers: Int32 = 10
        static let idempotencyKey: Int32 = 11
        static let checksum: Int32 = 12
        static let payload: Int32 = 13
    }

    package let statement: Statement

    package init(_ statement: Statement) {
        self.statement = statement
    }

    package var offset: Int64 { statement.int64(Column.offset) }
    package var publishedAt: Int64 { statement.int64(Column.publishedAt) }
    package var payloadSize: Int { Int(sqlite3_column_bytes(statement.handle, Column.payload)) }
    package var id: EventID? { identifier(Column.id) }
    package var causationID: EventID? { identifier(Column.causationID) }
    /// The identity that everything with the same first cause shares.
    package var correlationID: EventID? { identifier(isText(Column.correlationID) ? Column.correlationID : Column.id) }

    /// The ordering key; bytes that are no UTF-8 are replaced.
    package var orderingKey: String? { isText(Column.orderingKey) ? statement.text(Column.orderingKey) : nil }

    func name(is wanted: [UInt8]) -> Bool { isText(Column.name, wanted) }
    func orderingKey(is wanted: [UInt8]) -> Bool { isText(Column.orderingKey, wanted) }

    /// Whether the row is what was written: every column has its type, and the checksum is right.
    package var isIntact: Bool {
        var sum = RowChecksum()
        for column in Column.id...Column.payload where column != Column.checksum {
            switch (sqlite3_column_type(statement.handle, column), column) {
            case (SQLITE_INTEGER, Column.version), (SQLITE_INTEGER, Column.publishedAt), (SQLITE_INTEGER, Column.depth):
                sum.add(statement.int64(column))
            case (_, Column.version), (_, Column.publishedAt), (_, Column.depth):
                return false
            case (SQLITE_TEXT, _):
                statement.withBytes(column) { sum.add($0) }
            case (SQLITE_NULL, Column.id), (SQLITE_NULL, Column.name), (SQLITE_NULL, Column.payload):
                return false
            case (SQLITE_NULL, _):
                sum.add(nil as UnsafeRawBufferPointer?)
            default:
                return false
            }
        }
        return isInteger(Column.checksum) && statement.int64(Column.checksum) == Int64(sum.finish(offset: offset))
    }

    /// The event. Of one that is not intact it has what could be read.
    ///
    /// - Parameter isIntact: Whether the row is what was written. What was written may be wrong all the same, if something else than
    ///   this module wrote it; then the event is not intact either.
    package func decode(isIntact: Bool) -> StoredEvent {
        var isSound = isIntact
        func text(_ column: Int32) -> String? {
            guard isText(column) else { return nil }
            return statement.withBytes(column) { bytes in
                if let text = String(validating: bytes, as: UTF8.self) { return text }
                isSound = false
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        func identity(_ column: Int32) -> EventID? {
            guard isText(column) else { return nil }
            let id = identifier(column)
            if id == nil { isSound = false }
            return id
        }
        var headers: [String: String] = [:]
        if isText(Column.headers) {
            if let decoded = statement.withBytes(Column.headers, HeaderText.decode) { headers = decoded } else { isSound = false }
        }
        let event = LogEvent(
            id: identity(Column.id) ?? .unreadable,
            name: text(Column.name) ?? "",
            schemaVersion: Int(truncatingIfNeeded: statement.int64(Column.version)),
            orderingKey: text(Column.orderingKey),
            publishedAt: Date(microseconds: publishedAt),
            correlationID: identity(Column.correlationID),
            causationID: identity(Column.causationID),
            depth: Int(truncatingIfNeeded: statement.int64(Column.depth)),
            emittedBy: text(Column.emittedBy),
            headers: headers,
            payload: statement.data(Column.payload),
            idempotencyKey: text(Column.idempotencyKey))
        return StoredEvent(offset: Offset(rawValue: offset), event: event, isIntact: isSound)
    }

    /// The event that a row refers to by its offset, joined to it by a left join. There is one, unless something else than this
    /// module deleted it: then what the row knows of it stands in.
    package func decode(at offset: Int64, name: String, orderingKey: String?, correlationID: EventID? = nil) -> StoredEvent {
        guard statement.isNull(Column.offset) else { return decode(isIntact: isIntact) }
        let event = LogEvent(
            id: .unreadable, name: name, schemaVersion: 0, orderingKey: orderingKey, publishedAt: Date(microseconds: 0),
            correlationID: correlationID, causationID: nil, depth: 0, emittedBy: nil, headers: [:], payload: Data())
        return StoredEvent(offset: Offset(rawValue: offset), event: event, isIntact: false)
    }

    private func isText(_ column: Int32) -> Bool { sqlite3_column_type(statement.handle, column) == SQLITE_TEXT }

    private func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(statement.handle, column) == SQLITE_INTEGER }

    private func isText(_ column: Int32, _ wanted: [UInt8]) -> Bool {
        isText(column) && statement.withBytes(column) { $0.count == wanted.count && $0.elementsEqual(wanted) }
    }

    private func identifier(_ column: Int32) -> EventID? {
        isText(column) ? statement.withBytes(column) { EventID(ascii: $0) } : nil
    }
}
