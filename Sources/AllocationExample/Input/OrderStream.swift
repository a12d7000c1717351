//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The events of an order stream, a file of JSON lines, one by one and in the order of the file.
///
/// ```
/// var stream = try OrderStream(path: path)
/// while let item = try stream.next() { … }
/// ```
///
/// A malformed line is an item like any other and stops nothing. Blank lines are skipped, but counted.
struct OrderStream {
    private var reader: LineReader
    private let maximumLineLength: Int
    private var lineNumber = 0

    /// - Parameter maximumLineLength: The longest line accepted, in bytes; longer ones are rejected without being held in memory.
    /// - Throws: ``InputError`` if there is no such file, or it cannot be read.
    init(path: String, maximumLineLength: Int = LineReader.defaultMaximumLength) throws(InputError) {
        reader = try LineReader(path: path, maximumLength: maximumLineLength)
        self.maximumLineLength = maximumLineLength
    }

    /// How much of the file was read, from 0 to 1, or `nil` if its length cannot be known, as of a pipe.
    var fractionRead: Double? { reader.fractionRead }

    /// The next line that is not blank, or `nil` after the last one.
    ///
    /// - Throws: ``InputError`` if the file cannot be read on.
    mutating func next() throws(InputError) -> StreamItem? {
        while let line = try reader.next() {
            lineNumber += 1
            switch line {
            case .bytes(let bytes) where bytes.allSatisfy(Self.isBlank):
                continue
            case .bytes(let bytes):
                return parse(bytes, LineID(number: lineNumber, bytes: bytes))
            case .tooLong:
                let reason = "the line is longer than \(maximumLineLength) bytes; write one short JSON object per line"
                // Its bytes were skipped. It never had an event, and that is what it is compared for.
                return .rejected(line: LineID(number: lineNumber, bytes: []), reason: reason)
            }
        }
        return nil
    }

    private func parse(_ bytes: [UInt8], _ line: LineID) -> StreamItem {
        do throws(Rejection) {
            return .event(try AllocationEvent(jsonLine: bytes), line: line)
        } catch {
            return .rejected(line: line, reason: error.reason)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
