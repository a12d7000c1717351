//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The readable form of the results, in lines of at most 80 characters.
enum Table {
    static let header = line("benchmark", "value", "unit", "baseline", "ratio", "budget", "")

    static func row(_ measurement: Measurement) -> String {
        line(
            measurement.name, measurement.value.threeDigits, measurement.unit, measurement.baseline?.threeDigits ?? "",
            measurement.ratio.map { "\($0.threeDigits)x" } ?? "", measurement.budget?.text ?? "",
            outcome(measurement))
    }

    private static func outcome(_ measurement: Measurement) -> String {
        guard let budget = measurement.budget else { return "" }
        return measurement.pass == true ? "pass" : budget.isHard ? "FAIL" : "MISS"
    }

    private static func line(
        _ name: String, _ value: String, _ unit: String, _ baseline: String, _ ratio: String, _ budget: String, _ pass: String
    ) -> String {
        let columns = [
            name.padded(to: 26), value.padded(to: 7, right: true), unit.padded(to: 12), baseline.padded(to: 8, right: true),
            ratio.padded(to: 6, right: true), budget.padded(to: 7, right: true), pass,
        ]
        var line = columns.joined(separator: " ")
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension Budget {
    var text: String {
        switch limit {
        case .valueAtMost(let value): "<= \(value.threeDigits)"
        case .ratioAtLeast(let ratio): ">= \(ratio.threeDigits)x"
        }
    }
}
