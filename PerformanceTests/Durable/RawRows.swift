//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// Rows for the log's table of events, made beforehand: a loop over them measures SQLite and nothing else.
final class RawRows {
    /// All texts, one after the other.
    private let texts: UnsafeMutableBufferPointer<CChar>
    private let rows: [(id: Range<Int>, payload: Range<Int>)]
    private let name: Range<Int>
    private let publishedAt = Int(Date().timeIntervalSince1970 * 1_000_000)

    init(_ count: Int) throws {
        var bytes: [CChar] = []
        var rows: [(Range<Int>, Range<Int>)] = []
        func add(_ text: some Sequence<UInt8>) -> Range<Int> {
            let start = bytes.count
            bytes.append(contentsOf: text.lazy.map { CChar(bitPattern: $0) })
            return start..<bytes.count
        }
        name = add(OrderPlaced.name.utf8)
        let encoder = JSONEncoder()
        for number in 0..<count {
            // In ascending order, as the bus's are.
            let digits = String(number, radix: 16)
            let id = add("0199d0c5-7b1e-7a2b-8c3d-\(String(repeating: "0", count: 12 - digits.count))\(digits)".utf8)
            rows.append((id, add(try encoder.encode(OrderPlaced(orderID: number)))))
        }
        texts = .allocate(capacity: bytes.count)
        _ = texts.initialize(fromContentsOf: bytes)
        self.rows = rows
    }

    deinit {
        texts.deallocate()
    }

    var count: Int { rows.count }

    /// The statement with which the log inserts a single row, too; where there are more, it inserts eight at once.
    static let insertion = """
        INSERT INTO bus_events (
            offset, id, name, version, ordering_key, published_at, correlation_id, causation_id, depth, emitted_by, headers,
            idempotency_key, checksum, payload
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """

    /// Inserts the rows of these numbers, the first of which is row 0. What an event without a key or a cause does not have is NULL.
    func insert(_ numbers: Range<Int>, with statement: RawStatement) throws {
        for number in numbers {
            statement.bind(1, number + 1)
            statement.bind(2, UnsafeBufferPointer(rebasing: texts[rows[number].id]))
            statement.bind(3, UnsafeBufferPointer(rebasing: texts[name]))
            statement.bind(4, 1)
            statement.bind(6, publishedAt)
            statement.bind(9, 0)
            statement.bind(13, 1_234_567_890 + number)
            statement.bind(14, UnsafeBufferPointer(rebasing: texts[rows[number].payload]))
            try statement.run()
        }
    }
}
