//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Statement {
    /// Binds the values to the parameters, in order.
    func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        let wanted = Int(sqlite3_bind_parameter_count(handle))
        guard wanted == values.count else {
            throw SQLiteError(
                code: SQLITE_RANGE, message: "the SQL has \(wanted) parameters, and \(values.count) values were given",
                during: "binding")
        }
        var position: Int32 = 0
        for value in values {
            position += 1
            switch value {
            case .null: bindNull(position)
            case .integer(let number): bind(position, number)
            case .real(let number): bind(position, number)
            case .text(let text): bind(position, text)
            case .blob(let data): data.withUnsafeBytes { bindBlob(position, $0) }
            }
        }
    }

    /// The names of the columns.
    var columnNames: [String] { (0..<columnCount).map { columnName($0) } }

    /// The values of the current row.
    var values: [SQLiteValue] {
        (0..<columnCount).map { column in
            switch sqlite3_column_type(handle, column) {
            case SQLITE_INTEGER: .integer(int64(column))
            case SQLITE_FLOAT: .real(double(column))
            case SQLITE_TEXT: .text(text(column))
            case SQLITE_BLOB: .blob(data(column))
            default: .null
            }
        }
    }
}
