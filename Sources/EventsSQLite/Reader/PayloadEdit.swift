//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
package import Events

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What a dead letter is handled with instead of its event's payload.
package struct PayloadEdit: Sendable {
    /// The latest edit of a delivery.
    package static let sql = """
        SELECT payload, checksum FROM bus_edits WHERE subscription = ?1 AND offset = ?2 ORDER BY number DESC LIMIT 1
        """

    /// The bytes.
    package let payload: Data
    /// Whether they are what was written.
    package let isIntact: Bool

    /// Reads the latest edit of a delivery with ``sql``; `nil` when there is none.
    package init?(_ statement: Statement, subscription: Int64, offset: Int64) throws(SQLiteError) {
        statement.bind(1, subscription)
        statement.bind(2, offset)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        payload = statement.data(0)
        let sum = payload.withUnsafeBytes { events_crc32c(0, $0.baseAddress, $0.count) }
        isIntact = statement.int64(1) == Int64(sum)
    }
}

extension StoredEvent {
    /// The event as its delivery is handled after an edit.
    package func edited(_ edit: PayloadEdit) -> StoredEvent {
        var event = event
        event.payload = edit.payload
        return StoredEvent(offset: offset, event: event, isIntact: isIntact && edit.isIntact)
    }
}

extension ReadSession {
    /// The event of a delivery as it is handled: with its latest edit, if somebody made one. Nearly no log has any.
    func handled(_ event: StoredEvent, by subscription: Int64, _ hasEdits: Bool) throws(SQLiteError) -> StoredEvent {
        guard hasEdits else { return event }
        let edit = try PayloadEdit(keep(PayloadEdit.sql), subscription: subscription, offset: event.offset.rawValue)
        return edit.map(event.edited) ?? event
    }

    /// Whether the log has edits at all.
    func hasEdits() throws(SQLiteError) -> Bool {
        try integer("SELECT EXISTS (SELECT 1 FROM bus_edits)") == 1
    }
}
