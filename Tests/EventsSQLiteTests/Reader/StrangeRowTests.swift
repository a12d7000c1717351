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
import Testing

@testable import EventsSQLite

@Suite("Rows that no log wrote")
struct StrangeRowTests {
    @Test("identifiers and headers that are none make an event that is not intact")
    func unreadable() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1, "kept"), idText: "not a UUID")
            try log.append(ReadableLog.event(2, "kept"), headersText: "[1]")
            try log.append(ReadableLog.event(3, "kept"), headersText: #"{"a":1}"#)
            let page = try await log.reader.events(EventSelection())
            #expect(page.events.map(\.isIntact) == [false, false, false])
            #expect(page.events.map(\.event.name) == ["kept", "kept", "kept"])
        }
    }

    @Test("columns of any type make events that are not intact, and nothing fails")
    func types() async throws {
        try await ReadableLog.with { log in
            let columns = [
                "id", "name", "version", "ordering_key", "published_at", "correlation_id", "causation_id", "depth", "emitted_by",
                "headers", "idempotency_key", "checksum", "payload",
            ]
            let values = ["1", "2.5", "x'ff00'", "NULL", "'text'"]
            try log.append(names: "a")
            try log.writer.execute(
                """
                CREATE TABLE loose AS SELECT * FROM bus_events;
                DROP TABLE bus_events;
                CREATE TABLE bus_events (offset INTEGER PRIMARY KEY, \(columns.joined(separator: ", ")));
                CREATE INDEX bus_events_by_correlation ON bus_events (correlation_id) WHERE correlation_id IS NOT NULL;
                """)
            var count = 0
            for column in columns {
                for value in values {
                    count += 1
                    try log.writer.execute(
                        "INSERT INTO bus_events SELECT \(count), \(columns.joined(separator: ", ")) FROM loose")
                    try log.writer.execute("UPDATE bus_events SET \(column) = \(value) WHERE offset = \(count)")
                }
            }
            try log.subscribe(1, "s", to: ["a"])
            let page = try await log.reader.events(EventSelection())
            #expect(page.events.count == count)
            // Only the first of them is at its own offset, and it has no id.
            #expect(!page.events.contains { $0.isIntact })
            for offset in 1...count {
                let outcome = try await log.reader.outcome(of: Offset(rawValue: Int64(offset)), including: .descendants)
                #expect(outcome.pending == 1)
            }
        }
    }

    @Test("text that is no UTF-8 makes an event that is not intact")
    func encoding() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1))
            var sum = RowChecksum()
            sum.add(ReadableLog.id(1).description)
            for part in [[0x61, 0xFF]] as [[UInt8]] { part.withUnsafeBytes { sum.add($0) } }
            sum.add(1)
            sum.add(nil as String?)
            sum.add(0)
            sum.add(nil as String?)
            sum.add(nil as String?)
            sum.add(0)
            sum.add(nil as String?)
            sum.add(nil as String?)
            sum.add(nil as String?)
            sum.add("{}")
            try log.writer.execute("UPDATE bus_events SET name = CAST(x'61ff' AS TEXT), checksum = \(sum.finish(offset: 1))")
            let event = try #require(try await log.reader.events(EventSelection()).events.first)
            #expect(!event.isIntact)
            #expect(event.event.name == "a\u{FFFD}")
        }
    }

    @Test(
        "headers are read in every form of JSON",
        arguments: [
            ("{}", [:]), (#"{"a":"b"}"#, ["a": "b"]), (#"{"a":"b","c":""}"#, ["a": "b", "c": ""]),
            (#"{ "a" : "b" }"#, ["a": "b"]), (#"{"a\n":"\u00fc"}"#, ["a\n": "ü"]), (#"{"ü":"🙂"}"#, ["ü": "🙂"]),
        ] as [(String, [String: String])])
    func headers(text: String, headers: [String: String]) {
        let read = Array(text.utf8).withUnsafeBytes { HeaderText.decode($0) }
        #expect(read == headers)
    }

    @Test(
        "what is no object of texts is no headers",
        arguments: ["", "{", "{}x", #"{"a"}"#, #"{"a":1}"#, #"{"a":"b"#, #"{"a":"b"}{}"#, "[]", "null", "\"a\""])
    func noHeaders(text: String) {
        let read = Array(text.utf8).withUnsafeBytes { HeaderText.decode($0) }
        #expect(read == nil)
    }

    @Test("identifiers are read in both cases, and nothing else is")
    func identifiers() {
        func read(_ text: String) -> EventID? { Array(text.utf8).withUnsafeBytes { EventID(ascii: $0) } }
        let id = EventID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        #expect(read(id.description) == id)
        #expect(read(id.description.uppercased()) == id)
        for text in [
            "", "0123456789abcdeffedcba9876543210", id.description + "0", String(id.description.dropLast()) + "g",
            id.description.replacingOccurrences(of: "-", with: "0"), String(repeating: "-", count: 36),
        ] {
            #expect(read(text) == nil)
        }
    }
}
