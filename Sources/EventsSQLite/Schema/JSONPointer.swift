//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

/// A place in a JSON document, as RFC 6901 writes it: `/lines/0/sku`. The empty pointer is the whole document.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The names and positions on the way, without escapes.
    package let tokens: [String]
    package let description: String

    /// - Throws: ``LogFailure`` with `invalid` if the text is no pointer, or one that SQLite cannot follow.
    package init(_ text: String) throws(LogFailure) {
        description = text
        guard text.isEmpty || text.hasPrefix("/") else {
            throw LogFailure(.invalid, "\(text) is no JSON pointer: it begins with a slash, as in /quantity or /lines/0/sku")
        }
        tokens = try text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { token throws(LogFailure) in
            let name = try Self.unescape(token, in: text)
            // SQLite's paths have no way to write these.
            guard !name.contains("\""), !name.contains("\\"), !name.utf8.contains(0) else {
                throw LogFailure(
                    .invalid, "the JSON pointer \(text) has a name with a quotation mark or a backslash, which cannot be set")
            }
            return name
        }
    }

    private static func unescape(_ token: Substring, in text: String) throws(LogFailure) -> String {
        var name = ""
        var rest = token[...]
        while let character = rest.popFirst() {
            guard character == "~" else {
                name.append(character)
                continue
            }
            switch rest.popFirst() {
            case "0": name.append("~")
            case "1": name.append("/")
            default:
                throw LogFailure(.invalid, "\(text) is no JSON pointer: a ~ is written ~0, and a slash in a name ~1")
            }
        }
        return name
    }
}

/// A value to set in a JSON document.
package struct JSONChange: Sendable, Hashable {
    /// Where.
    package let pointer: JSONPointer
    /// The value, as JSON.
    package let value: String

    /// A change.
    package init(pointer: JSONPointer, value: String) {
        self.pointer = pointer
        self.value = value
    }
}
