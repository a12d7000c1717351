//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import Testing

@Suite("Text for a terminal")
struct TerminalTests {
    @Test(
        "nothing that a terminal obeys, or that turns text around, comes through",
        arguments: [
            0x00, 0x07, 0x1B, 0x7F, 0x80, 0x9B, 0x200B, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069, 0x061C, 0xFEFF, 0x2028,
            0x2029,
        ] as [UInt32])
    func escapes(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let text = "a" + String(scalar) + "b"
        #expect(text.printable == "a\\u{" + String(value, radix: 16) + "}b")
    }

    @Test("wide characters take two columns and marks none")
    func width() {
        #expect("abc".columnWidth == 3)
        #expect("漢字".columnWidth == 4)
        #expect("e\u{301}".columnWidth == 1)
        #expect("🎉".columnWidth == 2)
    }

    @Test("what is cut off leaves an ellipsis within the width")
    func truncation() {
        #expect("abcdef".truncated(to: 6) == "abcdef")
        #expect("abcdef".truncated(to: 4) == "abc…")
        #expect("漢字漢字".truncated(to: 4) == "漢…")
        #expect("abc".truncated(to: 0) == "")
    }

    @Test("a table shrinks what may, keeps what is to be copied, and has no spaces at the ends of lines")
    func table() {
        var table = TextTable([.left("ID"), .right("N"), .left("ERROR", least: 5)])
        table.add(["mail/17", "3", "a long story that does not fit"])
        table.add(["m/1", "12", ""])
        #expect(table.lines(width: 24) == ["ID        N  ERROR", "mail/17   3  a long sto…", "m/1      12"])
        #expect(table.lines(width: nil)[1] == "mail/17   3  a long story that does not fit")
        #expect(table.lines(width: 1)[1].hasPrefix("mail/17   3  a lo"))
    }

    @Test("names and values stand in two columns, and long values hang")
    func keyValues() {
        var block = KeyValueBlock()
        block.add("id", "mail/17")
        block.add("key", nil)
        block.add("error", Array(repeating: "word", count: 20).joined(separator: " "))
        let lines = block.lines()
        #expect(lines[0] == "id     mail/17")
        #expect(lines.count == 3 && lines[2].hasPrefix("       word"))
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test("style is codes or nothing")
    func style() {
        #expect(Style(isOn: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
        #expect(Style().red("x") == "x" && Style(isOn: true).bold("") == "")
    }
}
