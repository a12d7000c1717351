//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Durations as people write them: `15m`, `1h30m`, `2d`, `250ms`, `1.5 h`.
package enum HumanDuration {
    /// Units and their nanoseconds.
    private static let units: [(names: [String], nanoseconds: Double)] = [
        (["us", "µs"], 1e3), (["ms"], 1e6), (["s", "sec", "secs", "second", "seconds"], 1e9),
        (["m", "min", "mins", "minute", "minutes"], 60e9), (["h", "hour", "hours"], 3_600e9),
        (["d", "day", "days"], 86_400e9), (["w", "week", "weeks"], 604_800e9),
    ]

    /// The longest duration that is understood: a hundred years.
    private static let longest = 100 * 366 * 86_400e9

    package static func parse(_ text: String) throws(HumanValueError) -> Duration {
        guard let nanoseconds = nanoseconds(text) else {
            throw HumanValueError("\(text.quoted) is no duration; write a number and a unit, such as 90s, 15m, 1h30m or 2d")
        }
        guard nanoseconds <= longest else { throw HumanValueError("\(text.quoted) is longer than a hundred years") }
        return .nanoseconds(Int64(nanoseconds.rounded()))
    }

    private static func nanoseconds(_ text: String) -> Double? {
        var rest = text[...].drop(while: \.isWhitespace)
        var sum = 0.0
        var isEmpty = true
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count).drop(while: \.isWhitespace)
            let name = rest.prefix { $0.isLetter }.lowercased()
            guard let unit = units.first(where: { $0.names.contains(name) }) else { return nil }
            rest = rest.dropFirst(name.count).drop(while: \.isWhitespace)
            sum += number * unit.nanoseconds
            isEmpty = false
        }
        return isEmpty || !sum.isFinite ? nil : sum
    }
}

extension Duration {
    /// The duration in its two largest units: `3m 12s`, `250 ms`, `2d 4h`.
    package var compactText: String {
        let seconds = components.seconds
        let sign = self < .zero ? "-" : ""
        guard self >= .zero else { return sign + (Duration.zero - self).compactText }
        let microseconds = components.attoseconds / 1_000_000_000_000
        if seconds == 0 {
            if microseconds == 0 { return "0 s" }
            return microseconds < 1_000 ? "\(microseconds) µs" : "\(microseconds / 1_000) ms"
        }
        if seconds < 10, microseconds >= 100_000 { return "\(seconds).\(microseconds / 100_000) s" }
        let units: [(name: String, seconds: Int64)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
        guard seconds >= 60, let index = units.firstIndex(where: { seconds >= $0.seconds }), index + 1 < units.count else {
            return "\(seconds) s"
        }
        let (large, small) = (units[index], units[index + 1])
        let rest = seconds % large.seconds / small.seconds
        return "\(seconds / large.seconds)\(large.name)" + (rest > 0 ? " \(rest)\(small.name)" : "")
    }
}
