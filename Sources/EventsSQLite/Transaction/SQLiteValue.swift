//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A value as SQLite keeps it: what is bound to SQL, and what a row holds.
///
/// Write literals as they are, and wrap what is not one: `try tx.execute("UPDATE stock SET left = left - ? WHERE sku = ?", 3,
/// SQLiteValue(sku))`. The wrapped value may be an optional, of which `nil` is NULL.
public enum SQLiteValue: Sendable, Hashable {
    /// No value.
    case null
    /// A whole number.
    case integer(Int64)
    /// A floating-point number. SQLite keeps one that is not a number as NULL.
    case real(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case blob(Data)
}

extension SQLiteValue {
    /// A whole number, or NULL.
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    /// A whole number, or NULL.
    public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    /// A floating-point number, or NULL.
    public init(_ value: Double?) { self = value.map { .real($0) } ?? .null }
    /// Text, or NULL.
    public init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    /// Bytes, or NULL.
    public init(_ value: Data?) { self = value.map { .blob($0) } ?? .null }
    /// 1 for true and 0 for false, as SQLite has it, or NULL.
    public init(_ value: Bool?) { self = value.map { .integer($0 ? 1 : 0) } ?? .null }
    /// Microseconds since 1970 UTC, as the log's own tables have times, or NULL.
    public init(_ value: Date?) { self = value.map { .integer($0.microseconds) } ?? .null }
}

extension SQLiteValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A floating-point number as it is written.
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    /// 1 for `true` and 0 for `false`.
    public init(booleanLiteral value: Bool) { self = .integer(value ? 1 : 0) }
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
}

extension SQLiteValue {
    /// Whether this is NULL.
    public var isNull: Bool { self == .null }

    /// The whole number; `nil` for anything else, also for one that an `Int` of this machine cannot hold.
    public var int: Int? { int64.flatMap { Int(exactly: $0) } }

    /// The whole number; `nil` for anything else.
    public var int64: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number, whole or not; `nil` for anything else.
    public var double: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The text; `nil` for anything else.
    public var string: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// The bytes; `nil` for anything else.
    public var data: Data? {
        if case .blob(let value) = self { value } else { nil }
    }

    /// Whether the whole number is anything but 0; `nil` for anything else.
    public var bool: Bool? { int64.map { $0 != 0 } }

    /// The time that a whole number of microseconds since 1970 UTC means; `nil` for anything else.
    public var date: Date? { int64.map { Date(microseconds: $0) } }
}
