//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import Foundation

/// The fields of a line's JSON object, asked for one by one and by type.
///
/// Fields nobody asks for are ignored. Where a field is given twice, the last one counts.
struct LineFields {
    private let object: [String: Any]

    /// - Throws: ``Rejection`` unless the line is one JSON object in UTF-8.
    init(jsonLine bytes: [UInt8]) throws(Rejection) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Rejection("the line is not valid UTF-8; save the file in that encoding")
        }
        // Foundation takes zero bytes for a sign of UTF-16 or UTF-32 and would read something else than was checked here.
        guard !bytes.contains(0) else {
            throw Rejection("the line contains a zero byte, so it is not JSON in UTF-8; save the file in that encoding")
        }
        guard !JSONSyntax.hasTrailingComma(bytes) else {
            throw Rejection("not valid JSON: a comma before a closing bracket; remove it")
        }
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        } catch {
            let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            throw Rejection("not valid JSON\(detail.map { " (\($0))" } ?? ""); write one JSON object per line")
        }
        guard let object = value as? [String: Any] else {
            throw Rejection("the line is \(Self.kind(of: value)), not an object; write one JSON object per line")
        }
        self.object = object
    }

    /// - Throws: ``Rejection`` unless the field is a string with something to read in it.
    func text(_ name: String) throws(Rejection) -> String {
        let value = try required(name)
        guard let text = value as? String else {
            throw Rejection("field \"\(name)\" is \(Self.kind(of: value)); give a string in quotation marks")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw Rejection("field \"\(name)\" is empty; give its text")
        }
        return text
    }

    /// A number of units.
    ///
    /// What counts is the value, not how it is spelt: JSON has one kind of number, so `12`, `12.0` and `1.2e1` are the same
    /// twelve. `12.5`, `"12"` and `true` are no number of units.
    ///
    /// - Throws: ``Rejection`` unless the field is a whole number of at least `minimum` that fits in an `Int`.
    func quantity(_ name: String, minimum: Int) throws(Rejection) -> Int {
        let value = try required(name)
        guard let number = value as? NSNumber, !number.isJSONBoolean else {
            throw Rejection("field \"\(name)\" is \(Self.kind(of: value)); give a whole number without quotation marks")
        }
        guard let whole = number.wholeValue else {
            throw Rejection("field \"\(name)\" is \(number), not a whole number; give whole units")
        }
        guard whole >= minimum else {
            throw Rejection("field \"\(name)\" is \(number); give \(minimum) or more")
        }
        guard let quantity = Int(exactly: whole) else {
            throw Rejection("field \"\(name)\" is too large; give \(Int.max) or less")
        }
        return quantity
    }

    /// A day, or `nil` if the field is null or not there.
    ///
    /// - Throws: ``Rejection`` if the field is anything else than a day of the calendar, `YYYY-MM-DD`.
    func date(_ name: String) throws(Rejection) -> CalendarDate? {
        guard let value = object[name], !(value is NSNull) else { return nil }
        guard let text = value as? String else {
            throw Rejection("field \"\(name)\" is \(Self.kind(of: value)); give a date such as \"1998-05-15\", or null")
        }
        guard let date = CalendarDate(text) else {
            throw Rejection("field \"\(name)\" is \(text.quoted), not an existing day; give one as YYYY-MM-DD, or null")
        }
        return date
    }

    private func required(_ name: String) throws(Rejection) -> Any {
        guard let value = object[name] else {
            throw Rejection("field \"\(name)\" is missing; add it")
        }
        return value
    }

    private static func kind(of value: Any) -> String {
        switch value {
        case is NSNull: "null"
        case is String: "a string"
        case is [Any]: "an array"
        case is [String: Any]: "an object"
        case let number as NSNumber: number.isJSONBoolean ? "true or false" : "a number"
        default: "a value of another kind"
        }
    }
}
