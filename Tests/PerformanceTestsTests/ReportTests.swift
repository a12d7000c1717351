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

@Suite("The report")
struct ReportTests {
    static let fast = Measurement(name: "fast", value: 10, unit: "ms", budget: .hard(.valueAtMost(50)))
    static let slow = Measurement(name: "slow", value: 60, unit: "ms", budget: .hard(.valueAtMost(50)))
    static let short = Measurement(name: "short", value: 2, unit: "events/s", baseline: 1, budget: .expected(.ratioAtLeast(3)))
    static let free = Measurement(name: "free", value: 1, unit: "µs")

    @Test(
        "numbers have at least three digits and no needless decimals",
        arguments: [
            (0.0, "0"), (0.4249, "0.42"), (1, "1"), (3.05, "3.05"), (9.996, "10"), (12.34, "12.3"), (99.96, "100"),
            (1_234, "1234"),
            (9_999, "9999"), (12_345, "12.3k"), (750_000, "750k"), (999_499, "999k"), (999_500, "1M"), (3_912_345, "3.91M"),
            (-0.5, "-0.50"), (-0.001, "0"), (.nan, "-"), (.infinity, "-"),
        ])
    func numbers(number: Double, text: String) {
        #expect(number.threeDigits == text)
    }

    @Test("no line of the table is wider than 80 characters")
    func width() {
        let widest = Measurement(
            name: "batch64-4p-4w/async-stream", value: 99_400_000, unit: "deliveries/s", baseline: 12_340,
            budget: .expected(.ratioAtLeast(5)))
        #expect(([Table.header] + [widest, Self.slow].map(Table.row)).allSatisfy { $0.count <= 80 })
        #expect(Table.row(widest).hasSuffix("pass"))
    }

    @Test("no benchmark's line in the list is wider than 80 characters, and no name is there twice")
    func list() {
        #expect(Benchmark.all.allSatisfy { $0.listing.count <= 80 })
        #expect(Set(Benchmark.all.map(\.name)).count == Benchmark.all.count)
    }

    @Test("kept budgets pass, and so does what has none")
    func pass() {
        let verdict = Verdict(on: [Self.fast, Self.free], strict: true)
        #expect(verdict.exitCode == 0)
        #expect(verdict.lines(after: .seconds(3)) == ["Passed: all budgets kept (1), in 3 s."])
    }

    @Test("a missed hard budget fails, and says by how much")
    func hardBudget() {
        let verdict = Verdict(on: [Self.fast, Self.slow], strict: false)
        #expect(verdict.exitCode == 1)
        #expect(
            verdict.lines(after: .seconds(3))
                == ["FAILED: slow is 60 ms, allowed are 50", "FAILED: 1 of 2 budgets missed, in 3 s."])
    }

    @Test("a missed expectation is said, and fails when that is asked for")
    func expectation() {
        let verdict = Verdict(on: [Self.fast, Self.short], strict: false)
        #expect(verdict.exitCode == 0)
        #expect(
            verdict.lines(after: .seconds(3)) == [
                "Not reached: short is 2x of 3x (fails only with --strict)",
                "Passed: no budget broken, 1 goal not reached (2 checked), in 3 s.",
            ])
        #expect(Verdict(on: [Self.short], strict: true).exitCode == 1)
    }
}
