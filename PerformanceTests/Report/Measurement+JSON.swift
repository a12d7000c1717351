//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension Measurement {
    /// The measurement as a JSON object without line breaks. All keys are always there; what does not apply is `null`.
    ///
    /// Written out by hand, because an encoder leaves out `nil` and puts keys in an order of its own.
    var jsonLine: String {
        let fields = [
            ("name", jsonString(name)),
            ("value", jsonNumber(value)),
            ("unit", jsonString(unit)),
            ("baseline", jsonNumber(baseline)),
            ("ratio", jsonNumber(ratio)),
            ("budget", jsonNumber(budget?.number)),
            ("pass", pass.map { "\($0)" } ?? "null"),
        ]
        return "{" + fields.map { key, value in "\"\(key)\": \(value)" }.joined(separator: ", ") + "}"
    }
}

/// Rounded to thousandths, which is finer than anything here can be measured. Not a number and infinity are not JSON: `null`.
private func jsonNumber(_ number: Double?) -> String {
    guard let number, number.isFinite else { return "null" }
    let rounded = (number * 1_000).rounded() / 1_000
    return Int(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
}

private func jsonString(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": json += "\\\(scalar)"
        case "\u{0}"..<" ": json += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: json.unicodeScalars.append(scalar)
        }
    }
    return json + "\""
}
