//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import AllocationExample

@Suite(
    "A demonstration that is killed", .enabled(if: BuiltExecutable.exists, "the executable was not built beside the tests"),
    .timeLimit(.minutes(10)))
struct KillTests {
    /// `ALLOCATION_TEST_KILLS=100` kills each run a hundred times.
    private static let kills = ProcessInfo.processInfo.environment["ALLOCATION_TEST_KILLS"].flatMap { Int($0) } ?? 6

    @Test(
        "comes to the totals of an undisturbed run when it is resumed, however often that happens",
        arguments: [Options.Faults.none, .mail])
    func totals(faults: Options.Faults) async throws {
        let executable = try #require(BuiltExecutable())
        try await withTemporaryLog { log in
            var random = SeededGenerator(seed: faults == .mail ? 11 : 12)
            let options = ["--db", log, "--resume", "--faults", faults.rawValue, "--json"]
            var killed = 0
            for _ in 0..<Self.kills {
                let workers = [1, 2, 4, 16].randomElement(using: &random) ?? 4
                let moment = DispatchTimeInterval.milliseconds(Int.random(in: 1...500, using: &random))
                let result = try await executable.run(options + ["--workers", "\(workers)"], killedAfter: moment)
                if result.status == 0 {
                    #expect(try Self.totals(result.output).totals == Self.expected)
                } else {
                    killed += 1
                    #expect(result.status == SIGKILL, "\(result.errors)")
                    #expect(result.output.isEmpty)
                }
            }
            #expect(killed > 0)

            let last = try await executable.run(options)
            #expect(last.status == 0, "\(last.errors)")
            #expect(try Self.totals(last.output).totals == Self.expected)

            // Every event was handled exactly once: an effect that happened twice would be counted twice here.
            let finished = try await executable.run(options)
            #expect(try Self.totals(finished.output) == (Self.expected, 3_248))
        }
    }

    @Test("ends itself in the middle when it is told to, says how to go on, and does")
    func crashAfter() async throws {
        let executable = try #require(BuiltExecutable())
        try await withTemporaryLog { log in
            let crashed = try await executable.run(["--db", log, "--crash-after", "1000", "--json"])
            #expect(crashed.status == SIGKILL)
            #expect(crashed.errors.contains("after 1,000 lines") && crashed.errors.contains("--resume"))
            let resumed = try await executable.run(["--db", log, "--resume", "--json"])
            #expect(try Self.totals(resumed.output).totals == Self.expected)
            #expect(try Self.totals(resumed.output).resumed > 0)
        }
    }

    /// The totals of the Northwind order book, which every run comes to.
    private static var expected: String { NorthwindTests.expected.replacingOccurrences(of: #","resumed":0}"#, with: "") }

    /// The totals that a run printed, and the number of events that earlier runs had settled.
    private static func totals(_ output: String) throws -> (totals: String, resumed: Int) {
        let parts = output.components(separatedBy: #","resumed":"#)
        try #require(parts.count == 2, "\(output)")
        return (parts[0], try #require(Int(parts[1].prefix { $0.isNumber })))
    }
}
