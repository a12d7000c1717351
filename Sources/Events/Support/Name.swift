//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a name of an event or a subscription may be: it ends up in files, on terminals and in labels.
enum Name {
    static let longest = 200

    static func problem(_ name: String, of kind: String) -> String? {
        if name.isEmpty {
            let example = kind == "subscription" ? "confirm-by-mail" : "order.placed"
            return "the name of \(kind == "event" ? "an" : "a") \(kind) is empty; give it a stable one such as '\(example)'."
        }
        if name.utf8.count > longest {
            return
                "the name of \(kind == "event" ? "an" : "a") \(kind) that begins with '\(printable(name.prefix(40)))' has \(name.utf8.count) bytes; at most "
                + "\(longest) are allowed."
        }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "the \(kind) name '\(printable(name[...]))' has a control character; remove it."
        }
        return nil
    }

    static func check(_ name: String, of kind: String) throws {
        if let problem = problem(name, of: kind) { throw EventBusError(.invalidName, problem) }
    }

    /// A name fit for a message: control characters are shown by number and not obeyed.
    private static func printable(_ name: Substring) -> String {
        name.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(Character(scalar))
        }.joined()
    }
}
