//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite

@testable import EventsSQLite

/// A table of numbered rows, to see which commits a disk kept. It uses SQLite alone, none of the log.
struct Ledger {
    let disk: FaultyDisk
    let connection: Connection
    /// By acknowledged commit, the disk's position when it was acknowledged.
    private(set) var acknowledged: [Int] = []
    private var next = 1

    init(on disk: FaultyDisk, at path: String, synchronous: String) throws {
        self.disk = disk
        connection = try Connection(path: path, mode: .readWrite, vfs: disk.name)
        try connection.execute(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=\(synchronous); PRAGMA wal_autocheckpoint=0;
            CREATE TABLE ledger (number INTEGER PRIMARY KEY, filling TEXT)
            """)
    }

    /// Commits one row and notes the acknowledgement.
    mutating func commit(filling: Int = 3_000) throws {
        let number = next
        next += 1
        try connection.execute("INSERT INTO ledger VALUES (\(number), hex(zeroblob(\(filling / 2))))")
        acknowledged.append(disk.position)
    }

    /// A workload that uses the WAL from its start again and again, as the log does.
    mutating func work(commits: Int, checkpointEvery interval: Int) throws {
        for number in 1...commits {
            try commit(filling: number % 7 == 0 ? 12_000 : 600)
            if number.isMultiple(of: interval) { try connection.execute("PRAGMA wal_checkpoint(PASSIVE)") }
        }
    }

    /// How many commits had been acknowledged when the disk was at a position.
    func acknowledged(at position: Int) -> Int {
        acknowledged.count { $0 <= position }
    }

    /// What somebody finds who opens the files after a crash.
    enum Finding: Equatable {
        /// The rows 1 to this number, and a sound file.
        case rows(Int)
        case damaged(String)
    }

    /// Opens a ledger as after a restart.
    static func find(at path: String) -> Finding {
        do {
            let connection = try Connection(path: path, mode: .readWrite)
            try connection.execute("PRAGMA synchronous=OFF")
            guard try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'ledger'") == 1 else { return .rows(0) }
            let check = try connection.text("PRAGMA integrity_check") ?? ""
            let count = try connection.integer("SELECT count(*) FROM ledger") ?? 0
            let last = try connection.integer("SELECT max(number) FROM ledger") ?? 0
            guard check == "ok", count == last else { return .damaged("\(check), \(count) rows up to \(last)") }
            return .rows(Int(count))
        } catch {
            return .damaged("\(error)")
        }
    }
}
