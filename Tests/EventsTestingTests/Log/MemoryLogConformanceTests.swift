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

@Suite("A log in memory does what every log must")
struct MemoryLogConformanceTests {
    @Test("when it commits at once", arguments: LogConformance.checks)
    func immediate(_ check: LogConformance.Check) async throws {
        try await check.run(with: MemorySubject(commits: .immediate))
    }

    @Test("when it commits in tasks of its own", arguments: LogConformance.checks)
    func spawned(_ check: LogConformance.Check) async throws {
        try await check.run(with: MemorySubject(commits: .spawned { operation in Task { await operation() } }))
    }

    @Test("every check has a name of its own")
    func names() {
        #expect(Set(LogConformance.checks.map(\.name)).count == LogConformance.checks.count)
        #expect(LogConformance.checks.count >= 60)
    }
}

/// A log in memory under test; another bus may open the same object again.
private struct MemorySubject: LogSubject {
    let commits: MemoryEventLog.Commits
    let canKill = true

    func make() async throws -> any EventLog {
        MemoryEventLog(commits: commits)
    }

    func reopen(_ log: any EventLog) async throws -> any EventLog {
        log
    }

    func kill(_ log: any EventLog) async throws -> any EventLog {
        try #require(log as? MemoryEventLog).crash()
    }
}
