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

@Suite("getopt_long as a function")
struct GetoptLongTests {
    private typealias Match = GetoptLong.Match

    private static let options = [
        GetoptLong.Option(name: "verbose", letter: "v"), GetoptLong.Option(name: "version"),
        GetoptLong.Option(name: "in", takesValue: true), GetoptLong.Option(name: "input", takesValue: true),
    ]

    private static func scan(_ arguments: String...) -> (matches: [GetoptLong.Match], problem: GetoptLong.Problem?) {
        GetoptLong.scan(arguments, for: options)
    }

    @Test("names the options that an abbreviation fits")
    func ambiguity() {
        let (matches, problem) = Self.scan("--version", "--ver=x")
        #expect(matches == [Match(name: "version")])
        #expect(problem == .ambiguous(option: "--ver", candidates: ["verbose", "version"]))
    }

    @Test("takes a whole name before a longer one that begins with it")
    func exactName() {
        let (matches, problem) = Self.scan("--in", "a", "--inp=b=c", "--in=")
        #expect(
            matches == [Match(name: "in", value: "a"), Match(name: "input", value: "b=c"), Match(name: "in", value: "")])
        #expect(problem == nil)
    }

    @Test("takes letters alone and in a group, and says which of a group is unknown")
    func letters() {
        let (matches, problem) = Self.scan("-v", "-vv", "-vzv", "--version")
        #expect(matches == Array(repeating: Match(name: "verbose"), count: 4))
        #expect(problem == .unknown(option: "-z"))
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
