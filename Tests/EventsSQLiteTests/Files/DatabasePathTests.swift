//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite
import Events
import Foundation
import Testing

@testable import EventsSQLite

@Suite("The path of a database")
struct DatabasePathTests {
    private let sandbox: FileSandbox

    init() throws { sandbox = try FileSandbox() }

    private func failure(_ path: String) -> LogFailure? {
        #expect(throws: LogFailure.self) { _ = try DatabasePath(path) }
    }

    @Test(
        "what is no path of a file is refused",
        arguments: ["", ":memory:", "file:orders.db", "FILE:///tmp/orders.db?mode=ro", "a/", ".", "..", "x/..", "a\u{0}b"])
    func impossible(path: String) {
        #expect(failure(path)?.reason == .invalid)
    }

    @Test("a directory, a missing one above it, a pipe, a link and a second name are refused, and the message says which it is")
    func unsuitable() throws {
        try sandbox.makeDirectory("folder")
        #expect(failure(sandbox("folder"))?.message.contains("is a directory") == true)
        #expect(failure(sandbox("missing/orders.db"))?.message.contains("create it first") == true)
        #expect(failure("~/orders.db")?.message.contains("taken literally") == true)
        #expect(mkfifo(sandbox("pipe"), 0o600) == 0)
        #expect(failure(sandbox("pipe"))?.message.contains("not a regular file") == true)
        try sandbox.write("", to: "orders.db")
        try sandbox.link("link.db", to: "orders.db")
        #expect(failure(sandbox("link.db"))?.message.contains("symbolic link") == true)
        try FileManager.default.linkItem(atPath: sandbox("orders.db"), toPath: sandbox("second.db"))
        #expect(failure(sandbox("orders.db"))?.message.contains("2 names") == true)
    }

    @Test("two ways to one directory lead to one path")
    func resolved() throws {
        try sandbox.makeDirectory("folder")
        try sandbox.link("way", to: "folder")
        #expect(try DatabasePath(sandbox("way/orders.db")).path == sandbox("folder/orders.db"))
        #expect(try DatabasePath(sandbox("folder/../folder//orders.db")).path == sandbox("folder/orders.db"))
    }

    @Test("a path that SQLite could not open is refused before anything is made")
    func long() throws {
        let folder = String(repeating: "d", count: 250)
        try sandbox.makeDirectory("\(folder)/\(folder)")
        let failure = failure(sandbox("\(folder)/\(folder)/orders.db"))
        #expect(failure?.message.contains("at most 504") == true)
    }

    @Test("a file that is not writable is refused", .disabled(if: geteuid() == 0, "everything is writable to root"))
    func readOnly() throws {
        try sandbox.write("", to: "orders.db")
        try sandbox.setPermissions(0o400, of: "orders.db")
        #expect(failure(sandbox("orders.db"))?.reason == .invalid)
        try sandbox.makeDirectory("folder")
        try sandbox.setPermissions(0o500, of: "folder")
        #expect(failure(sandbox("folder/orders.db"))?.message.contains("not writable") == true)
    }

    @Test("a new database has the mode 0600 even if the umask would take more away")
    func umaskOfAnother() async {
        // The umask is the whole process's, so this takes one of its own.
        await #expect(processExitsWith: .success) {
            let sandbox = try FileSandbox()
            umask(0o777)
            try DatabasePath(sandbox("orders.db")).createIfMissing()
            #expect(try sandbox.permissions(of: "orders.db") == 0o600)
        }
    }

    @Test("a new database and its side files are closed to other users")
    func creation() throws {
        let path = try DatabasePath(sandbox("orders.db"))
        #expect(path.warnings.isEmpty)
        try path.createIfMissing()
        let connection = try Connection(path: path.path, mode: .readWrite)
        try connection.execute("PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        for suffix in ["", "-wal", "-shm"] {
            #expect(try sandbox.permissions(of: "orders.db" + suffix) == 0o600)
        }
    }

    @Test("creating leaves a database alone that is there")
    func existing() throws {
        try sandbox.write("content", to: "orders.db")
        try DatabasePath(sandbox("orders.db")).createIfMissing()
        #expect(try sandbox.text(of: "orders.db") == "content")
    }

    @Test("a database that others can read is used with a warning")
    func openToOthers() throws {
        try sandbox.write("", to: "orders.db")
        try sandbox.setPermissions(0o644, of: "orders.db")
        let warnings = try DatabasePath(sandbox("orders.db")).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("644") == true)
    }

    @Test("a -wal without its database is not thrown away", arguments: [true, false])
    func orphanedWAL(isEmptyFileThere: Bool) throws {
        try sandbox.write("committed events", to: "orders.db-wal")
        if isEmptyFileThere { try sandbox.write("", to: "orders.db") }
        let failure = failure(sandbox("orders.db"))
        #expect(failure?.reason == .invalid)
        #expect(failure?.message.contains("orders.db-wal holds committed events") == true)
    }

    @Test("a network file system is refused, with its name")
    func network() {
        let failure = #expect(throws: LogFailure.self) {
            _ = try DatabasePath(sandbox("orders.db")) { _ in Filesystem(magic: 0x6969) }
        }
        #expect(failure?.reason == .unsupported)
        #expect(failure?.message.contains("NFS") == true)
    }

    @Test("a file system that may forget is used with a warning")
    func doubtful() throws {
        let path = try DatabasePath(sandbox("orders.db")) { _ in Filesystem(magic: 0x0102_1994) }
        #expect(path.warnings.first?.contains("tmpfs") == true)
    }
}
