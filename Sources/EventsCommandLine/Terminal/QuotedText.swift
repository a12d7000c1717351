//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension String {
    /// The text in quotation marks, fit for a message: at most 60 characters of it, escaped like ``printable(_:)``.
    package var quoted: String { "\"" + escaped(60, quotationMarks: true) + "\"" }

    /// At most `limit` characters of the text, with everything escaped that a terminal would obey or hide (control characters, and
    /// the formatting ones that turn the direction of text around).
    package func printable(_ limit: Int = 60) -> String { escaped(limit, quotationMarks: false) }

    /// All of the text, escaped like ``printable(_:)``.
    package var printable: String { escaped(.max, quotationMarks: false) }

    private func escaped(_ limit: Int, quotationMarks: Bool) -> String {
        var result = ""
        for scalar in unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                if quotationMarks, scalar == "\"" || scalar == "\\" { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        if unicodeScalars.dropFirst(limit).first != nil { result += "…" }
        return result
    }
}
