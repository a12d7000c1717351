//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The JSON that programs read: one object a line, which says what it is and of which version.
package enum JSONLine {
    /// Raised when a field changes its meaning or goes. New fields may come without that.
    package static let version = 1

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.microsecondsText)
        }
        return encoder
    }()

    private struct Line<Body: Encodable>: Encodable {
        let kind: String
        let body: Body

        private enum Key: CodingKey {
            case version, kind
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(JSONLine.version, forKey: .version)
            try container.encode(kind, forKey: .kind)
            try body.encode(to: encoder)
        }
    }

    /// A line.
    ///
    /// - Parameters:
    ///   - kind: What it is, such as `deadLetter`.
    ///   - raw: Fields that are JSON already, on one line, and are not to lose a digit by being decoded.
    package static func text(_ kind: String, _ body: some Encodable, raw: [(name: String, json: String)] = []) throws -> String {
        var text = String(decoding: try encoder.encode(Line(kind: kind, body: body)), as: UTF8.self)
        for (name, json) in raw {
            text.removeLast()
            text += ",\"\(name)\":\(json)}"
        }
        return text
    }
}

extension Date {
    /// The time in UTC to the microsecond: `2026-11-20T03:00:07.123456Z`.
    package var microsecondsText: String {
        let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
        guard microseconds.isFinite, abs(microseconds) < 2.5e17 else { return "out of range" }
        let seconds = (microseconds / 1_000_000).rounded(.down)
        let fraction = Int(microseconds - seconds * 1_000_000)
        let base = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        let digits = String(fraction)
        return base.dropLast() + "." + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "Z"
    }
}
