//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import Foundation
import Testing

/// A small command to try the parts on.
enum Sample {
    static let command = CommandDescription(
        name: "tool", summary: "does things", discussion: ["It does - what it's told."],
        verbs: [
            VerbDescription(
                "box list", "List what is in a box",
                options: [
                    OptionDescription("limit", letter: "n", value: "N", "How many."),
                    OptionDescription("kind", value: "KIND", "Of what kind.", values: ["red", "blue"]),
                ], examples: [CommandExample("box list --limit 5", "The first five.")]),
            VerbDescription(
                "box put", "Put things into a box", operands: [OperandDescription("THING", "What.", isRepeated: true)],
                options: [OptionDescription("yes", letter: "y", "Do it.")]),
            VerbDescription("look", "Look at one thing", operands: [OperandDescription("THING", "What.")]),
            VerbDescription("paint", "Paint", operands: [OperandDescription("COLOUR", "Which.", values: ["red", "blue"])]),
        ],
        options: [
            OptionDescription("db", value: "FILE", "The file.", completion: .file), OptionDescription("json", "For programs."),
        ],
        exitCodes: [(0, "done"), (2, "wrong usage")], environment: [("TOOL_DB", "The file.")],
        examples: [CommandExample("look 1", "Look.")])
}

@Suite("Reading a command line")
struct CommandParserTests {
    private func parse(_ arguments: String...) -> CommandParser.Outcome { CommandParser(Sample.command).parse(arguments) }

    private func run(_ outcome: CommandParser.Outcome) throws -> ParsedArguments {
        guard case .run(let arguments) = outcome else {
            Issue.record("\(outcome)")
            throw CancellationError()
        }
        return arguments
    }

    private func message(_ outcome: CommandParser.Outcome) -> String {
        if case .usageError(let message) = outcome { message } else { "no error" }
    }

    private func firstLine(_ outcome: CommandParser.Outcome) -> String {
        if case .help(let lines) = outcome { lines.first ?? "" } else { "no help" }
    }

    @Test("options may stand before the verb, after it, and among its arguments")
    func places() throws {
        let arguments = try run(parse("--db", "a", "box", "put", "x", "--yes", "y", "--json"))
        #expect(arguments.verb == ["box", "put"] && arguments.operands == ["x", "y"])
        #expect(arguments.value("db") == "a" && arguments.has("yes") && arguments.has("json"))
        #expect(try run(parse("box", "put", "--", "--yes")).operands == ["--yes"])
    }

    @Test("of several values of an option the last counts, and all are there")
    func repeated() throws {
        let arguments = try run(parse("--db=a", "box", "list", "--db", "b", "-n5", "--lim=6"))
        #expect(arguments.value("db") == "b" && arguments.values("limit") == ["5", "6"])
    }

    @Test("help is where people look for it")
    func help() {
        for outcome in [parse(), parse("--help"), parse("-h"), parse("help")] {
            #expect(firstLine(outcome) == "tool - does things")
        }
        for outcome in [
            parse("help", "box", "list"), parse("box", "list", "-h"), parse("box", "list", "--kind", "odd", "--help"),
        ] {
            #expect(firstLine(outcome).hasPrefix("Usage: tool box list"))
        }
        for outcome in [parse("help", "box"), parse("box", "--help")] {
            #expect(firstLine(outcome) == "Usage: tool box COMMAND [OPTION]...")
        }
    }

    @Test(
        "what is wrong is said in one line that says what to do",
        arguments: [
            (["bxo"], #"unknown command "bxo"; did you mean 'box'?"#),
            (["zzzzzz"], #"unknown command "zzzzzz"; see tool --help"#),
            (["box"], "'box' needs one of list or put; see tool box --help"),
            (["box", "lits"], #"unknown command "lits" after 'box'; did you mean 'list'?"#),
            (["look"], "'look' needs THING; see tool look --help"),
            (["look", "a", "b"], #"unexpected argument "b" after 'look'; see tool look --help"#),
            (["look", "a", "--yes"], #"'look' has no option "--yes" ('box put' has); see tool look --help"#),
            (["look", "a", "--zzz"], #"unknown option "--zzz"; see tool look --help"#),
            (["box", "list", "--limit"], "--limit needs a value; see tool box list --help"),
            (["box", "list", "--json=1"], "--json takes no value; see tool box list --help"),
            (["box", "list", "--kind", "odd"], #"--kind takes red or blue, not "odd""#),
            (["paint", "odd"], #"COLOUR is red or blue, not "odd""#),
            (["help", "odd\u{1B}"], #"unknown command "odd\u{1b}"; see tool --help"#),
            (["--odd"], #"unknown option "--odd"; see tool --help"#),
        ])
    func errors(arguments: [String], expected: String) {
        #expect(message(CommandParser(Sample.command).parse(arguments)) == expected)
    }

    @Test("no line of any help is wider than a terminal")
    func width() {
        for arguments in [["--help"], ["help", "box"], ["help", "box", "list"], ["help", "look"]] {
            guard case .help(let lines) = CommandParser(Sample.command).parse(arguments) else { continue }
            #expect(lines.allSatisfy { $0.count <= 80 && $0.last != " " })
        }
    }

    @Test("the page of the manual has every verb and option, and escapes what the formatter would obey")
    func manual() {
        let page = ManPage(Sample.command).text(version: "1.0")
        for text in [
            ".TH \"TOOL\" \"1\"", ".SS \"tool box list\"", "\\fB\\-\\-limit\\fR \\fIN\\fR", "tool look 1",
            "It does \\- what it's told.",
        ] {
            #expect(page.contains(text))
        }
    }
}

#if os(Linux) || os(macOS)
@Suite("Completions")
struct CompletionTests {
    private func shell(_ shell: String, _ arguments: [String], input: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [shell] + arguments
        let (input, output) = (input, Pipe())
        let file = FileManager.default.temporaryDirectory.appending(path: "completion-\(UUID().uuidString)")
        try input.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// What bash offers for the last of some words.
    private func offers(_ words: [String]) throws -> Set<String> {
        let script =
            Completions(Sample.command).script(for: .bash) + """

                COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " ")))
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _tool_complete
                printf '%s\\n' "${COMPREPLY[@]}"
                """
        return Set(try shell("bash", ["--norc"], input: script).output.split(separator: "\n").map(String.init))
    }

    @Test("bash completes verbs, their second words, options and values")
    func bash() throws {
        #expect(try offers(["tool", ""]) == ["box", "look", "paint"])
        #expect(try offers(["tool", "bo"]) == ["box"])
        #expect(try offers(["tool", "--json", "box", ""]) == ["list", "put"])
        #expect(try offers(["tool", "box", "list", "--"]) == ["--limit", "--kind", "--db", "--json", "--help"])
        #expect(try offers(["tool", "box", "list", "--kind", ""]) == ["red", "blue"])
        #expect(try offers(["tool", "box", "list", "--kind", "=", "r"]) == ["red"])
        #expect(try offers(["tool", "box", "put", "thing", "--y"]) == ["--yes"])
        #expect(try offers(["tool", "--db", "x", "bo"]) == ["box"])
        #expect(try offers(["tool", "paint", ""]) == ["red", "blue"])
        #expect(try offers(["tool", "look", "--db", "/et"]).contains("/etc"))
    }

    @Test("a command inside of a service is completed behind the service's own word")
    func embedded() throws {
        var command = Sample.command
        command.name = "Shop bus"
        let script = Completions(command).script(for: .bash)
        #expect(script.contains("complete -F _Shop_complete Shop"))
        #expect(script.contains("'bus box list') words="))
    }

    @Test("each script is of its shell's language, where the shell is there", arguments: Completions.Shell.allCases)
    func syntax(kind: Completions.Shell) throws {
        let script = Completions(Sample.command).script(for: kind)
        guard try shell("sh", ["-c", "command -v \(kind.rawValue)"], input: "").status == 0 else { return }
        let result = try shell(kind.rawValue, ["-n"], input: script)
        #expect(result.status == 0, "\(result.output)")
    }
}
#endif
