//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Sizes as people write them: `64KiB`, `10MB`, `1.5 GiB`, `4096`.
package enum HumanSize {
    private static let units: [(name: String, bytes: Double)] = [
        ("", 1), ("b", 1), ("k", 1_024), ("kb", 1e3), ("kib", 1_024), ("m", 1_048_576), ("mb", 1e6), ("mib", 1_048_576),
        ("g", 1_073_741_824), ("gb", 1e9), ("gib", 1_073_741_824), ("tb", 1e12), ("tib", 1_099_511_627_776),
    ]

    package static func parse(_ text: String) throws(HumanValueError) -> Int {
        let trimmed = text.filter { !$0.isWhitespace }
        let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let name = trimmed.dropFirst(digits.count).lowercased()
        guard let number = Double(digits), let unit = units.first(where: { $0.name == name }), number * unit.bytes < 9e18 else {
            throw HumanValueError("\(text.quoted) is no size; write bytes, or a number and a unit, such as 64KiB or 10MB")
        }
        return Int((number * unit.bytes).rounded())
    }
}

extension BinaryInteger {
    /// So many bytes: `512 B`, `1.5 MiB`.
    package var bytesText: String {
        var value = Double(self)
        var unit = "B"
        for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1_024 {
            value /= 1_024
            unit = next
        }
        guard unit != "B" else { return "\(self) B" }
        let tenths = Int((value * 10).rounded())
        return value < 10 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(Int(value.rounded())) \(unit)"
    }
}
