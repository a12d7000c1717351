//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import EventsSQLite

@Suite("A disk that loses power")
struct PowerLossTests {
    private let sandbox: FileSandbox
    private let disk: FaultyDisk

    init() throws {
        sandbox = try FileSandbox()
        disk = try FaultyDisk()
        try sandbox.makeDirectory("crashed")
    }

    /// What was found over all power losses of a workload.
    private struct Tally {
        var states = 0
        var lost = 0
        var damaged: [String] = []
        /// States with a commit that nobody had been told of yet.
        var ahead = 0
    }

    private func crashEverywhere(synchronous: String) throws -> Tally {
        var ledger = try Ledger(on: disk, at: sandbox("ledger.db"), synchronous: synchronous)
        let start = disk.position
        try ledger.work(commits: 50, checkpointEvery: 12)
        var tally = Tally()
        for position in start...disk.position {
            for ending in disk.endings(at: position, samples: 2) {
                try disk.crash(at: position, keeping: ending.survival, seed: ending.seed, into: sandbox("crashed"))
                tally.states += 1
                switch Ledger.find(at: sandbox("crashed/ledger.db")) {
                case .rows(let found):
                    if found < ledger.acknowledged(at: position) { tally.lost += 1 }
                    if found > ledger.acknowledged(at: position) { tally.ahead += 1 }
                case .damaged(let why):
                    tally.damaged.append("\(why) (position \(position), \(ending))")
                }
            }
        }
        return tally
    }

    @Test("with synchronous=FULL no power loss takes an acknowledged commit or damages the file")
    func full() throws {
        let tally = try crashEverywhere(synchronous: "FULL")
        #expect(tally.lost == 0)
        #expect(tally.damaged.isEmpty)
        #expect(tally.states > 1_000)
        // Otherwise the disk would only ever have kept what was synced.
        #expect(tally.ahead > 0)
    }

    @Test("with synchronous=NORMAL acknowledged commits are lost, but the file stays sound")
    func normal() throws {
        let tally = try crashEverywhere(synchronous: "NORMAL")
        #expect(tally.lost > 0)
        #expect(tally.damaged.isEmpty)
    }

    @Test("with synchronous=OFF acknowledged commits are lost, and the file is damaged too")
    func off() throws {
        let tally = try crashEverywhere(synchronous: "OFF")
        #expect(tally.lost > 0)
        #expect(!tally.damaged.isEmpty)
    }

    @Test("the end of the process alone loses nothing, however little is synced")
    func killed() throws {
        var ledger = try Ledger(on: disk, at: sandbox("ledger.db"), synchronous: "OFF")
        try ledger.work(commits: 20, checkpointEvery: 6)
        for position in ledger.acknowledged {
            try disk.crash(at: position, keeping: .everything, into: sandbox("crashed"))
            #expect(Ledger.find(at: sandbox("crashed/ledger.db")) == .rows(ledger.acknowledged(at: position)))
        }
    }

    @Test("a database is whole or not there while it is being made")
    func creation() throws {
        _ = try Ledger(on: disk, at: sandbox("ledger.db"), synchronous: "FULL")
        for position in 0...disk.position {
            for ending in disk.endings(at: position, samples: 4) {
                try disk.crash(at: position, keeping: ending.survival, seed: ending.seed, into: sandbox("crashed"))
                #expect(Ledger.find(at: sandbox("crashed/ledger.db")) == .rows(0))
            }
        }
    }

    @Test("one seed gives one state, and different seeds give different ones")
    func seeds() throws {
        var ledger = try Ledger(on: disk, at: sandbox("ledger.db"), synchronous: "OFF")
        try ledger.work(commits: 10, checkpointEvery: 5)
        func image(_ survival: FaultyDisk.Survival, seed: Int) throws -> [UInt8] {
            try disk.crash(at: disk.position, keeping: survival, seed: seed, into: sandbox("crashed"))
            return sandbox.bytes(of: "crashed/ledger.db") + sandbox.bytes(of: "crashed/ledger.db-wal")
        }
        for survival in [FaultyDisk.Survival.prefix, .some] {
            let images = try (0..<20).map { try image(survival, seed: $0) }
            #expect(try images == (0..<20).map { try image(survival, seed: $0) })
            #expect(Set(images).count > 10)
        }
    }

    @Test("a file that was there before the disk was used is part of every state")
    func existing() throws {
        let first = try FaultyDisk()
        var ledger: Ledger? = try Ledger(on: first, at: sandbox("ledger.db"), synchronous: "FULL")
        try ledger?.work(commits: 3, checkpointEvery: 3)
        ledger = nil
        let connection = try Connection(path: sandbox("ledger.db"), mode: .readWrite, vfs: disk.name)
        try connection.execute("INSERT INTO ledger VALUES (4, '')")
        try disk.crash(at: disk.position, keeping: .nothing, into: sandbox("crashed"))
        #expect(Ledger.find(at: sandbox("crashed/ledger.db")) == .rows(4))
    }
}
