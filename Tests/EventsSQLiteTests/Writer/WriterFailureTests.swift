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
import Foundation
import Testing

@testable import EventsSQLite

@Suite("A SQLite log whose storage fails")
struct WriterFailureTests {
    private static let large = String(repeating: "x", count: 100_000)

    /// A log with ten events that cannot grow.
    private func fullLog(retry: Duration = .seconds(3600)) async throws -> (log: WriterFixture, key: SubscriptionKey) {
        var settings = LogSettings()
        settings.retryInterval = retry
        settings.busyTimeout = .zero
        let log = try WriterFixture(settings: settings)
        let key = try await log.open([.to("s", "a")]).subscriptions[0].key
        _ = await log.append(all: (0..<10).map { _ in .named("a") })
        try await log.writer.execute("PRAGMA max_page_count = 1")
        return (log, key)
    }

    private func largeLetter(_ offset: Int64) -> LogSettlement.Item { .at(offset, .letter(text: Self.large)) }

    /// Hands in a settlement without waiting for it.
    private func submit(
        _ log: WriterFixture, _ key: SubscriptionKey, _ item: LogSettlement.Item, _ results: Notes<Result<Int, LogFailure>>
    ) {
        log.writer.submit(
            .settle(
                LogSettlement(subscription: key, time: WriterFixture.time, completed: [], items: [item]) { result, _ in
                    results.add(result.map(\.count))
                }))
    }

    @Test("a full disk rejects an append, and takes one again when there is room")
    func fullAppend() async throws {
        let (log, _) = try await fullLog()
        let refused = await log.append(all: [.named("a", payload: Self.large)])
        let refusal = try #require(throws: LogFailure.self) { try refused.get() }
        #expect(refusal.reason == .full && !refusal.isIndeterminate)
        try await log.writer.execute("PRAGMA max_page_count = 100000")
        #expect(try await log.append(.named("a"))[0].offset.rawValue == 11)
        #expect(log.writer.poison == nil)
    }

    @Test("a full disk holds settlements, which are done when something new is handed in")
    func fullSettle() async throws {
        let (log, key) = try await fullLog()
        let results = Notes<Result<Int, LogFailure>>()
        submit(log, key, largeLetter(1), results)
        _ = await log.append(all: [.named("a", payload: Self.large)])
        #expect(results.all.isEmpty)
        #expect(try log.count("bus_dead_letters") == 0)
        try await log.writer.execute("PRAGMA max_page_count = 100000")
        // The later settlement of the same delivery comes after the one that was held.
        _ = try await log.redrive(.matching(.all))
        #expect(results.all == [.success(0)])
        #expect(try log.column("SELECT redrives FROM bus_deliveries") == [1])
    }

    @Test("settlements that were held are tried again without anything new")
    func timer() async throws {
        let (log, key) = try await fullLog(retry: .milliseconds(1))
        await withCheckedContinuation { continuation in
            log.writer.submit(
                .settle(
                    LogSettlement(subscription: key, time: WriterFixture.time, completed: [], items: [largeLetter(1)]) {
                        result, _ in
                        #expect(throws: Never.self) { try result.get() }
                        continuation.resume()
                    }))
            Task { try await log.writer.execute("PRAGMA max_page_count = 100000") }
        }
        #expect(try log.count("bus_dead_letters") == 1)
    }

    @Test("a settlement goes through beside an append that finds no room")
    func fullBeside() async throws {
        let (log, key) = try await fullLog()
        let results = Notes<Result<Int, LogFailure>>()
        let append = Notes<LogFailure.Reason>()
        log.whileBusy {
            submit(log, key, .at(1, .completed), results)
            log.writer.submit(
                .append(
                    LogAppend(events: [.named("a", payload: Self.large)]) { result in
                        if case .failure(let failure) = result { append.add(failure.reason) }
                    }))
        }
        await log.writer.close()
        #expect(append.all == [.full])
        #expect(results.all == [.success(0)])
    }

    @Test("closing makes a last attempt, and then fails what found no room")
    func close() async throws {
        let (log, key) = try await fullLog()
        let results = Notes<Result<Int, LogFailure>>()
        submit(log, key, largeLetter(1), results)
        await log.writer.close()
        #expect(results.all.count == 1)
        let failure = try #require(throws: LogFailure.self) { try results.all[0].get() }
        #expect(failure.reason == .full && !failure.isIndeterminate)
    }

    @Test("another program that writes is told apart from a full disk, and ends by itself")
    func busy() async throws {
        let (log, key) = try await fullLog()
        try await log.writer.execute("PRAGMA max_page_count = 100000")
        let other = try Connection(path: log.path, mode: .readWrite)
        try other.execute("BEGIN IMMEDIATE")
        let results = Notes<Result<Int, LogFailure>>()
        submit(log, key, .at(1, .completed), results)
        let refused = await log.append(all: [.named("a")])
        let failure = try #require(throws: LogFailure.self) { try refused.get() }
        #expect(failure.reason == .busy && !failure.isIndeterminate)
        #expect(results.all.isEmpty)
        try other.execute("ROLLBACK")
        _ = try await log.append(.named("a"))
        #expect(results.all == [.success(0)])
    }

    @Test("a commit that fails otherwise poisons the log: its changes are indeterminate, later ones are refused")
    func poison() async throws {
        let log = try WriterFixture()
        try await log.open()
        _ = try await log.append(.named("a"))
        await log.writer.breakCommits()
        let first = await log.append(all: [.named("a")])
        let failure = try #require(throws: LogFailure.self) { try first.get() }
        #expect(failure.isIndeterminate)
        let second = await log.append(all: [.named("a")])
        let later = try #require(throws: LogFailure.self) { try second.get() }
        #expect(!later.isIndeterminate)
        #expect(log.poisonings.all.count == 1)
        #expect(log.writer.poison != nil)
        await log.writer.close()
        #expect(log.poisonings.all.count == 1)
        #expect(log.writer.poison != nil)
    }

    @Test("a file that is gone poisons the log before anything is committed")
    func lost() async throws {
        let file = FileCheck()
        let log = try WriterFixture(checkFile: file.check)
        try await log.open()
        file.isGone.withLock { $0 = true }
        let result = await log.append(all: [.named("a")])
        let failure = try #require(throws: LogFailure.self) { try result.get() }
        #expect(failure.reason == .lost && !failure.isIndeterminate)
        #expect(log.poisonings.all.map(\.reason) == [.lost])
        #expect(try log.count("bus_events") == 0)
    }

    private final class FileCheck: Sendable {
        let isGone = Guarded(false)

        var check: @Sendable () throws(LogFailure) -> Void {
            { () throws(LogFailure) in
                if self.isGone.withLock({ $0 }) { throw LogFailure(.lost, "moved") }
            }
        }
    }

    @Test("a change that breaks a constraint fails alone")
    func constraint() async throws {
        let log = try WriterFixture()
        try await log.open()
        let scheduled = ScheduledEvent(event: .named("a"), due: .distantFuture, scheduledAt: WriterFixture.time)
        _ = try await log.schedule(scheduled)
        let results = Notes<String>()
        log.whileBusy {
            for number in 0..<2 {
                log.writer.submit(
                    .append(
                        LogAppend(events: [.named("b")]) { result in results.add("\((try? result.get())?.first.rawValue ?? 0)") })
                )
                guard number == 0 else { continue }
                log.writer.submit(
                    .schedule(
                        LogScheduling(events: [scheduled]) { result in
                            if case .failure(let failure) = result { results.add("\(failure.reason)") }
                        }))
            }
        }
        await log.writer.close()
        #expect(results.all == ["1", "invalid", "2"])
        #expect(log.writer.poison == nil)
    }
}

@Suite("The log's thread")
struct LogThreadTests {
    private actor Worker {
        let thread: LogThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init(_ thread: LogThread) {
            self.thread = thread
        }

        var isOnThread: Bool { thread.isCurrent }
    }

    @Test("an actor on it runs on it, also after it was stopped")
    func actor() async {
        let thread = LogThread()
        let worker = Worker(thread)
        #expect(await worker.isOnThread)
        #expect(!thread.isCurrent)
        thread.stop()
        #expect(await worker.isOnThread)
    }

    @Test("closures run in order, and a later one after its time")
    func closures() async {
        let thread = LogThread()
        let notes = Notes<Int>()
        for number in 0..<100 { thread.run { notes.add(number) } }
        await withCheckedContinuation { continuation in
            thread.runLater(after: .milliseconds(1)) { continuation.resume() }
        }
        #expect(notes.all == Array(0..<100))
        thread.stop()
    }
}
