//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import AllocationExample

@Suite("An order stream")
struct OrderStreamTests {
    private static let order = #"{"type":"allocation.required","orderid":"o1","sku":"LAMP","qty":3}"#
    private static let event = AllocationEvent.allocationRequired(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: 3))

    /// The line of a number that has these bytes.
    private static func line(_ number: Int, _ text: String = order) -> LineID { LineID(number: number, bytes: Array(text.utf8)) }

    private func items(_ text: String, maximumLineLength: Int = 64 * 1024) throws -> [StreamItem] {
        try items(Array(text.utf8), maximumLineLength: maximumLineLength)
    }

    private func items(_ bytes: [UInt8], maximumLineLength: Int = 64 * 1024) throws -> [StreamItem] {
        try withTemporaryFile(bytes) { path in
            var stream = try OrderStream(path: path, maximumLineLength: maximumLineLength)
            var items: [StreamItem] = []
            while let item = try stream.next() { items.append(item) }
            return items
        }
    }

    @Test("skips blank lines but counts them, takes CR LF, and a last line without an end")
    func lineEnds() throws {
        let text = "\n\(Self.order)\r\n\r\n  \t \n\(Self.order)\n\n\(Self.order)"
        #expect(
            try items(text) == [
                .event(Self.event, line: Self.line(2)), .event(Self.event, line: Self.line(5)),
                .event(Self.event, line: Self.line(7)),
            ])
    }

    @Test("goes on after a malformed line, and says which it was")
    func rejected() throws {
        let result = try items("\(Self.order)\nnonsense\n\(Self.order)\n")
        #expect(result.count == 3)
        #expect(result.first == .event(Self.event, line: Self.line(1)))
        if case .rejected(let line, let reason) = result[1] {
            #expect(line == Self.line(2, "nonsense"))
            #expect(reason.contains("not valid JSON"))
        } else {
            Issue.record("line 2 should be rejected: \(result[1])")
        }
        #expect(result.last == .event(Self.event, line: Self.line(3)))
    }

    @Test("of an empty file, or of blank lines alone, is empty", arguments: ["", "\n", "\r\n \n\n"])
    func empty(text: String) throws {
        #expect(try items(text).isEmpty)
    }

    @Test("may begin with a byte order mark")
    func byteOrderMark() throws {
        #expect(try items([0xEF, 0xBB, 0xBF] + Array(Self.order.utf8)) == [.event(Self.event, line: Self.line(1))])
        #expect(try items([0xEF, 0xBB, 0xBF, 0x0A]).isEmpty)
    }

    @Test("takes a line of the greatest length and rejects a longer one, in the middle and at the end")
    func longLines() throws {
        let limit = Self.order.utf8.count
        let reason = "the line is longer than \(limit) bytes; write one short JSON object per line"
        let text = "\(Self.order)\r\n\(Self.order) \n\(Self.order)\n\(String(repeating: "x", count: 300_000))"
        #expect(
            try items(text, maximumLineLength: limit) == [
                .event(Self.event, line: Self.line(1)), .rejected(line: Self.line(2, ""), reason: reason),
                .event(Self.event, line: Self.line(3)),
                .rejected(line: Self.line(4, ""), reason: reason),
            ])
    }

    @Test("does not depend on where the file is cut into chunks", arguments: 1...40)
    func chunks(size: Int) throws {
        let text = "ab\r\n\nabcdefghij\nabcdefghijklmnopqrstuvwxyz\n\r\ncd\ré\n12"
        let lines = try withTemporaryFile(text.utf8) { path in
            var reader = try LineReader(path: path, maximumLength: 10, chunkSize: size)
            var lines: [LineReader.Line] = []
            while let line = try reader.next() { lines.append(line) }
            return lines
        }
        func bytes(_ text: String) -> LineReader.Line { .bytes(Array(text.utf8)) }
        #expect(
            lines == [bytes("ab"), bytes(""), bytes("abcdefghij"), .tooLong, bytes(""), bytes("cd\ré"), bytes("12")])
    }

    @Test("of a file that is not there fails with one clear line")
    func missing() {
        let error = #expect(throws: InputError.self) { try OrderStream(path: "/nonexistent/orders.jsonl") }
        #expect(
            error?.description == "cannot read the order stream \"/nonexistent/orders.jsonl\": there is no such file; "
                + "check the path given to --input")
    }

    @Test("of a directory fails with one clear line")
    func directory() {
        let path = FileManager.default.temporaryDirectory.path
        let error = #expect(throws: InputError.self) { try OrderStream(path: path) }
        #expect(error?.description.hasSuffix("it is a directory; give --input a file of JSON lines") == true)
    }

    @Test("of a path that cannot be one fails", arguments: ["", "a\u{0}b", "/dev/null/x"])
    func impossiblePath(path: String) {
        #expect(throws: InputError.self) { try OrderStream(path: path) }
    }

    @Test("tells how much of it was read, unless that cannot be known")
    func fraction() throws {
        try withTemporaryFile("\(Self.order)\n\(Self.order)\n\n\n\(Self.order)\nnonsens".utf8) { path in
            var stream = try OrderStream(path: path)
            // Three orders of 67 bytes with their line ends, two empty lines, and seven bytes.
            for bytes in [0.0, 67, 134, 203, 210] {
                #expect(stream.fractionRead == bytes / 210)
                _ = try stream.next()
            }
        }
        #expect(try OrderStream(path: "/dev/null").fractionRead == nil)
    }
}
