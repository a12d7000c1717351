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

/// The identity of an event: a UUID of version 7 (RFC 9562, section 5.7), which sorts by the time it was made.
///
/// Identifiers made by one bus rise strictly. They identify; they do not order: the order of events is their ``Offset``.
public struct EventID: Sendable, Hashable, Comparable {
    /// The identifier's first 64 bits: 48 bits of Unix time in milliseconds, the version, 12 bits of sequence.
    @usableFromInline let high: UInt64
    /// The identifier's last 64 bits: the variant and 62 random bits.
    @usableFromInline let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An identifier of version 7 from its parts; bits beyond each part's width are ignored.
    package init(milliseconds: UInt64, sequence: UInt16, random: UInt64) {
        high = (milliseconds << 16) | 0x7000 | UInt64(sequence & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// The identifier as a Foundation `UUID`.
    public var uuid: UUID {
        UUID(uuid: withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { $0.load(as: uuid_t.self) })
    }

    /// An identifier from a Foundation `UUID` of any version.
    public init(_ uuid: UUID) {
        (high, low) = withUnsafeBytes(of: uuid.uuid) {
            (
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    public static func < (lhs: EventID, rhs: EventID) -> Bool {
        lhs.high == rhs.high ? lhs.low < rhs.low : lhs.high < rhs.high
    }
}

extension EventID: LosslessStringConvertible {
    /// The usual form of a UUID, in lower case: `0199f3a4-7c1e-7000-8a5b-5b0f8d0c2e11`.
    public var description: String {
        uuid.uuidString.lowercased()
    }

    /// An identifier from the usual form of a UUID, or `nil` if the text is none.
    public init?(_ description: String) {
        guard let uuid = UUID(uuidString: description) else { return nil }
        self.init(uuid)
    }
}

extension EventID: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try UUID(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        try uuid.encode(to: encoder)
    }
}
