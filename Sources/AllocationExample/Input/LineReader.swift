//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// Reads a file line by line, holding no more than one chunk and one line of bounded length in memory.
///
/// A line ends at LF or CR LF; the last one may end with the file. A byte order mark at the start is not part of the first line.
struct LineReader {
    enum Line: Equatable {
        /// The bytes of a line, without its end.
        case bytes([UInt8])
        /// A line longer than allowed; its bytes were skipped.
        case tooLong
    }

    static let defaultMaximumLength = 64 * 1024

    private let path: String
    private let file: FileHandle
    private let chunkSize: Int
    private let maximumLength: Int
    /// How long the file was when it was opened, in bytes; `nil` where that cannot be known, as of a pipe.
    private let size: Int?

    private var chunk: [UInt8] = []
    private var position = 0
    /// Bytes of the file up to the end of the chunk.
    private var bytesRead = 0
    private var atEnd = false
    private var isFirstLine = true

    /// Opens the file and reads its first chunk, so that a directory, for one, is refused here and not on the way.
    ///
    /// - Parameters:
    ///   - maximumLength: The longest line handed out, in bytes without its end.
    ///   - chunkSize: How much to read at once, in bytes.
    /// - Throws: ``InputError`` if there is no such file, or it cannot be read.
    init(
        path: String, maximumLength: Int = LineReader.defaultMaximumLength, chunkSize: Int = 64 * 1024
    ) throws(InputError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw InputError(path: path, problem: "this is not a file's path; check the path given to --input")
        }
        self.path = path
        self.maximumLength = min(max(0, maximumLength), .max - 4)
        self.chunkSize = max(1, chunkSize)
        do {
            file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw InputError(path: path, error: error)
        }
        size = Self.size(of: file)
        try readChunk()
    }

    /// How much of the file was handed out, from 0 to 1, or `nil` if its length cannot be known.
    var fractionRead: Double? {
        size.map { min(1, Double(bytesRead - (chunk.count - position)) / Double($0)) }
    }

    private static func size(of file: FileHandle) -> Int? {
        var status = stat()
        guard fstat(file.fileDescriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
        return Int(status.st_size)
    }

    /// The next line, or `nil` after the last one.
    ///
    /// - Throws: ``InputError`` if reading fails half-way.
    mutating func next() throws(InputError) -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        var sawAnything = false
        while true {
            if position == chunk.count { try readChunk() }
            if atEnd { break }
            sawAnything = true
            let end = chunk[position...].firstIndex(of: UInt8(ascii: "\n"))
            let piece = chunk[position..<(end ?? chunk.count)]
            // One byte more than the limit may be the CR of the line's end, three more a byte order mark.
            if !isTooLong, piece.count <= maximumLength + 4 - line.count {
                line += piece
            } else {
                isTooLong = true
                line = []
            }
            position = end.map { $0 + 1 } ?? chunk.count
            if end != nil { break }
        }
        guard sawAnything else { return nil }
        trim(&line)
        return isTooLong || line.count > maximumLength ? .tooLong : .bytes(line)
    }

    /// Removes what is not part of the line: a CR before the LF, and a byte order mark before the first line.
    private mutating func trim(_ line: inout [UInt8]) {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
    }

    /// Takes what is there, up to a chunk: of a pipe that may be one line, and waiting for more would hold it back.
    private mutating func readChunk() throws(InputError) {
        let descriptor = file.fileDescriptor
        var code: Int32 = 0
        chunk = [UInt8](unsafeUninitializedCapacity: chunkSize) { buffer, count in
            var result = read(descriptor, buffer.baseAddress, buffer.count)
            while result < 0, errno == EINTR { result = read(descriptor, buffer.baseAddress, buffer.count) }
            if result < 0 { code = errno }
            count = max(0, result)
        }
        if code != 0 { throw InputError(path: path, error: POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)) }
        position = 0
        bytesRead += chunk.count
        atEnd = chunk.isEmpty
    }
}
