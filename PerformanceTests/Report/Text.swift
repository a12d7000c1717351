//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension Double {
    /// The number in few characters: `3.91M`, `750k`, `12.3`, `0.42`.
    var threeDigits: String {
        guard isFinite else { return "-" }
        return switch magnitude {
        case 999_500...: (self / 1_000_000).fewDigits + "M"
        case 10_000...: (self / 1_000).fewDigits + "k"
        default: fewDigits
        }
    }

    /// At least three digits, and no more decimals than they need.
    private var fewDigits: String {
        let places = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0
        let scale = [1.0, 10, 100][places]
        let scaled = Int((magnitude * scale).rounded())
        let whole = scaled / Int(scale)
        let decimals = String(scaled % Int(scale))
        let sign = self < 0 && scaled != 0 ? "-" : ""
        guard places > 0, scaled % Int(scale) != 0 else { return "\(sign)\(whole)" }
        return "\(sign)\(whole)." + String(repeating: "0", count: places - decimals.count) + decimals
    }
}

extension String {
    /// The text filled up with spaces, at its end, or at its beginning to stand at the right of a column.
    func padded(to width: Int, right: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - count))
        return right ? fill + self : self + fill
    }
}

extension Int {
    /// The number and the word for what it counts: "1 goal", "2 goals".
    func counted(_ noun: String) -> String {
        self == 1 ? "1 \(noun)" : "\(self) \(noun)s"
    }
}
