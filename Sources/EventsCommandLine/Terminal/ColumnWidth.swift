//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension String {
    /// How many columns of a terminal the text takes: two for wide characters, none for marks that combine.
    package var columnWidth: Int { unicodeScalars.reduce(0) { $0 + $1.columnWidth } }

    /// The text cut down to a width, with an ellipsis where something was cut off.
    package func truncated(to columns: Int) -> String {
        guard columnWidth > columns else { return self }
        guard columns > 0 else { return "" }
        var width = 0
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            guard width + scalar.columnWidth <= columns - 1 else { break }
            width += scalar.columnWidth
            result.append(scalar)
        }
        return String(result) + "…"
    }
}

extension Unicode.Scalar {
    /// The ranges that Unicode's EastAsianWidth.txt (16.0) has as wide or full-width, the small ones joined.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x26A1...0x26A1,
        0x26BD...0x26BE, 0x2705...0x2705, 0x270A...0x270B, 0x274C...0x274C, 0x2753...0x2755, 0x2795...0x2797, 0x2E80...0x303E,
        0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF,
        0x1F18E...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6FC, 0x1F7E0...0x1F7F0,
        0x1F90C...0x1FAF8, 0x20000...0x3FFFD,
    ]

    fileprivate var columnWidth: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }
}
