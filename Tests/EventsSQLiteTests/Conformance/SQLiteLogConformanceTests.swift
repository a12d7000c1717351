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
import Foundation
import Testing

@testable import EventsSQLite

@Suite("A log in a SQLite file does what every log must", .timeLimit(.minutes(15)))
struct SQLiteLogConformanceTests {
    @Test("when changes share a commit", arguments: LogConformance.checks)
    func together(_ check: LogConformance.Check) async throws {
        try await check.run(with: try SQLiteSubject())
    }

    @Test("when each change is a commit of its own", arguments: LogConformance.checks)
    func oneByOne(_ check: LogConformance.Check) async throws {
        try await check.run(with: try SQLiteSubject { $0.commitLimit = 1 })
    }
}

/// A log in a file, on disks that can show what the end of a process leaves.
private final class SQLiteSubject: LogSubject {
    let canKill = true
    private let sandbox: FileSandbox
    private let adjust: @Sendable (inout LogSettings) -> Void
    /// One a life. They are kept, because no connection may outlive its disk.
    private let disks = Guarded<[FaultyDisk]>([])

    init(adjust: @escaping @Sendable (inout LogSettings) -> Void = { _ in }) throws {
        sandbox = try FileSandbox()
        self.adjust = adjust
    }

    func make() async throws -> any EventLog {
        try beginLife()
        return try currentLog()
    }

    func reopen(_ log: any EventLog) async throws -> any EventLog {
        try currentLog()
    }

    func kill(_ log: any EventLog) async throws -> any EventLog {
        let path = try #require(log as? SQLiteEventLog).path
        let disk = try #require(disks.withLock { $0.last })
        try beginLife()
        let next = sandbox("\(disks.withLock { $0.count })")
        try disk.crash(at: disk.position, keeping: .everything, into: next)
        // The flight notes are mapped memory: they survive the process without a write.
        try FileManager.default.copyItem(atPath: path + "-flight", toPath: next + "/log.db-flight")
        await log.close()
        return try currentLog()
    }

    private func beginLife() throws {
        let disk = try FaultyDisk()
        let life = disks.withLock { disks in
            disks.append(disk)
            return disks.count
        }
        try sandbox.makeDirectory("\(life)")
    }

    private func currentLog() throws -> SQLiteEventLog {
        let (life, disk) = disks.withLock { ($0.count, $0.last) }
        return SQLiteEventLog(
            path: sandbox("\(life)/log.db"), options: SQLiteLogOptions(), vfs: try #require(disk).name, adjust: adjust)
    }
}
