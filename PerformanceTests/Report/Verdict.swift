//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What all measurements together come to.
struct Verdict: Sendable, Hashable {
    /// Missed budgets that fail the run.
    let failures: [Measurement]
    /// Missed expectations that do not.
    let misses: [Measurement]
    /// How many measurements have a budget.
    let budgets: Int

    /// - Parameter strict: Whether expectations count as budgets do.
    init(on measurements: [Measurement], strict: Bool) {
        let missed = measurements.filter { $0.pass == false }
        failures = missed.filter { strict || $0.budget?.isHard == true }
        misses = missed.filter { !strict && $0.budget?.isHard == false }
        budgets = measurements.count { $0.budget != nil }
    }

    var exitCode: Int32 { failures.isEmpty ? ExitCode.success : ExitCode.failure }

    /// What was missed, one a line, and the conclusion.
    func lines(after duration: Duration) -> [String] {
        failures.map { "FAILED: \($0.shortfall)" } + misses.map { "Not reached: \($0.distance) (fails only with --strict)" }
            + ["\(conclusion), in \(Int((duration / .seconds(1)).rounded())) s."]
    }

    private var conclusion: String {
        if budgets == 0 { return "Done: nothing here has a budget" }
        if !failures.isEmpty { return "FAILED: \(failures.count + misses.count) of \(budgets) budgets missed" }
        if misses.isEmpty { return "Passed: all budgets kept (\(budgets))" }
        return "Passed: no budget broken, \(misses.count.counted("goal")) not reached (\(budgets) checked)"
    }
}

extension Measurement {
    /// What was expected of it and what it came to.
    fileprivate var shortfall: String {
        switch budget?.limit {
        case .valueAtMost(let most): "\(name) is \(value.threeDigits) \(unit), allowed are \(most.threeDigits)"
        case .ratioAtLeast(let least): "\(name) is \((ratio ?? .nan).threeDigits)x, expected \(least.threeDigits)x"
        case nil: name
        }
    }

    /// How far it came of where it should.
    fileprivate var distance: String {
        switch budget?.limit {
        case .valueAtMost(let most): "\(name) is \(value.threeDigits) of at most \(most.threeDigits) \(unit)"
        case .ratioAtLeast(let least): "\(name) is \((ratio ?? .nan).threeDigits)x of \(least.threeDigits)x"
        case nil: name
        }
    }
}
