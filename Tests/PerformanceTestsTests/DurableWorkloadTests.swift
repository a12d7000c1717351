//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite
import Foundation
import Testing

@testable import PerformanceTests

@Suite("The workload with a log")
struct DurableWorkloadTests {
    @Test("a scratch directory is gone when nobody uses it any more, with what is in it")
    func scratchDirectory() throws {
        var path = ""
        do {
            let directory = try ScratchDirectory()
            path = directory.path("file")
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path))
    }

    @Test("memory is told from a disk")
    func memory() {
        // Linux has it everywhere; elsewhere there is no such directory, and nothing is said of what is not there.
        #expect(ScratchDirectory.isInMemory("/dev/shm") == FileManager.default.fileExists(atPath: "/dev/shm"))
        #expect(!ScratchDirectory.isInMemory("/nowhere/at/all"))
    }

    @Test("the disk is asked as often as it should be")
    func syncs() throws {
        let samples = try SyncProbe.samples(3, in: ScratchDirectory())
        #expect(samples.percentile(0) > 0)
        #expect(samples.percentile(100).isFinite)
    }

    @Test("the raw loop writes as many rows as the bus does, with the same columns filled", arguments: [1, 4])
    func rawRows(batchSize: Int) async throws {
        let directory = try ScratchDirectory()
        let path = directory.path("raw.db")
        let load = Load(events: 10, batchSize: batchSize)
        _ = try await RawLogContender(settles: true).time(load, path: path)
        let rows = try await withEventBus(log: .sqlite(path)) { bus in
            try await bus.publish(OrderPlaced(orderID: 10))
            return try await bus.read { try $0.query("SELECT * FROM bus_events ORDER BY offset") }
        }
        #expect(rows.map { $0["offset"] } == (1...11).map { .integer($0) })
        let filled = rows.map { row in row.columns.filter { row[$0] != .null } }
        #expect(Set(filled).count == 1)
        #expect(
            rows[3]["payload"] == .text(#"{"orderID":3,"quantity":3}"#)
                || rows[3]["payload"] == .text(#"{"quantity":3,"orderID":3}"#))
    }

    @Test("the raw loop settles what it writes, as the bus would")
    func rawSettlements() async throws {
        let directory = try ScratchDirectory()
        let path = directory.path("raw.db")
        _ = try await RawLogContender(settles: true).time(Load(events: 10, batchSize: 4), path: path)
        let handled = Tally(expected: 0)
        let (cursor, history) = try await withEventBus(
            log: .sqlite(path), handlers: { try $0.subscribe("counter", to: OrderPlaced.self) { _, _ in handled.count() } }
        ) { bus in
            try await bus.read { log in
                (
                    try log.query("SELECT cursor FROM bus_subscriptions"),
                    try log.query("SELECT first_offset, last_offset, offsets FROM bus_settlements ORDER BY 1")
                )
            }
        }
        #expect(cursor.map(\.values) == [[.integer(10)]])
        #expect(
            history.map(\.values) == [
                [.integer(1), .integer(4), .text("0-3")], [.integer(5), .integer(8), .text("0-3")],
                [.integer(9), .integer(10), .text("0-1")],
            ])
    }

    @Test("the bus gets all events into its log, and with a handler all of them settled", arguments: [false, true])
    func bus(handles: Bool) async throws {
        let load = Load(events: 50, producers: 8)
        #expect(try await DurableBusContender(handles: handles).time(load) > .zero)
        #expect(try await DurableBusContender(handles: handles).time(Load(events: 50, batchSize: 20)) > .zero)
    }

    @Test("a long log makes every bus that opens it begin with the same event, also after a kill")
    func longLog() async throws {
        let log = try await LongLog(settled: 2_000, waiting: 3)
        for _ in 0..<2 {
            #expect(try await log.timeToFirstEvent() > 0)
            try log.leaveWriteAheadLog(mebibytes: 1)
            let size = try FileManager.default.attributesOfItem(atPath: log.path + "-wal")[.size] as? Int
            #expect(try #require(size) > 1 << 20)
        }
        let rows = try await withEventBus(log: .sqlite(log.path)) { bus in
            try await bus.read { log in
                try log.query("SELECT cursor, (SELECT count(*) FROM bus_events WHERE offset > cursor) FROM bus_subscriptions")
            }
        }
        #expect(rows.map(\.values) == [[.integer(2_000), .integer(3)]])
    }
}
