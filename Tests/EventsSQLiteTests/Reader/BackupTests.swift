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

@Suite("Backing up a log")
struct BackupTests {
    @Test("the copy is a log with all that was committed, readable by its owner alone, and one file")
    func copy() async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(Schema.version)")
            try log.append(names: "a b a")
            let target = log.folder.appending(path: "copy.db").path
            try await log.reader.backup(to: target)
            let files = try FileManager.default.contentsOfDirectory(atPath: log.folder.path)
            #expect(Set(files) == ["log.db", "log.db-wal", "log.db-shm", "copy.db"])
            let attributes = try FileManager.default.attributesOfItem(atPath: target)
            #expect(attributes[.posixPermissions] as? Int == 0o600)

            let copy = try Connection(path: target, mode: .readWrite)
            #expect(try copy.text("PRAGMA integrity_check") == "ok")
            #expect(try copy.text("PRAGMA journal_mode") == "wal")
            #expect(try copy.integer("PRAGMA application_id") == Schema.applicationID)
            #expect(try copy.integer("PRAGMA user_version") == Schema.version)
            let reader = LogReader(path: target)
            let page = try await reader.events(EventSelection())
            #expect(page.events.offsets == [1, 2, 3])
            #expect(!page.events.contains { !$0.isIntact })
            await reader.close()
        }
    }

    @Test("the writer goes on during a copy, and the copy is of one state")
    func whileWriting() async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("BEGIN")
            for number in 1...2_000 as ClosedRange<UInt64> {
                try log.append(ReadableLog.event(number, payload: String(repeating: "x", count: 4_000)))
            }
            try log.writer.execute("COMMIT")
            let target = log.folder.appending(path: "copy.db").path
            let reader = log.reader
            let backup = Task { try await reader.backup(to: target) }
            // Commits as long as the copy grows; each of them moves rows of two pages that are far apart.
            var commits: Int64 = 0
            while !FileManager.default.fileExists(atPath: target), commits < 100_000 {
                commits += 1
                try log.writer.execute("UPDATE bus_events SET version = \(commits) WHERE offset IN (1, 2000)")
                await Task.yield()
            }
            try await backup.value
            let copy = try Connection(path: target, mode: .readOnly)
            #expect(try copy.text("PRAGMA integrity_check") == "ok")
            #expect(try copy.integer("SELECT count(*) FROM bus_events") == 2_000)
            #expect(try copy.integer("SELECT count(DISTINCT version) FROM bus_events WHERE offset IN (1, 2000)") == 1)
        }
    }

    @Test("a copy does not begin again when something is committed meanwhile")
    func commitsBetweenSteps() async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("BEGIN")
            for number in 1...1_000 as ClosedRange<UInt64> {
                try log.append(ReadableLog.event(number, payload: String(repeating: "x", count: 4_000)))
            }
            try log.writer.execute("COMMIT")
            let pages = try #require(try log.writer.integer("PRAGMA page_count"))
            let session = try ReadSession(path: log.path, vfs: nil)
            let target = log.folder.appending(path: "copy.db").path
            var steps: Int64 = 0
            try session.transaction { session in
                try LogBackup(to: target).copy(from: session) {
                    steps += 1
                    try? log.append(names: "b")
                    return steps < 100
                }
            }
            #expect(steps == pages / 256 + 1)
            let copy = try Connection(path: target, mode: .readOnly)
            #expect(try copy.integer("SELECT max(offset) FROM bus_events") == 1_000)
        }
    }

    @Test("nothing is overwritten", arguments: ["copy.db", "copy.db-wal", "copy.db-journal", "copy.db-shm", "copy.db.partial"])
    func exists(name: String) async throws {
        try await ReadableLog.with { log in
            let file = log.folder.appending(path: name)
            try Data("mine".utf8).write(to: file)
            let failure = await #expect(throws: LogFailure.self) {
                try await log.reader.backup(to: log.folder.appending(path: "copy.db").path)
            }
            #expect(failure?.reason == .invalid)
            #expect(try Data(contentsOf: file) == Data("mine".utf8))
        }
    }

    @Test("the log itself is no target, whatever name it goes by")
    func itself() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            let link = log.folder.appending(path: "link.db")
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: log.path)
            for path in [log.path, link.path, log.folder.path + "/./log.db"] {
                await #expect(throws: LogFailure.self) { try await log.reader.backup(to: path) }
            }
            #expect(try await log.reader.events(EventSelection()).events.count == 1)
        }
    }

    @Test(
        "what is no path, or leads nowhere, is refused",
        arguments: ["", "file:copy.db", ":memory:", "/no such folder/copy.db", "/"])
    func noPath(path: String) async throws {
        try await ReadableLog.with { log in
            let failure = await #expect(throws: LogFailure.self) { try await log.reader.backup(to: path) }
            #expect(failure?.reason == .invalid)
        }
    }

    @Test("a copy that is cut off leaves nothing behind")
    func cutOff() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            let target = log.folder.appending(path: "copy.db").path
            let session = try ReadSession(path: log.path, vfs: nil)
            #expect(throws: SQLiteError.self) {
                try session.transaction { try LogBackup(to: target).copy(from: $0) { false } }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: log.folder.path)
            #expect(!files.contains { $0.hasPrefix("copy") })
        }
    }
}
