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

@testable import AllocationExample

@Suite("The console")
struct ConsoleTests {
    private let captured = CapturedConsole()

    @Test("keeps text for people out of standard output when a program reads that")
    func forPrograms() {
        let console = captured.console(isForPrograms: true)
        console.say(["Totals"])
        console.result("{}")
        #expect(captured.outputText == "{}\n")
        #expect(captured.noticeText == "Totals\n")
    }

    @Test("writes progress over itself on a terminal, and wipes it away before anything else")
    func inPlace() {
        let console = captured.console(columns: 80)
        console.show(progress: "50 %")
        console.show(progress: "5 %")
        console.notice("line 7: wrong")
        console.show(progress: nil)
        console.show(progress: "6 %")
        console.say(["Totals"])
        #expect(captured.noticeText == "\r50 %\r5 % \r   \rline 7: wrong\n\r6 %\r   \r")
        #expect(captured.outputText == "Totals\n")
    }

    @Test("writes progress line by line where there is no terminal, or one too narrow", arguments: [nil, 40])
    func lineByLine(columns: Int?) {
        let console = captured.console(columns: columns)
        console.show(progress: "50 %")
        console.notice("line 7: wrong")
        console.show(progress: nil)
        #expect(captured.noticeText == "50 %\nline 7: wrong\n")
    }

    @Test("remembers what went wrong first with its output, and goes on")
    func failure() {
        let console = Console(
            output: Output { throw OutputError(code: $0 == "a\n" ? 28 : 5) }, notices: Output { _ in }, isForPrograms: false)
        #expect(console.failure == nil)
        console.say(["a"])
        console.say(["b"])
        #expect(console.failure as? OutputError == OutputError(code: 28))
    }

    @Test(
        "uses no styles where the user or the terminal wants none",
        arguments: [
            ([:], true), (["TERM": "xterm-256color"], true), (["NO_COLOR": ""], true), (["NO_COLOR": "1"], false),
            (["TERM": "dumb"], false),
        ] as [([String: String], Bool)])
    func style(environment: [String: String], isAllowed: Bool) {
        #expect(Output.allowsStyle(environment) == isAllowed)
    }
}
