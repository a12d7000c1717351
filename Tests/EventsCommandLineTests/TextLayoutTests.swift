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

@Suite("Text layout")
struct TextLayoutTests {
    @Test("breaks text at spaces so that lines have at most 80 columns")
    func wrapping() {
        let text = String(repeating: "four ", count: 40)
        let lines = TextLayout.wrap(text, first: "  * ")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("  * four four"))
        #expect(lines[1].hasPrefix("    four four"))
        #expect(lines.joined(separator: " ").split(separator: " ").count == 41)
    }

    @Test("breaks words that no line has room for")
    func longWords() {
        let lines = TextLayout.wrap("a " + String(repeating: "x", count: 200) + " b", first: "  ")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.joined().filter { $0 == "x" }.count == 200)
    }

    @Test("of nothing is one line")
    func empty() {
        #expect(TextLayout.wrap("", first: "  id  ") == ["  id  "])
    }

    @Test(
        "groups the digits of numbers by three",
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (-1_234_567, "-1,234,567"),
            (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func grouping(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test("writes durations for people")
    func durations() {
        #expect(Duration.milliseconds(1_234).secondsText == "1.23 s")
        #expect(Duration.milliseconds(52).secondsText == "0.05 s")
        #expect(Duration.seconds(3_600).secondsText == "3,600.00 s")
        #expect(Duration.milliseconds(20).millisecondsText == "20 ms")
    }
}
