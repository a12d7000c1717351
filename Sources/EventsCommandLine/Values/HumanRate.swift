//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Rates as people write them: `10/s`, `600/m`, `1000/h`.
package enum HumanRate {
    /// The time between two of what has the rate.
    package static func parse(_ text: String) throws(HumanValueError) -> Duration {
        let parts = text.filter { !$0.isWhitespace }.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Double(parts[0]), number > 0, number.isFinite,
            let unit = try? HumanDuration.parse("1\(parts[1])")
        else { throw HumanValueError("\(text.quoted) is no rate; write how many in what time, such as 10/s or 600/m") }
        let nanoseconds = (unit / .nanoseconds(1)) / number
        guard nanoseconds >= 1_000, nanoseconds < 86_400e9 * 366 else {
            throw HumanValueError("\(text.quoted) is out of range; a rate is between one a year and a million a second")
        }
        return .nanoseconds(Int64(nanoseconds))
    }
}

/// Counts, with their bounds.
package enum HumanCount {
    /// - Parameter option: What to call it in the message.
    package static func parse(_ text: String, _ option: String, in range: ClosedRange<Int>) throws(HumanValueError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            let upper = range.upperBound == .max ? "up" : "to \(range.upperBound.grouped)"
            throw HumanValueError("\(option) takes a whole number from \(range.lowerBound) \(upper), not \(text.quoted)")
        }
        return number
    }
}
