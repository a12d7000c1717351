//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a verification of a log found.
public struct VerifyReport: Sendable, Hashable, Codable {
    /// Events that were gone through.
    public var events: Int
    /// Deliveries whose state was checked.
    public var deliveries: Int
    /// Rows of other tables.
    public var rows: Int
    /// How many things are wrong.
    public var findings: Int
    /// The first hundred of them.
    public var listed: [VerifyFinding]

    /// Whether nothing is wrong.
    public var isSound: Bool { findings == 0 }
}

/// Something that is wrong with a log.
public struct VerifyFinding: Sendable, Hashable, Codable {
    /// What kind of thing. More kinds may come.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// SQLite finds its file damaged.
        case storage
        /// A row is not what was written.
        case checksum
        /// Two events have one identity.
        case identity
        /// An event comes before its cause, or is not one deeper than it.
        case causation
        /// A subscription's cursor and ranges cannot be.
        case cursor
        /// A delivery has two ends, or has ended and not ended.
        case state
        /// A delivery is settled, and nothing says what became of it.
        case unaccounted
        /// Deliveries of a key were finished out of order.
        case order
        /// A row belongs to nothing.
        case orphan
        /// A dead letter says something else than its event.
        case copy
    }

    /// What kind.
    public var kind: Kind
    /// The table that it is in.
    public var table: String
    /// What it is about: an offset, a delivery, or a row.
    public var subject: String
    /// What is wrong.
    public var text: String
}
