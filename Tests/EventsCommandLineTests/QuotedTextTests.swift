//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import EventsCommandLine

@Suite("Text in messages")
struct QuotedTextTests {
    @Test("is cut behind 60 characters, and says so")
    func length() {
        let longest = String(repeating: "x", count: 60)
        #expect(longest.quoted == "\"\(longest)\"")
        #expect((longest + "y").quoted == "\"\(longest)…\"")
        #expect("abcd".printable(3) == "abc…")
    }

    @Test("keeps nothing that a terminal would obey or hide")
    func escapes() {
        #expect("a\u{1B}[2J\u{202E}\n".quoted == #""a\u{1b}[2J\u{202e}\u{a}""#)
        #expect("a\u{1B}[2J".printable() == #"a\u{1b}[2J"#)
    }

    @Test("has its quotation marks and backslashes escaped where it stands in quotation marks, and only there")
    func quotationMarks() {
        #expect(#"a"b\c"#.quoted == #""a\"b\\c""#)
        #expect(#"a"b\c"#.printable() == #"a"b\c"#)
    }
}
