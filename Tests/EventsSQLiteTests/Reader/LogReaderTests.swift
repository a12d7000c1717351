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

@Suite("A reader of a log")
struct LogReaderTests {
    @Test("a read whose task was cancelled before does not begin")
    func cancelled() async throws {
        try await ReadableLog.with { log in
            let reader = log.reader
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await reader.events(EventSelection())
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("a closed reader reads nothing more")
    func closed() async throws {
        try await ReadableLog.with { log in
            _ = try await log.reader.events(EventSelection())
            await log.reader.close()
            let failure = await #expect(throws: LogFailure.self) { try await log.reader.events(EventSelection()) }
            #expect(failure?.reason == .closed)
            await #expect(throws: LogFailure.self) { try await log.reader.read { try $0.query("SELECT 1") } }
            await #expect(throws: LogFailure.self) { try await log.reader.backup(to: log.path + ".copy") }
        }
    }

    @Test("no read leaves a transaction open, which would keep the write-ahead file growing")
    func noTransaction() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b a")
            try log.subscribe(1, "s", to: ["a"])
            var selection = EventSelection()
            selection.limit = 1
            _ = try await log.reader.events(selection)
            selection.correlationID = ReadableLog.id(1)
            _ = try await log.reader.events(selection)
            _ = try await log.reader.outcome(of: .at(1), including: .descendants)
            _ = try await log.reader.read { try $0.query("SELECT * FROM bus_events").count }
            _ = try? await log.reader.read { try $0.query("SELECT nothing").count }
            try log.append(names: "a")
            #expect(try log.writer.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
        }
    }

    @Test("a file that is no database is corrupt, and one that is not there cannot be read")
    func noLog() async throws {
        try await ReadableLog.with { log in
            let other = log.folder.appending(path: "other.db")
            try Data(repeating: 0x61, count: 10_000).write(to: other)
            let corrupt = LogReader(path: other.path)
            let first = await #expect(throws: LogFailure.self) { try await corrupt.events(EventSelection()) }
            #expect(first?.reason == .corrupt)
            let missing = LogReader(path: log.folder.appending(path: "missing.db").path)
            let second = await #expect(throws: LogFailure.self) { try await missing.events(EventSelection()) }
            #expect(second?.reason == .io)
        }
    }
}
