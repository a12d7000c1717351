//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsSQLite

extension SQLiteRow {
    /// The whole number of a column, counted from 0.
    ///
    /// - Throws: ``LogFileError`` if it holds something else, which only somebody who changed the file can have done.
    func integer(_ index: Int) throws -> Int {
        guard let value = self[index].int else { throw Self.unexpected(index, "a whole number", columns) }
        return value
    }

    /// The text of a column.
    func text(_ index: Int) throws -> String {
        guard let value = self[index].string else { throw Self.unexpected(index, "a text", columns) }
        return value
    }

    /// The day of a column, or `nil` for NULL.
    func date(_ index: Int) throws -> CalendarDate? {
        if self[index].isNull { return nil }
        guard let date = CalendarDate(try text(index)) else { throw Self.unexpected(index, "a day", columns) }
        return date
    }

    private static func unexpected(_ index: Int, _ kind: String, _ columns: [String]) -> LogFileError {
        let name = columns.indices.contains(index) ? columns[index] : String(index)
        return LogFileError("the column \(name) of a table of the service does not hold \(kind): the file was changed")
    }
}
