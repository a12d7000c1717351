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

@Suite("When a log in memory fails")
struct MemoryLogFaultTests {
    private let completions = Completions()

    private func opened(_ commits: MemoryEventLog.Commits = .immediate) async throws -> MemoryEventLog {
        let log = MemoryEventLog(commits: commits)
        try await log.open("s")
        log.append("first", noting: completions)
        log.commit()
        return log
    }

    @Test("a full disk rejects an append and leaves nothing of it", arguments: [MemoryEventLog.Fault.full, .busy])
    func full(fault: MemoryEventLog.Fault) async throws {
        let log = try await opened()
        log.failNext(fault)
        log.append("second", noting: completions)
        log.append("third", noting: completions)
        #expect(completions.all == ["first", "second \(fault)", "third"])
        #expect(try await log.offsets() == [1, 2])
    }

    @Test("a full disk holds settlements back, and they go before what comes next")
    func held() async throws {
        let log = try await opened()
        log.failNext(.full)
        log.settle("settled", 1, noting: completions)
        #expect(completions.all == ["first"])
        #expect(log.pendingCount == 1)
        #expect(try await log.pending() == 1)
        log.append("second", noting: completions)
        #expect(completions.all == ["first", "settled", "second"])
        #expect(try await log.pending() == 0)
    }

    @Test("what is held back can be committed without anything new")
    func retried() async throws {
        let log = try await opened()
        log.failNext(.full, commits: .max)
        log.settle("settled", 1, noting: completions)
        log.append("second", noting: completions)
        #expect(log.commit() == 0)
        #expect(completions.all == ["first", "second full"])
        log.stopFailing()
        #expect(log.commit() == 1)
        #expect(completions.all == ["first", "second full", "settled"])
    }

    @Test("closing makes a last attempt at what is held back")
    func lastAttempt() async throws {
        let log = try await opened()
        log.failNext(.full)
        log.settle("settled", 1, noting: completions)
        await log.close()
        #expect(completions.all == ["first", "settled"])
        try await log.open("s")
        #expect(try await log.pending() == 0)
    }

    @Test("when the last attempt fails, so does the settlement, and nothing of it is there")
    func failedLastAttempt() async throws {
        let log = try await opened()
        log.failNext(.full, commits: .max)
        log.settle("settled", 1, noting: completions)
        await log.close()
        #expect(completions.all == ["first", "settled full"])
        log.stopFailing()
        try await log.open("s")
        #expect(try await log.pending() == 1)
    }

    @Test("an error while writing poisons the log until it is opened again")
    func poisoned() async throws {
        let log = try await opened()
        log.failNext(.io(indeterminate: false))
        log.append("second", noting: completions)
        log.settle("settled", 1, noting: completions)
        #expect(completions.all == ["first", "second io", "settled io"])
        #expect(try await log.offsets() == [1])
        await log.close()
        try await log.open("s")
        log.append("third", noting: completions)
        #expect(completions.all.last == "third")
    }

    @Test("a commit of unknown fate says so, and may be there afterwards", arguments: [false, true])
    func indeterminate(isStored: Bool) async throws {
        let log = try await opened(.manual)
        log.failNext(.io(indeterminate: true, isStored: isStored))
        for name in ["second", "third"] { log.append(name, noting: completions) }
        log.commit()
        log.append("fourth", noting: completions)
        #expect(completions.all == ["first", "second io?", "third io?", "fourth io"])
        let after = log.crash()
        try await after.open("s")
        #expect(try await after.offsets() == (isStored ? [1, 2, 3] : [1]))
    }

    @Test("opening fails like a commit, and can be tried again")
    func openingFails() async throws {
        let log = MemoryEventLog()
        log.failNext(.full)
        let failure = await #expect(throws: LogFailure.self) { try await log.open() }
        #expect(failure?.reason == .full)
        #expect(try await log.open().epoch == 1)
    }

    @Test("a crash forgets what was not committed, and all later calls fail")
    func crash() async throws {
        let log = try await opened(.manual)
        log.append("second", noting: completions)
        let after = log.crash()
        log.append("third", noting: completions)
        #expect(completions.all == ["first", "second closed", "third closed"])
        await #expect(throws: LogFailure.self) { try await log.offsets() }
        await #expect(throws: LogFailure.self) { try await log.open() }
        await log.close()
        try await after.open("s")
        #expect(try await after.offsets() == [1])
    }

    @Test("a process that crashed notes nothing more")
    func lateNotes() async throws {
        let log = try await opened()
        log.noteStart(slot: 0, subscription: SubscriptionKey(rawValue: 1), offset: Offset(rawValue: 1))
        let after = log.crash()
        log.noteEnd(slot: 0)
        #expect(try await after.open("s").suspects.map(\.offset.rawValue) == [1])
    }

    @Test("slots that were not asked for are ignored")
    func noSuchSlot() async throws {
        let log = try await opened()
        for slot in [-1, 2, .max] {
            log.noteStart(slot: slot, subscription: SubscriptionKey(rawValue: 1), offset: Offset(rawValue: 1))
            log.noteEnd(slot: slot + (slot == .max ? 0 : 1))
        }
        #expect(try await log.crash().open("s").suspects == [])
    }

    @Test("a damaged event is read, by anybody, as not intact")
    func damaged() async throws {
        let log = try await opened()
        #expect(log.damage(Offset(rawValue: 1)))
        #expect(!log.damage(Offset(rawValue: 2)))
        var selection = EventSelection()
        selection.interests = [LogSubscription.Interest(eventName: "other", after: Offset(rawValue: 0))]
        #expect(try await log.events(selection).events.map(\.isIntact) == [false])
    }
}
