//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Which line of a stream it is, and what it says: by both together a later run knows it again.
///
/// The number alone would take a line that was changed since for one that was handled, and drop it without a word. The content alone
/// would take two customers who order the same for one.
struct LineID: Sendable, Hashable {
    /// Counted from 1, blank lines included.
    let number: Int
    /// A hash of the line's bytes (FNV-1a, 64 bits). It tells accidents apart, not forgeries.
    let fingerprint: UInt64

    init(number: Int, fingerprint: UInt64) {
        self.number = number
        self.fingerprint = fingerprint
    }

    init(number: Int, bytes: [UInt8]) {
        let fingerprint = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        self.init(number: number, fingerprint: fingerprint)
    }
}

extension LineID {
    private static let prefix = "line "
    /// Enough for the greatest `Int`, so that the order of the keys is that of the lines.
    private static let digits = 19

    /// What all keys lie between.
    static let keys = prefix..<"line!"

    /// The key under which the line's event is published: `line 0000000000000000017 85944171f73967e8`.
    var idempotencyKey: String { Self.key(ofNumber: number) + " " + String(fingerprint, radix: 16) }

    /// The key of a line without its content: it comes before the keys of this line and behind those of the lines before it.
    static func key(ofNumber number: Int) -> String { prefix + String(number).zeroPadded(to: digits) }

    /// - Returns: `nil` if `key` is not that of a line.
    init?(idempotencyKey key: String) {
        let parts = key.split(separator: " ")
        guard parts.count == 3, key.hasPrefix(Self.prefix), let number = Int(parts[1]),
            let fingerprint = UInt64(parts[2], radix: 16)
        else { return nil }
        self.init(number: number, fingerprint: fingerprint)
    }
}

extension String {
    fileprivate func zeroPadded(to length: Int) -> String {
        String(repeating: "0", count: max(0, length - count)) + self
    }
}
