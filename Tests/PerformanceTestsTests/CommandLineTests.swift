//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import PerformanceTests

@Suite("The command line")
struct CommandLineTests {
    @Test("without arguments asks for everything, as a table")
    func defaults() {
        #expect(CommandLineParser.parse([]) == .run(Options(filter: nil, quick: false, json: false, strict: false)))
    }

    @Test("takes options in any order, values attached or apart, and the last of several")
    func values() {
        let all = ParsedCommandLine.run(Options(filter: "a=b", quick: true, json: true, strict: true))
        #expect(CommandLineParser.parse(["--json", "--filter", "a=b", "--strict", "--quick"]) == all)
        #expect(CommandLineParser.parse(["--js", "--filter=a=b", "--str", "--qu", "--"]) == all)
        #expect(CommandLineParser.parse(["--filter=x", "--quick", "--filter=a=b", "--json", "--strict"]) == all)
    }

    @Test("asks for the list or for help", arguments: [["--help"], ["-h"], ["--json", "--help"], ["--list", "--help"]])
    func help(arguments: [String]) {
        #expect(CommandLineParser.parse(arguments) == .help)
        #expect(CommandLineParser.parse(["--json", "--list"]) == .list)
    }

    @Test(
        "is refused with one line that says why",
        arguments: [
            (["--nonsense"], "unknown option '--nonsense'"), (["--nonsense=1"], "unknown option '--nonsense=1'"),
            (["-x"], "unknown option '-x'"), (["keyed"], "unexpected argument 'keyed'"),
            (["--", "keyed"], "unexpected argument 'keyed'"), (["--quick", "keyed", "--json"], "unexpected argument 'keyed'"),
            ([""], "unexpected argument ''"), (["-"], "unexpected argument '-'"),
            (["--filter"], "--filter needs a value"), (["--quick", "--filter"], "--filter needs a value"),
            (["--json=yes"], "--json takes no value"), (["--str=1"], "--strict takes no value"),
        ])
    func refused(arguments: [String], reason: String) {
        #expect(CommandLineParser.parse(arguments) == .usageError("\(reason); see --help"))
    }

    @Test("its help fits a terminal and names every option")
    func helpText() {
        #expect(Options.help.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for option in ["TMPDIR", "--quick", "--filter", "--json", "--strict", "--list", "--help"] {
            #expect(Options.help.contains(option))
        }
    }
}
