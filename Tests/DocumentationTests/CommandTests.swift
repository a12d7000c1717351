//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@Suite("Commands")
struct CommandTests {
    /// Programs that a page may tell a reader to run besides the project's own scripts.
    private static let programs: Set = ["cd", "git", "mkdir", "sqlite3", "swift"]

    /// Whose sources know the options of a script that passes them on.
    private static let behind = [
        "scripts/demo": "Sources/AllocationExample", "scripts/bench": "PerformanceTests",
        "scripts/eventbus": "Sources/EventsOperations",
    ]

    /// Options of `swift test`, to which `scripts/test` passes on what it does not know.
    private static let swiftTestOptions: Set = ["--filter", "--sanitize", "--parallel", "--no-parallel", "--list-tests"]

    @Test("every script that a page names is there and can be run")
    func scriptsExist() throws {
        for (place, words) in try commands() {
            let script = words[0]
            if Self.isScript(script) {
                #expect(Documentation.isExecutable(script), "\(place): \(script) is not there or not executable")
            } else if !Self.programs.contains(script) {
                Issue.record("\(place): '\(script)' is no script of the project and no program that these pages use")
            }
        }
    }

    @Test("every option that a page gives to a script is one that the script knows")
    func optionsExist() throws {
        for (place, words) in try commands() where Self.isScript(words[0]) {
            for word in words.dropFirst() where word.hasPrefix("--") {
                let option = String(word.prefix { $0 != "=" })
                #expect(try Self.knows(words[0], option), "\(place): \(words[0]) has no option \(option)")
            }
        }
    }

    /// The commands of all pages, as words, with their places: lines of `sh` and `console` blocks, and spans that name a script.
    private func commands() throws -> [(place: String, words: [String])] {
        var commands: [(String, [String])] = []
        for page in try Documentation.allPages() {
            for block in page.blocks where block.language == "sh" || block.language == "console" {
                for (index, line) in block.lines.enumerated()
                // In a console block, what is typed begins with a dollar sign; all else is what the program says.
                where block.language == "sh" || line.hasPrefix("$ ") {
                    let command = line.drop { $0 == "$" || $0 == " " }.split(separator: "#", omittingEmptySubsequences: false)[0]
                    let words = command.split(separator: " ").map(String.init)
                    if !words.isEmpty { commands.append(("\(block.page):\(block.line + index + 1)", words)) }
                }
            }
            for (line, span) in page.codeSpans {
                let words = span.split(separator: " ").map(String.init)
                guard let first = words.first, Self.isScript(first), !first.contains(".awk"), !first.contains(".txt") else {
                    continue
                }
                commands.append(("\(page.path):\(line)", words))
            }
        }
        return commands
    }

    private static func isScript(_ word: String) -> Bool {
        word.hasPrefix("scripts/") || word == ".ci/run"
    }

    private static func knows(_ script: String, _ option: String) throws -> Bool {
        if option == "--help" { return true }
        if script == "scripts/test", swiftTestOptions.contains(option) { return true }
        if try Documentation.text(script).contains(option) { return true }
        guard let folder = behind[script] else { return false }
        return try Documentation.files(under: folder, suffix: ".swift").contains { path in
            let text = try Documentation.text(path)
            // A description of options has their names without the dashes.
            return text.contains(option) || text.contains("\"\(option.dropFirst(2))\"")
        }
    }
}
