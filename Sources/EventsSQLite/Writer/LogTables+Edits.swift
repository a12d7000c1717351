//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LogTables {
    /// Changes what a dead letter is handled with when it is redriven. Its event stays as it is, for everybody else and for the record.
    ///
    /// - Parameter check: Throws when the delivery could not be handled with this.
    /// - Returns: How often the letter was edited, this time included.
    /// - Throws: ``LogFailure`` with `invalid`, and then nothing is changed.
    func edit(
        _ id: DeadLetter.ID, _ changes: [JSONChange], audit: LogAudit, at time: Date,
        check: (StoredEvent) throws -> Void = { _ in }
    ) throws -> Int {
        let (key, stored) = try editable(id)
        var payload = String(decoding: stored.event.payload, as: UTF8.self)
        for change in changes { payload = try apply(change, to: payload, of: id) }
        var event = stored.event
        event.payload = Data(payload.utf8)
        try check(StoredEvent(offset: stored.offset, event: event))
        let number = try editCount(of: key, at: id.offset) + 1
        let pointers = changes.map(\.pointer.description).joined(separator: " ")
        let row = try insertAudit(audit, action: "edit", subject: "\(id) \(pointers)", affected: 1, time: time)
        let statement = try connection.statement(
            """
            INSERT INTO bus_edits (subscription, offset, number, edited_at, audit, checksum, payload)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        statement.bind(1, key)
        statement.bind(2, id.offset.rawValue)
        statement.bind(3, number)
        statement.bind(4, time.microseconds)
        statement.bind(5, row)
        statement.bind(6, Int64(event.payload.withUnsafeBytes { events_crc32c(0, $0.baseAddress, $0.count) }))
        statement.bind(7, payload)
        try statement.run()
        return number
    }

    /// The event of a dead letter as it would be handled now.
    private func editable(_ id: DeadLetter.ID) throws -> (key: Int64, event: StoredEvent) {
        let statement = try connection.prepare(
            """
            SELECT \(EventRow.columns), l.subscription, l.ordering_key, l.event_name
            FROM bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription
            LEFT JOIN bus_events AS e ON e.offset = l.offset WHERE s.name = ?1 AND l.offset = ?2
            """)
        statement.bind(1, id.subscription)
        statement.bind(2, id.offset.rawValue)
        guard try statement.step() else {
            throw LogFailure(.invalid, "there is no dead letter \(id); only dead letters can be edited")
        }
        let first = EventRow.columnCount
        let event = EventRow(statement).decode(
            at: id.offset.rawValue, name: statement.text(first + 2), orderingKey: statement.textOrNil(first + 1))
        let key = statement.int64(first)
        let edited = try latestEdit(of: key, at: id.offset.rawValue).map(event.edited) ?? event
        guard edited.isIntact else {
            throw LogFailure(.invalid, "what the log has of \(id) is damaged, so that no edit could make it good; discard it")
        }
        return (key, edited)
    }

    private func latestEdit(of key: Int64, at offset: Int64) throws -> PayloadEdit? {
        let statement = try connection.prepare(PayloadEdit.sql)
        return try PayloadEdit(statement, subscription: key, offset: offset)
    }

    private func editCount(of key: Int64, at offset: Offset) throws -> Int {
        let statement = try connection.statement("SELECT max(number) FROM bus_edits WHERE subscription = ?1 AND offset = ?2")
        statement.bind(1, key)
        statement.bind(2, offset.rawValue)
        defer { statement.reset() }
        return try statement.step() ? Int(statement.int64(0)) : 0
    }

    // MARK: JSON

    /// Sets a value in a document. All else of its text stays as it is, numbers to the last digit, which decoding it would not keep.
    private func apply(_ change: JSONChange, to document: String, of id: DeadLetter.ID) throws -> String {
        guard try integer("SELECT json_valid(?1)", [change.value]) == 1 else {
            throw LogFailure(
                .invalid, "the value for \(change.pointer) is no JSON; a text is written in quotation marks, as in '\"CHAI\"'")
        }
        guard try integer("SELECT json_valid(?1)", [document]) == 1 else {
            throw LogFailure(.invalid, "the payload of \(id) is no JSON; set the whole of it, with an empty pointer")
        }
        if change.pointer.tokens.isEmpty { return change.value }
        var path = "$"
        for (index, token) in change.pointer.tokens.enumerated() {
            let isLast = index == change.pointer.tokens.count - 1
            switch try text("SELECT json_type(?1, ?2)", [document, path]) {
            case "object": path += ".\"\(token)\""
            case "array":
                let count = try integer("SELECT json_array_length(?1, ?2)", [document, path]) ?? 0
                guard let position = token == "-" && isLast ? count : Int64(token), position >= 0, position <= count,
                    isLast || position < count
                else {
                    throw LogFailure(
                        .invalid, "\(change.pointer) leads nowhere in the payload of \(id): its array has \(count) elements")
                }
                path += position == count ? "[#]" : "[\(position)]"
            default:
                throw LogFailure(
                    .invalid,
                    "\(change.pointer) leads nowhere in the payload of \(id): there is no object or array before '\(token)'"
                )
            }
        }
        guard let changed = try text("SELECT json_set(?1, ?2, json(?3))", [document, path, change.value]) else {
            throw LogFailure(.invalid, "\(change.pointer) cannot be set in the payload of \(id)")
        }
        return changed
    }

    private func integer(_ sql: String, _ texts: [String]) throws -> Int64? {
        try row(sql, texts) { $0.int64OrNil(0) }
    }

    private func text(_ sql: String, _ texts: [String]) throws -> String? {
        try row(sql, texts) { $0.textOrNil(0) }
    }

    private func row<Value>(_ sql: String, _ texts: [String], _ read: (Statement) -> Value?) throws -> Value? {
        let statement = try connection.prepare(sql)
        for (index, text) in texts.enumerated() { statement.bind(Int32(index + 1), text) }
        return try statement.step() ? read(statement) : nil
    }
}
