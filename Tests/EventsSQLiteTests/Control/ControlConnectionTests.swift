//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Testing

@testable import EventsSQLite

@Suite("What one client of the owner's socket may do")
struct ControlConnectionTests {
    private static let start = MonotonicTime(nanoseconds: 0)
    private var connection: ControlConnection

    init() {
        var limits = ControlConnection.Limits()
        limits.line = 8
        connection = ControlConnection(limits: limits, at: Self.start)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private func after(_ seconds: Int) -> MonotonicTime { Self.start.advanced(by: .seconds(seconds)) }

    @Test("a line that comes in pieces is one line")
    mutating func pieces() {
        #expect(connection.receive(bytes("he"), at: Self.start) == .none)
        #expect(connection.receive(bytes("llo\n"), at: Self.start) == .line(bytes("hello")))
    }

    @Test("a second line waits until the first is answered and the answer is taken")
    mutating func pipelined() {
        #expect(connection.receive(bytes("a\nb\n"), at: Self.start) == .line(bytes("a")))
        #expect(!connection.isListening)
        connection.answer(bytes("A"), at: Self.start)
        #expect(Array(connection.rest) == bytes("A\n"))
        #expect(connection.sent(1, at: Self.start) == ControlConnection.Input.none)
        #expect(connection.sent(1, at: Self.start) == .line(bytes("b")))
    }

    @Test(
        "a line that is too long is refused, whether it ends or not, and nothing is received after the answer",
        arguments: ["123456789", "123456789\n"])
    mutating func tooLong(line: String) {
        var connection = connection
        #expect(connection.receive(bytes(line), at: Self.start) == .tooLong)
        #expect(!connection.isListening)
        connection.answer(bytes("no"), at: Self.start)
        #expect(connection.sent(3, at: Self.start) == nil)
    }

    @Test("a line of just the length is taken")
    mutating func longest() {
        #expect(connection.receive(bytes("12345678\n"), at: Self.start) == .line(bytes("12345678")))
    }

    @Test("who says nothing has a minute, who does not go on has ten seconds from the first byte")
    mutating func patience() {
        #expect(connection.deadline == after(60))
        _ = connection.receive(bytes("a"), at: after(5))
        #expect(connection.deadline == after(15))
        _ = connection.receive(bytes("b"), at: after(14))
        #expect(connection.deadline == after(15), "a byte now and then buys no time")
    }

    @Test("nobody is given up while the bus is to answer")
    mutating func answering() {
        _ = connection.receive(bytes("a\n"), at: Self.start)
        #expect(connection.deadline == nil)
        connection.answer(bytes("A"), at: after(100))
        #expect(connection.deadline == after(110))
    }

    @Test("who waits for nothing can be sent away")
    mutating func idle() {
        #expect(connection.isIdle)
        _ = connection.receive(bytes("a"), at: Self.start)
        #expect(!connection.isIdle)
    }

    @Test("an answer that nobody waits for changes nothing")
    mutating func unasked() {
        connection.answer(bytes("A"), at: Self.start)
        #expect(connection.rest.isEmpty && connection.isListening)
        #expect(connection.sent(0, at: Self.start) == ControlConnection.Input.none)
    }
}
