//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// What a number that came out of `JSONSerialization` really was.
extension NSNumber {
    /// Whether the JSON said `true` or `false`. Foundation hands those out as numbers that convert to 1 and 0; only their
    /// encoding as a character tells them from numbers.
    var isJSONBoolean: Bool {
        String(cString: objCType) == "c"
    }

    /// The number if it is whole, brought into the range of `Int128` if need be, or `nil` if it has a fraction.
    ///
    /// Each encoding is asked in its own way. Foundation makes a decimal number of what a `Double` would round, such as
    /// 9007199254740993.5, so that must stay one; but on Linux its `decimalValue` of an integer goes through a `Double`.
    var wholeValue: Int128? {
        if let decimal = self as? NSDecimalNumber {
            var value = decimal.decimalValue
            var whole = Decimal()
            NSDecimalRound(&whole, &value, 0, .down)
            guard value == whole else { return nil }
            return Int128(whole.description) ?? (whole.isSignMinus ? .min : .max)
        }
        switch String(cString: objCType) {
        case "d", "f":
            let value = doubleValue
            guard value == value.rounded(.towardZero) else { return nil }
            return Int128(exactly: value) ?? (value < 0 ? .min : .max)
        case "Q":
            return Int128(uint64Value)
        default:
            return Int128(int64Value)
        }
    }
}
