//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import Testing

@Suite("Name")
struct NameTests {
    @Test("ordinary names are fine", arguments: ["order.placed", "a", "Größe 1", "発注", "with/slash", " "])
    func fine(name: String) {
        #expect(Name.problem(name, of: "event") == nil)
    }

    @Test("an empty name is refused, and the message says whose it is")
    func empty() {
        #expect(Name.problem("", of: "subscription")?.contains("subscription") == true)
    }

    @Test("a name of 200 bytes is the longest; bytes count, not characters")
    func length() {
        #expect(Name.problem(String(repeating: "a", count: 200), of: "event") == nil)
        #expect(Name.problem(String(repeating: "a", count: 201), of: "event")?.contains("201") == true)
        #expect(Name.problem(String(repeating: "é", count: 101), of: "event")?.contains("202") == true)
    }

    @Test("control characters are refused and shown by number, so that the message cannot steer a terminal")
    func control() throws {
        for name in ["a\u{0}b", "a\nb", "\u{1B}[2J", "\u{7F}", "\u{9B}2J", "a\r\nb"] {
            let problem = try #require(Name.problem(name, of: "event"))
            #expect(problem.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
        #expect(Name.problem("a\u{1B}b", of: "event")?.contains("\\u{1b}") == true)
    }

    @Test("a message about a name that is too long shows no control characters either")
    func longWithControl() throws {
        let problem = try #require(Name.problem("\u{1B}" + String(repeating: "a", count: 300), of: "event"))
        #expect(!problem.contains("\u{1B}"))
        #expect(problem.utf8.count < 200)
    }

    @Test("check throws what is wrong as invalidName")
    func check() throws {
        try Name.check("fine", of: "event")
        let error = #expect(throws: EventBusError.self) { try Name.check("", of: "event") }
        #expect(error?.code == .invalidName)
    }
}
