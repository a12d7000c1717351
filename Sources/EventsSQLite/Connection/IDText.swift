//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventID {
    /// Calls `body` with the identifier as 36 bytes of ASCII in lower case.
    ///
    /// Foundation's `uuidString` makes a `String` in upper case first; a row has up to three identifiers.
    package func withASCII<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.textLength, alignment: 1) { text in
            writeASCII(to: text)
            return body(UnsafeRawBufferPointer(text))
        }
    }

    /// How long the text is, in bytes.
    static let textLength = 36

    /// Writes the identifier as ASCII in lower case to the first 36 bytes of a buffer.
    func writeASCII(to text: UnsafeMutableRawBufferPointer) {
        withUnsafeBytes(of: uuid.uuid) { bytes in
            var position = 0
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                text[position] = Self.digit(byte >> 4)
                text[position + 1] = Self.digit(byte & 0xF)
                position += 2
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The identifier as the log keeps it.
    package var text: String { withASCII { String(decoding: $0, as: UTF8.self) } }
}
