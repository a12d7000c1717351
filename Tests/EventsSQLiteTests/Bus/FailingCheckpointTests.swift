//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting
import Testing

@testable import EventsSQLite

@Suite("A bus whose log cannot be tidied up", .timeLimit(.minutes(15)))
struct FailingCheckpointTests {
    struct Ping: Event {
        static let name = "ping"
        var number: Int
    }

    @Test("ends at once, and does not wait for the next publish to find out")
    func poisonedByItself() async throws {
        let sandbox = try FileSandbox()
        let disk = try FaultyDisk()
        let log = SQLiteEventLog(path: sandbox("log.db"), options: SQLiteLogOptions(), vfs: disk.name) {
            $0.checkpointBytes = 64 << 10
        }
        let bus = try await EventBus(log: log) { _ in }
        let running = Task { try await bus.run() }
        disk.fail(.write, on: .database, forGood: true)
        // These are in the write-ahead log and safe; what fails is copying them to the file.
        try await bus.publish(contentsOf: (0..<500).map { Ping(number: $0) })
        let failure = await #expect(throws: LogFailure.self) { try await running.value }
        #expect(failure?.reason == .io)
    }
}
