//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsCommandLine
import EventsSQLite

/// The lines that earlier runs on the same file have published, to compare the stream with: it must be the same stream.
///
/// They are read page by page as the stream is read, so that both may be of any length.
struct KnownLines {
    private static let pageSize = 1_000

    private let bus: EventBus
    private let path: String
    /// What this run publishes comes behind it.
    private let lastOffset: Int
    private var page: ArraySlice<LineID> = []
    private var lastNumber = 0
    private var isAtEnd = false

    /// - Parameter path: The path of the log's file, for messages.
    init(on bus: EventBus, since start: StartingPoint, path: String) {
        self.bus = bus
        self.path = path
        lastOffset = start.lastOffset
        isAtEnd = lastOffset == 0
    }

    /// Checks the next line of the stream, or its end.
    ///
    /// - Throws: ``StreamChange`` if the line is not the one that was published under its number, or if one is missing before it;
    ///   `LogFailure` if the log cannot be read.
    mutating func check(_ item: StreamItem?) async throws {
        guard let known = try await next() else { return }
        guard let line = item?.line, line.number <= known.number else {
            throw StreamChange(path: path, line: known.number, isEnd: item == nil)
        }
        guard line.number == known.number else { return }
        guard line == known else { throw StreamChange(path: path, line: known.number, isEnd: false) }
        page.removeFirst()
    }

    /// The next known line that the stream has not come to.
    private mutating func next() async throws -> LineID? {
        if page.isEmpty, !isAtEnd { try await readPage() }
        return page.first
    }

    private mutating func readPage() async throws {
        // No key of the last line is greater than its number with a character behind it that comes after the space.
        let after = LineID.key(ofNumber: lastNumber) + "!"
        let lastOffset = lastOffset
        let rows = try await bus.read { database in
            try database.query(
                """
                SELECT idempotency_key FROM bus_events
                WHERE idempotency_key > ? AND idempotency_key < ? AND offset <= ? ORDER BY idempotency_key LIMIT ?
                """, .text(after), .text(LineID.keys.upperBound), SQLiteValue(lastOffset), SQLiteValue(Self.pageSize)
            ).map { try $0.text(0) }
        }
        page = rows.compactMap { LineID(idempotencyKey: $0) }[...]
        lastNumber = page.last?.number ?? lastNumber
        isAtEnd = rows.count < Self.pageSize
    }
}

/// The stream is another one than that of the run to be resumed; the message is one line that says what to do.
struct StreamChange: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// - Parameter isEnd: Whether the stream ends before the line.
    init(path: String, line: Int, isEnd: Bool) {
        let problem = isEnd ? "the stream ends before line \(line)," : "line \(line) of the stream is not the one"
        description =
            "cannot resume \(path.quoted): \(problem) that was handled there; resume with the same --input, or name another --db"
    }
}
