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
import Testing

@testable import EventsSQLite

// Macros that Swift does not import: SQLITE_IOERR_WRITE and SQLITE_IOERR_FSYNC.
private let writeError = SQLITE_IOERR | (3 << 8)
private let syncError = SQLITE_IOERR | (4 << 8)

@Suite("A disk whose calls fail")
struct FailingCallTests {
    private let sandbox: FileSandbox
    private let disk: FaultyDisk

    init() throws {
        sandbox = try FileSandbox()
        disk = try FaultyDisk()
        try sandbox.makeDirectory("crashed")
    }

    private func makeLedger() throws -> Ledger {
        try Ledger(on: disk, at: sandbox("ledger.db"), synchronous: "FULL")
    }

    @Test(
        "a call that is told to fail does so with the code that fits it",
        arguments: [
            (FaultyDisk.Calls.write, SQLITE_IOERR, writeError), (.grow, SQLITE_IOERR, writeError),
            (.sync, SQLITE_IOERR, syncError), (.write, SQLITE_FULL, SQLITE_FULL),
            (.write, SQLITE_BUSY, SQLITE_BUSY),
        ])
    func codes(calls: FaultyDisk.Calls, given: Int32, expected: Int32) throws {
        var ledger = try makeLedger()
        disk.fail(calls, with: given)
        let error = try #require(throws: SQLiteError.self) { try ledger.commit() }
        #expect(error.code == expected || error.code & 0xFF == expected)
        #expect(disk.failures == 1)
    }

    @Test("a fault comes after as many calls as it was told, once")
    func once() throws {
        var ledger = try makeLedger()
        disk.fail(.sync, on: .wal, after: 2)
        try ledger.commit()
        let error = try #require(throws: SQLiteError.self) {
            try ledger.commit()
            try ledger.commit()
        }
        #expect(error.code == syncError)
        try ledger.commit()
        #expect(disk.failures == 1)
    }

    @Test("a fault for good lasts until the disk is healed")
    func forGood() throws {
        var ledger = try makeLedger()
        disk.fail(.write, with: SQLITE_FULL, forGood: true)
        for _ in 0..<3 { #expect(throws: SQLiteError.self) { try ledger.commit() } }
        #expect(disk.failures >= 3)
        disk.heal()
        try ledger.commit()
    }

    @Test("a fault on one kind of file leaves the others alone")
    func files() throws {
        var ledger = try makeLedger()
        disk.fail(.write, on: .database, forGood: true)
        try ledger.commit()
        #expect(throws: SQLiteError.self) { try ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    @Test("an open that fails is a file that cannot be opened")
    func opening() throws {
        disk.fail(.open, on: .database)
        let error = try #require(throws: SQLiteError.self) { _ = try makeLedger() }
        #expect(error.primaryCode == SQLITE_CANTOPEN)
    }

    @Test("a full disk still takes writes that do not make a file longer")
    func full() throws {
        var ledger = try makeLedger()
        try ledger.work(commits: 10, checkpointEvery: 10)
        disk.fail(.grow, with: SQLITE_FULL, forGood: true)
        // The checkpoint left the WAL to be used from its start.
        try ledger.commit(filling: 10)
        let error = try #require(throws: SQLiteError.self) { try ledger.commit(filling: 1_000_000) }
        #expect(error.primaryCode == SQLITE_FULL)
    }

    @Test("calls are counted by kind and file")
    func counts() throws {
        var ledger = try makeLedger()
        let (syncs, writes, grows) = (disk.calls(.sync, on: .wal), disk.calls(.write, on: .wal), disk.calls(.grow, on: .wal))
        try ledger.commit(filling: 10)
        #expect(disk.calls(.sync, on: .wal) == syncs + 1)
        // One page: its header and its content, each of which makes the WAL longer.
        #expect(disk.calls(.write, on: .wal) == writes + 2)
        #expect(disk.calls(.grow, on: .wal) == grows + 2)
        #expect(disk.calls([.write, .grow], on: .wal) == writes + 2)
    }

    @Test("a sync that failed has saved nothing, even if a later one succeeds")
    func failedSync() throws {
        var ledger = try makeLedger()
        try ledger.commit()
        disk.fail(.sync, on: .wal)
        #expect(throws: SQLiteError.self) { try ledger.commit() }
        #expect(disk.unsynced(at: disk.position - 1) > 0)
        #expect(disk.unsynced(at: disk.position) == 0)
        try disk.crash(at: disk.position, keeping: .nothing, into: sandbox("crashed"))
        #expect(Ledger.find(at: sandbox("crashed/ledger.db")) == .rows(1))
        try disk.crash(at: disk.position, keeping: .everything, into: sandbox("crashed"))
        #expect(Ledger.find(at: sandbox("crashed/ledger.db")) == .rows(2))
    }

    @Test("a write that fails half-way has written its first half")
    func partial() throws {
        var ledger = try makeLedger()
        let position = disk.position
        disk.fail(.write, on: .wal)
        #expect(throws: SQLiteError.self) { try ledger.commit() }
        #expect(disk.position == position)
        disk.fail(.write, on: .wal, isPartial: true)
        #expect(throws: SQLiteError.self) { try ledger.commit() }
        #expect(disk.position == position + 1)
    }

    @Test(
        "SQLite loses no acknowledged commit to any single call that fails", arguments: [SQLITE_IOERR, SQLITE_FULL, SQLITE_BUSY])
    func everyCall(code: Int32) throws {
        // A workload without faults says how many calls there are.
        var undisturbed = try Ledger(on: disk, at: sandbox("undisturbed.db"), synchronous: "FULL")
        let before = disk.calls(.any)
        try undisturbed.work(commits: 8, checkpointEvery: 3)
        let count = disk.calls(.any) - before
        #expect(count > 50)
        for call in 0..<count {
            let disk = try FaultyDisk()
            let path = sandbox("ledger-\(call).db")
            var ledger = try Ledger(on: disk, at: path, synchronous: "FULL")
            disk.fail(.any, after: call, with: code)
            let isOver = (try? ledger.work(commits: 8, checkpointEvery: 3)) != nil
            #expect(disk.failures == 1, "call \(call)")
            try disk.crash(at: disk.position, keeping: .nothing, into: sandbox("crashed"))
            guard case .rows(let found) = Ledger.find(at: sandbox("crashed/ledger-\(call).db")) else {
                Issue.record("call \(call) damaged the file")
                continue
            }
            #expect(found >= ledger.acknowledged.count, "call \(call)")
            if isOver { #expect(found == 8) }
        }
    }

    @Test("the hook sees a call before it is carried out")
    func hook() throws {
        let seen = Seen()
        disk.beforeCalls { call, file in
            if file == .wal { seen.calls.withLock { $0.append(call) } }
        }
        var ledger = try makeLedger()
        try ledger.commit()
        #expect(seen.calls.withLock { $0.contains(.sync) })
        #expect(seen.calls.withLock { $0.contains([.write, .grow]) })
    }

    private final class Seen: Sendable {
        let calls = Guarded<[FaultyDisk.Calls]>([])
    }
}
