//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation

@testable import EventsSQLite

/// A log's file as a writer would leave it, for tests of reading: its rows are put there by SQL.
final class ReadableLog {
    let folder: URL
    let path: String
    /// The one connection that writes.
    let writer: Connection
    let reader: LogReader
    private var next: Int64 = 1

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "reader-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "log.db").path
        writer = try Connection(path: path, mode: .readWrite)
        try writer.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0")
        try writer.execute(Schema.tables)
        try writer.execute("INSERT INTO bus_log VALUES (1, 3, 0, 0)")
        reader = LogReader(path: path)
    }

    /// Runs a test with a log of its own, and removes it.
    static func with<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: (ReadableLog) async throws -> Value
    ) async throws -> Value {
        let log = try ReadableLog()
        defer { try? FileManager.default.removeItem(at: log.folder) }
        let result: Result<Value, any Error>
        do { result = .success(try await body(log)) } catch { result = .failure(error) }
        await log.reader.close()
        return try result.get()
    }

    /// The identifier of an event by a number.
    static func id(_ number: UInt64) -> EventID { EventID(milliseconds: 1_000_000 + number, sequence: 0, random: number) }

    static func event(
        _ number: UInt64, _ name: String = "a", key: String? = nil, correlation: UInt64? = nil, cause: UInt64? = nil,
        seconds: Double = 0, headers: [String: String] = [:], payload: String = "{}"
    ) -> LogEvent {
        LogEvent(
            id: id(number), name: name, schemaVersion: 1, orderingKey: key, publishedAt: Date(timeIntervalSince1970: seconds),
            correlationID: correlation.map(id), causationID: cause.map(id), depth: cause == nil ? 0 : 1, emittedBy: nil,
            headers: headers, payload: Data(payload.utf8))
    }

    /// Appends an event. What is given by name replaces what would be written, before the checksum is made.
    @discardableResult
    func append(_ event: LogEvent, at offset: Int64? = nil, idText: String? = nil, headersText: String? = nil) throws -> Int64 {
        let offset = offset ?? next
        next = offset + 1
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let headers =
            try headersText ?? (event.headers.isEmpty ? nil : String(decoding: encoder.encode(event.headers), as: UTF8.self))
        var sum = RowChecksum()
        sum.add(idText ?? event.id.description)
        sum.add(event.name)
        sum.add(Int64(event.schemaVersion))
        sum.add(event.orderingKey)
        sum.add(event.publishedAt.microseconds)
        sum.add(event.correlationID?.description)
        sum.add(event.causationID?.description)
        sum.add(Int64(event.depth))
        sum.add(event.emittedBy)
        sum.add(headers)
        sum.add(event.idempotencyKey)
        event.payload.withUnsafeBytes { sum.add($0) }
        let insert = try writer.statement("INSERT INTO bus_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.bind(1, offset)
        insert.bind(2, idText ?? event.id.description)
        insert.bind(3, event.name)
        insert.bind(4, event.schemaVersion)
        insert.bind(5, event.orderingKey)
        insert.bind(6, event.publishedAt.microseconds)
        insert.bind(7, event.correlationID?.description)
        insert.bind(8, event.causationID?.description)
        insert.bind(9, event.depth)
        insert.bind(10, event.emittedBy)
        insert.bind(11, headers)
        insert.bind(12, event.idempotencyKey)
        insert.bind(13, Int64(sum.finish(offset: offset)))
        event.payload.withUnsafeBytes { insert.bindText(14, $0) }
        try insert.run()
        return offset
    }

    /// Appends events of the names in a text, such as `a a b`.
    func append(names: String) throws {
        for name in names.split(separator: " ") { try append(Self.event(UInt64(next), String(name))) }
    }

    /// Registers a subscription that takes names from an offset on.
    func subscribe(
        _ key: Int64, _ name: String, to names: [String], after: Int64 = 0, cursor: Int64 = 0, ranges: String = "",
        epoch: Int64 = 3
    ) throws {
        try writer.execute(
            "INSERT INTO bus_subscriptions VALUES (\(key), '\(name)', \(cursor), '\(ranges)', \(epoch), 0, NULL, 0)")
        for name in names { try writer.execute("INSERT INTO bus_subscription_types VALUES (\(key), '\(name)', \(after), NULL)") }
    }

    /// Gives a delivery a row.
    func deliver(
        _ subscription: Int64, _ offset: Int64, key: String? = nil, _ state: String = "waiting", due: Int64? = nil,
        decided: Int64? = nil
    ) throws {
        let insert = try writer.statement("INSERT INTO bus_deliveries VALUES (?, ?, ?, ?, ?, ?, 4, 3, 2, 1, 1, 0)")
        insert.bind(1, subscription)
        insert.bind(2, offset)
        insert.bind(3, key)
        insert.bind(4, state)
        insert.bind(5, due)
        insert.bind(6, decided)
        try insert.run()
    }

    /// Gives a delivery a dead letter.
    func bury(
        _ subscription: Int64, _ offset: Int64, key: String? = nil, name: String = "a", correlation: UInt64 = 1,
        error: String = "Fault", text: String = "it broke", at time: Int64 = 0, parks: Bool = false
    ) throws {
        let insert = try writer.statement(
            """
            INSERT INTO bus_dead_letters (subscription, offset, ordering_key, event_name, correlation_id, reason, error_type,
                error_text, died_at, parks_key, attempts, failed_attempts, crashes, redrives, is_depth_reset)
            VALUES (?, ?, ?, ?, ?, 'exhausted', ?, ?, ?, ?, 4, 3, 2, 1, 1)
            """)
        insert.bind(1, subscription)
        insert.bind(2, offset)
        insert.bind(3, key)
        insert.bind(4, name)
        insert.bind(5, Self.id(correlation).description)
        insert.bind(6, error)
        insert.bind(7, text)
        insert.bind(8, time)
        insert.bind(9, parks ? 1 : 0)
        try insert.run()
    }
}

extension Offset {
    /// The offset of a number, shorter.
    static func at(_ position: Int64) -> Offset { Offset(rawValue: position) }
}

extension [StoredEvent] {
    var offsets: [Int64] { map(\.offset.rawValue) }
}
