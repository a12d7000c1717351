//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite

/// The CRC-32C of an event's row: each part with its length before it, and last the offset, so that no row can pass for another.
///
/// The parts are, in this order: id, name, version, ordering key, time of publication, correlation, causation, depth, emitting
/// subscription, headers, idempotency key, payload.
package struct RowChecksum {
    private var crc: UInt32 = 0

    package init() {}

    /// Goes on after parts that were added elsewhere.
    init(ofParts crc: UInt32) {
        self.crc = crc
    }

    /// Adds a part that is text; `nil` differs from empty.
    package mutating func add(_ text: String?) {
        guard var text else { return add(nil as UnsafeRawBufferPointer?) }
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a part as bytes; `nil` differs from empty.
    package mutating func add(_ bytes: UnsafeRawBufferPointer?) {
        var length = (bytes.map { UInt32(truncatingIfNeeded: $0.count) } ?? Self.absent).littleEndian
        withUnsafeBytes(of: &length) { crc = events_crc32c(crc, $0.baseAddress, $0.count) }
        if let bytes { crc = events_crc32c(crc, bytes.baseAddress, bytes.count) }
    }

    /// Adds a number as decimal text.
    package mutating func add(_ number: Int64) {
        DecimalText.withBytes(of: number) { add($0) }
    }

    /// The checksum of the row at an offset; 0 for an event that has none yet.
    package func finish(offset: Int64) -> UInt32 {
        withUnsafeBytes(of: offset.littleEndian) { events_crc32c(crc, $0.baseAddress, $0.count) }
    }

    /// What stands for the length of a part that is not there.
    static let absent: UInt32 = 0xFFFF_FFFF
}

/// Numbers as decimal text, without a `String` in between.
enum DecimalText {
    /// How long a number can be, in bytes: 19 digits and a sign.
    static let longest = 20

    static func withBytes<Result>(of number: Int64, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: longest, alignment: 1) { buffer in
            var position = longest
            var rest = number.magnitude
            repeat {
                position -= 1
                buffer[position] = UInt8(truncatingIfNeeded: 48 + rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                position -= 1
                buffer[position] = 45
            }
            return body(UnsafeRawBufferPointer(rebasing: buffer[position...]))
        }
    }
}
