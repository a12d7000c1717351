//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What Foundation's JSON reader lets pass.
enum JSONSyntax {
    /// Whether a comma outside a string is followed by a closing bracket, as in `{"qty": 1,}`. JSON forbids it, but
    /// `JSONSerialization` and `JSONDecoder` of Swift 6.3 accept it.
    static func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        var isInString = false
        var isEscaped = false
        var lastWasComma = false
        for byte in bytes {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if lastWasComma { return true }
            case UInt8(ascii: "\""):
                isInString = true
            default:
                break
            }
            lastWasComma = byte == UInt8(ascii: ",")
        }
        return false
    }
}
