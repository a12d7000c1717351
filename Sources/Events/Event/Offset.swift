//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A position in the order of everything a bus published: assigned when a publish commits, strictly increasing, never reused.
///
/// Offsets, never clocks or identifiers, say which of two events came first. The first event has offset 1.
public struct Offset: Sendable, Hashable, Comparable, Codable {
    /// The position, counted from 1.
    public let rawValue: Int64

    /// Creates the offset with a position, counted from 1.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (lhs: Offset, rhs: Offset) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Offset: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
