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

@Suite("getopt_long as a function")
struct GetoptLongTests {
    private typealias Match = GetoptLong.Match

    private static let options = [
        GetoptLong.Option(name: "verbose", letter: "v"), GetoptLong.Option(name: "version"),
        GetoptLong.Option(name: "in", takesValue: true), GetoptLong.Option(name: "input", takesValue: true),
    ]

    private static func scan(
        _ arguments: String..., operands: GetoptLong.Operands = .refused
    ) -> GetoptLong.Scan {
        GetoptLong.scan(arguments, for: options, operands: operands)
    }

    @Test("names the options that an abbreviation fits")
    func ambiguity() {
        let scan = Self.scan("--version", "--ver=x")
        #expect(scan.matches == [Match(name: "version")])
        #expect(scan.problem == .ambiguous(option: "--ver", candidates: ["verbose", "version"]))
    }

    @Test("takes a whole name before a longer one that begins with it")
    func exactName() {
        let scan = Self.scan("--in", "a", "--inp=b=c", "--in=")
        #expect(
            scan.matches == [Match(name: "in", value: "a"), Match(name: "input", value: "b=c"), Match(name: "in", value: "")])
        #expect(scan.problem == nil)
    }

    @Test("takes letters alone and in a group, and says which of a group is unknown")
    func letters() {
        let scan = Self.scan("-v", "-vv", "-vzv", "--version")
        #expect(scan.matches == Array(repeating: Match(name: "verbose"), count: 4))
        #expect(scan.problem == .unknown(option: "-z"))
    }

    @Test("takes what looks like an option for a value where one is due, also two dashes")
    func values() {
        #expect(Self.scan("--in", "--", "--input", "--in").matches.map(\.value) == ["--", "--in"])
        #expect(Self.scan("--in").problem == .missingValue(option: "in"))
    }

    @Test("ends at two dashes, which are not an argument themselves")
    func end() {
        #expect(Self.scan("-v", "--").problem == nil)
        #expect(Self.scan("-v", "--", "-v").matches.count == 1)
        #expect(Self.scan("-v", "--", "-v").problem == .unexpected(argument: "-v"))
    }

    @Test("operands may stand among the options, and after two dashes everything is one")
    func operands() {
        let scan = Self.scan("mail/1", "-v", "--in", "x", "-", "mail/2", "--", "-v", "--", operands: .mixed)
        #expect(scan.operands == ["mail/1", "-", "mail/2", "-v", "--"])
        #expect(scan.matches == [Match(name: "verbose"), Match(name: "in", value: "x")])
        #expect(scan.problem == nil)
        #expect(Self.scan("", "a b", operands: .mixed).operands == ["", "a b"])
    }

    @Test("the first operand can end the options")
    func leadingOptions() {
        let scan = Self.scan("-v", "list", "-v", "--nonsense", operands: .last)
        #expect(scan.matches.count == 1 && scan.problem == nil)
        #expect(scan.operands == ["list", "-v", "--nonsense"])
    }

    @Test("a letter may take a value, at once or as the next argument")
    func lettersWithValues() {
        let options = [
            GetoptLong.Option(name: "limit", letter: "n", takesValue: true), GetoptLong.Option(name: "yes", letter: "y"),
        ]
        let scan = GetoptLong.scan(["-n5", "-yn", "6", "x"], for: options, operands: .mixed)
        #expect(scan.matches == [Match(name: "limit", value: "5"), Match(name: "yes"), Match(name: "limit", value: "6")])
        #expect(scan.operands == ["x"])
        #expect(GetoptLong.scan(["-n"], for: options).problem == .missingValue(option: "limit"))
    }

    @Test("keeps nothing of the scan before, also when scans run at the same time")
    func concurrency() async {
        await withTaskGroup { group in
            for number in 0..<64 {
                group.addTask {
                    let value = String(repeating: "x", count: number)
                    for _ in 0..<300 {
                        #expect(Self.scan("-v", "-zv").problem == .unknown(option: "-z"))
                        #expect(Self.scan("--in", value, "--input=\(value)y").matches.map(\.value) == [value, value + "y"])
                    }
                }
            }
        }
    }
}
