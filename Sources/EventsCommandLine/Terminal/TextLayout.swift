//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How text is fitted into the 80 columns that every terminal has.
package enum TextLayout {
    package static let width = 80

    /// Breaks `text` at its spaces, so that every line is at most ``width`` columns wide. A word that is too long for a line is broken
    /// as well.
    ///
    /// - Parameters:
    ///   - first: What the first line begins with.
    ///   - indent: How many spaces the others begin with; the default is as many as `first` has characters.
    package static func wrap(_ text: String, first: String = "", indent: Int? = nil) -> [String] {
        let margin = String(repeating: " ", count: indent ?? first.count)
        var lines: [String] = []
        var line = first
        var isEmpty = true
        func breakLine() {
            lines.append(line)
            line = margin
            isEmpty = true
        }
        for word in text.split(separator: " ") {
            // To count the letters of a word as long as a book, once for each line that it takes, would take for ever.
            let isShort = word.utf8.count <= 4 * width && word.count <= width
            if !isEmpty, !isShort || line.count + 1 + word.count > width { breakLine() }
            if !isEmpty { line += " " }
            var rest = word
            while line.count < width,
                let end = rest.index(rest.startIndex, offsetBy: width - line.count, limitedBy: rest.endIndex),
                end < rest.endIndex
            {
                line += rest[..<end]
                rest = rest[end...]
                breakLine()
            }
            line += rest
            isEmpty = false
        }
        return lines + [line]
    }
}

extension String {
    /// The text with spaces before it, so that it is at least `length` characters long.
    package func padded(to length: Int) -> String {
        String(repeating: " ", count: max(0, length - count)) + self
    }

    /// The text with spaces behind it, so that it is at least `length` characters long.
    package func filled(to length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}

extension BinaryInteger {
    /// The number with a comma before each three digits: 1,234,567.
    package var grouped: String {
        let digits = String(magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return (self < 0 ? "-" : "") + result
    }

    /// The number and the word for what it counts: "1 line", "2,000 lines".
    package func counting(_ noun: String) -> String {
        "\(grouped) \(noun)\(self == 1 ? "" : "s")"
    }
}

extension Duration {
    /// The time in seconds, to two digits behind the point: "0.21 s".
    package var secondsText: String {
        let hundredths = components.seconds * 100 + components.attoseconds / 10_000_000_000_000_000
        return "\((hundredths / 100).grouped).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
    }

    /// The time in whole milliseconds: "20 ms".
    package var millisecondsText: String {
        let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        return "\(milliseconds.grouped) ms"
    }
}
