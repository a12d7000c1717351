//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("The command line")
struct CommandLineTests {
    @Test("without arguments asks for the defaults")
    func defaults() {
        #expect(CommandLineParser.parse([]) == .run(Options(input: nil, workers: 4, faults: .mail, json: false)))
    }

    @Test("takes values attached or apart, in any order, and the last of several")
    func values() {
        let expected = ParsedCommandLine.run(Options(input: "a=b.jsonl", workers: 8, faults: Options.Faults.none, json: true))
        #expect(
            CommandLineParser.parse(["--json", "--input", "a=b.jsonl", "--workers", "8", "--faults", "none"]) == expected)
        #expect(
            CommandLineParser.parse(["--workers=2", "--faults=none", "--input=a=b.jsonl", "--workers=8", "--json", "--"])
                == expected)
        #expect(CommandLineParser.parse(["--input", "--json"]) == .run(Options(input: "--json")))
    }

    @Test("takes a file for the log, and whether to go on with it")
    func log() {
        #expect(CommandLineParser.parse(["--db", "a.db"]) == .run(Options(database: "a.db", resume: false)))
        #expect(CommandLineParser.parse(["--resume", "--db=a.db"]) == .run(Options(database: "a.db", resume: true)))
    }

    @Test("takes options cut short, as long as they are clear")
    func abbreviations() {
        let expected = ParsedCommandLine.run(Options(input: "a", workers: 8, faults: Options.Faults.none, json: true))
        #expect(CommandLineParser.parse(["--in", "a", "--work=8", "--f", "none", "--js"]) == expected)
    }

    @Test("asks for help", arguments: [["--help"], ["--he"], ["-h"], ["-hx"], ["--json", "--help", "--nonsense"]])
    func help(arguments: [String]) {
        #expect(CommandLineParser.parse(arguments) == .help)
    }

    @Test(
        "is refused with one line that says why",
        arguments: [
            (["--nonsense"], #"unknown option "--nonsense"; see --help"#),
            (["--nonsense=1"], #"unknown option "--nonsense"; see --help"#),
            (["-x"], #"unknown option "-x"; see --help"#),
            (["-xh"], #"unknown option "-x"; see --help"#),
            (["-é"], #"unknown option "-é"; see --help"#),
            (["--inputs=a"], #"unknown option "--inputs"; see --help"#),
            (
                ["--=1"],
                #"option "--" is ambiguous: it may be --input, --db, --resume, --workers, --faults, --crash-after, --json, --help"#
            ),
            (["-"], #"unexpected argument "-"; use --input FILE to name the order stream"#),
            (["--json", "x", "--help"], #"unexpected argument "x"; use --input FILE to name the order stream"#),
            (["--input", "a\u{0}b"], #"unexpected argument "a\u{0}b"; use --input FILE to name the order stream"#),
            (["=", "x"], #"unexpected argument "="; use --input FILE to name the order stream"#),
            (["orders.jsonl"], #"unexpected argument "orders.jsonl"; use --input FILE to name the order stream"#),
            (["--", "x"], #"unexpected argument "x"; use --input FILE to name the order stream"#),
            ([""], #"unexpected argument ""; use --input FILE to name the order stream"#),
            (["--input"], "--input needs a value; see --help"),
            (["--db"], "--db needs a value; see --help"),
            (["--db="], "--db needs the path of a file"),
            (["--resume"], "--resume needs --db FILE, the file to go on with"),
            (["--db", "a", "--resume=yes"], "--resume takes no value; see --help"),
            (["--input="], "--input needs the path of a file"),
            (["--workers", "2", "--inp"], "--input needs a value; see --help"),
            (["--json=yes"], "--json takes no value; see --help"),
            (["--workers", "0"], #"--workers takes a whole number from 1 to 64, not "0""#),
            (["--workers", "65"], #"--workers takes a whole number from 1 to 64, not "65""#),
            (["--workers=99999999999999999999"], #"--workers takes a whole number from 1 to 64, not "99999999999999999999""#),
            (["--workers", "four"], #"--workers takes a whole number from 1 to 64, not "four""#),
            (["--faults", "disk"], #"--faults takes none or mail, not "disk""#),
            (["--crash-after", "0"], #"--crash-after takes a whole number of lines, not "0""#),
        ])
    func refused(arguments: [String], message: String) {
        #expect(CommandLineParser.parse(arguments) == .usageError(message))
    }

    @Test("its help fits a terminal and names every option")
    func helpText() {
        #expect(Options.help.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for option in ["--input", "--db", "--resume", "--workers", "--faults", "--crash-after", "--json", "--help"] {
            #expect(Options.help.contains(option))
        }
    }
}
