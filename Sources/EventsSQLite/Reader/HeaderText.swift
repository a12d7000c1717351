//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The headers of an event as the log keeps them: a JSON object of texts.
enum HeaderText {
    /// The headers, or `nil` if the bytes are no such object.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> [String: String]? {
        plain(bytes) ?? (try? JSONDecoder().decode([String: String].self, from: Data(bytes)))
    }

    /// Reads objects without escapes and without space between the tokens, which is what nearly all headers are. `JSONDecoder`
    /// takes several microseconds, which a log whose every event carries a trace would spend on each row.
    private static func plain(_ bytes: UnsafeRawBufferPointer) -> [String: String]? {
        var position = 0
        func take(_ wanted: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: wanted) else { return false }
            position += 1
            return true
        }
        func text() -> String? {
            guard take("\"") else { return nil }
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                // A control character is not allowed in JSON, and what follows a backslash is not for this reader.
                guard bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20 else { return nil }
                position += 1
            }
            let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
            return take("\"") ? text : nil
        }
        guard take("{") else { return nil }
        var headers: [String: String] = [:]
        while true {
            guard let name = text(), take(":"), let value = text() else { return nil }
            headers[name] = value
            if take("}") { break }
            guard take(",") else { return nil }
        }
        return position == bytes.count ? headers : nil
    }
}
