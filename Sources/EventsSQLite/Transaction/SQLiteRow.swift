//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A row that a query returned.
public struct SQLiteRow: Sendable, Hashable {
    /// The names of the columns, in order.
    public let columns: [String]
    /// The values, in the order of the columns.
    public let values: [SQLiteValue]

    init(columns: [String], values: [SQLiteValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column, counted from 0; NULL when there is no such column.
    public subscript(index: Int) -> SQLiteValue {
        values.indices.contains(index) ? values[index] : .null
    }

    /// The value of a column by its name as the query gives it, of the first if several have it; NULL when there is no such column.
    public subscript(name: String) -> SQLiteValue {
        columns.firstIndex(of: name).map { values[$0] } ?? .null
    }
}

extension SQLiteRow: CustomStringConvertible {
    public var description: String {
        zip(columns, values).map { column, value in
            switch value {
            case .null: "\(column): NULL"
            case .integer(let number): "\(column): \(number)"
            case .real(let number): "\(column): \(number)"
            case .text(let text): "\(column): \(text)"
            case .blob(let data): "\(column): \(data.count) bytes"
            }
        }.joined(separator: ", ")
    }
}
