//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite
import Testing

@testable import EventsSQLite

@Suite("A connection to SQLite")
struct ConnectionTests {
    @Test("what is bound comes back as it was")
    func values() throws {
        let connection = try Connection(path: ":memory:", mode: .readWrite)
        let statement = try connection.prepare("SELECT ?1, ?2, ?3, ?4")
        statement.bind(1, Int64.min)
        statement.bind(2, "käse\u{0}brot")
        statement.bind(3, "")
        statement.bindNull(4)
        #expect(try statement.step())
        #expect(statement.int64(0) == .min)
        #expect(statement.text(1) == "käse\u{0}brot")
        #expect(statement.textOrNil(2) == "")
        #expect(statement.textOrNil(3) == nil)
        #expect(try !statement.step())
    }

    @Test("an error names the action and the code")
    func error() throws {
        let connection = try Connection(path: ":memory:", mode: .readWrite)
        let error = try #require(throws: SQLiteError.self) { try connection.execute("SELECT nothing") }
        #expect(error.primaryCode == SQLITE_ERROR)
        #expect(error.description.contains("SELECT nothing"))
    }
}
