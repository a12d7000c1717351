//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Testing

@testable import EventsSQLite

@Suite("The identity of open files")
struct FileIdentityTests {
    private let sandbox: FileSandbox
    private let identity: FileIdentity

    init() throws {
        sandbox = try FileSandbox()
        try sandbox.write("database", to: "orders.db")
        try sandbox.write("log", to: "orders.db-wal")
        identity = try FileIdentity(of: [sandbox("orders.db"), sandbox("orders.db-wal")])
    }

    @Test("files that are written to stay themselves")
    func unchanged() throws {
        let file = try #require(FileHandle(forWritingAtPath: sandbox("orders.db")))
        try file.write(contentsOf: Data("more".utf8))
        try file.close()
        try identity.check()
    }

    @Test("a file that was deleted is lost", arguments: ["orders.db", "orders.db-wal"])
    func deleted(name: String) throws {
        try FileManager.default.removeItem(atPath: sandbox(name))
        let failure = try #require(throws: LogFailure.self) { try identity.check() }
        #expect(failure.reason == .lost)
        #expect(failure.message.contains("\(sandbox(name)) was moved or deleted"))
    }

    @Test("a file that was replaced is lost, even by the same content")
    func replaced() throws {
        try sandbox.write("database", to: "copy")
        #expect(rename(sandbox("copy"), sandbox("orders.db")) == 0)
        let failure = try #require(throws: LogFailure.self) { try identity.check() }
        #expect(failure.reason == .lost)
        #expect(failure.message.contains("replaced"))
    }

    @Test("a file that comes back is found again")
    func returned() throws {
        #expect(rename(sandbox("orders.db"), sandbox("away")) == 0)
        #expect(throws: LogFailure.self) { try identity.check() }
        #expect(rename(sandbox("away"), sandbox("orders.db")) == 0)
        try identity.check()
    }

    @Test("a directory that was moved takes its files with it")
    func movedDirectory() throws {
        try sandbox.makeDirectory("folder")
        try sandbox.write("", to: "folder/orders.db")
        let identity = try FileIdentity(of: [sandbox("folder/orders.db")])
        #expect(rename(sandbox("folder"), sandbox("elsewhere")) == 0)
        #expect(throws: LogFailure.self) { try identity.check() }
    }

    @Test("a file that is missing from the start is refused")
    func missing() {
        #expect(throws: LogFailure.self) { _ = try FileIdentity(of: [sandbox("other.db")]) }
    }
}
