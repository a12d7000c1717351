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

@Suite("When a log in memory commits")
struct MemoryLogCommitTests {
    private let completions = Completions()

    @Test("at once: the completion has run when the call returns")
    func immediate() async throws {
        let log = MemoryEventLog()
        try await log.open()
        log.append("one", noting: completions)
        #expect(completions.all == ["one"])
    }

    @Test("at once: what a completion hands in is committed after it")
    func reentrant() async throws {
        let log = MemoryEventLog()
        try await log.open()
        log.append("one", noting: completions) {
            log.append("two", noting: completions)
            completions.note("one has ended", nil)
        }
        #expect(completions.all == ["one", "one has ended", "two"])
        #expect(try await log.offsets() == [1, 2])
    }

    @Test("at once: many threads lose nothing and keep each one's order")
    func concurrent() async throws {
        let log = MemoryEventLog()
        try await log.open()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<200 { log.append("\(task) \(index)", noting: completions) }
                }
            }
        }
        await log.close()
        let all = completions.all
        #expect(all.count == 1600)
        for task in 0..<8 {
            #expect(all.filter { $0.hasPrefix("\(task) ") } == (0..<200).map { "\(task) \($0)" })
        }
    }

    @Test("when told: nothing is there before, everything after")
    func manual() async throws {
        let log = MemoryEventLog(commits: .manual)
        try await log.open()
        for name in ["one", "two"] { log.append(name, noting: completions) }
        #expect(completions.all == [])
        #expect(log.pendingCount == 2)
        #expect(try await log.offsets() == [])
        #expect(log.commit() == 2)
        #expect(completions.all == ["one", "two"])
        #expect(try await log.offsets() == [1, 2])
        #expect(log.commit() == 0)
    }

    @Test("when told: what a completion hands in waits for the next time")
    func manualReentrant() async throws {
        let log = MemoryEventLog(commits: .manual)
        try await log.open()
        log.append("one", noting: completions) { log.append("two", noting: completions) }
        log.commit()
        #expect(completions.all == ["one"])
        log.commit()
        #expect(completions.all == ["one", "two"])
    }

    @Test("when told: closing commits what is pending")
    func manualClose() async throws {
        let log = MemoryEventLog(commits: .manual)
        try await log.open()
        log.append("one", noting: completions)
        await log.close()
        #expect(completions.all == ["one"])
    }

    @Test("in a task: one is started for all that came before it runs")
    func spawned() async throws {
        let operations = Log<@Sendable () async -> Void>()
        let log = MemoryEventLog(commits: .spawned { operations.append($0) })
        try await log.open()
        for name in ["one", "two"] { log.append(name, noting: completions) }
        #expect(operations.values.count == 1)
        #expect(completions.all == [])
        await operations.values[0]()
        #expect(completions.all == ["one", "two"])
        log.append("three", noting: completions)
        #expect(operations.values.count == 2)
        await operations.values[1]()
        #expect(completions.all == ["one", "two", "three"])
    }

    @Test("an action that commits, hands in changes and looks at values does not hang")
    func actionThatCalls() async throws {
        let log = MemoryEventLog()
        try await log.open()
        let action = CommitAction { _ in
            #expect(log.commit() == 0)
            #expect(log.values.isEmpty)
            log.append("inner", noting: completions)
        }
        log.submit(.transact(LogTransact(action: action) { _ in completions.note("outer", nil) }))
        #expect(completions.all == ["outer", "inner"])
    }

    @Test("a second bus cannot open the log while one has it open")
    func owned() async throws {
        let log = MemoryEventLog()
        try await log.open()
        let failure = await #expect(throws: LogFailure.self) { try await log.open() }
        #expect(failure?.reason == .owned)
        await log.close()
        #expect(try await log.open().epoch == 2)
    }
}
