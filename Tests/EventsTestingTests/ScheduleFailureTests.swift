//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsTesting
import Testing

@Suite("what a SeededSchedule finds")
struct ScheduleFailureTests {
    /// Checks, awaits, and acts on what it checked: the classic race of a reentrant actor.
    private actor Account {
        private(set) var balance = 100
        private let audit = Audit()

        func withdraw(_ amount: Int) async {
            guard balance >= amount else { return }
            await audit.record(amount)
            balance -= amount
        }
    }

    private actor Audit {
        private var amounts: [Int] = []
        func record(_ amount: Int) { amounts.append(amount) }
    }

    private struct Overdrawn: Error {}

    @Sendable private static func withdrawTwice(_ schedule: SeededSchedule) async throws {
        let account = Account()
        async let first: Void = account.withdraw(80)
        async let second: Void = account.withdraw(80)
        _ = await (first, second)
        if await account.balance < 0 { throw Overdrawn() }
    }

    @Test("exploring finds a check-then-await-then-act race, and its seed finds it again")
    func findsRace() async throws {
        let error = try #require(
            await #expect(throws: ScheduleError.self) {
                try await exploreSchedules(seeds: 0..<1_000, Self.withdrawTwice)
            }
        )
        #expect(error.code == .failed)
        #expect(error.underlying is Overdrawn)
        #expect(error.description.contains("seed \(error.seed)"))
        for _ in 0..<3 {
            await #expect(throws: Overdrawn.self) { try await withSeededSchedule(seed: error.seed, Self.withdrawTwice) }
        }
    }

    @Test("the race does not show in every schedule: it takes exploring")
    func raceIsNotCertain() async throws {
        var overdrawn = 0
        for seed in 0..<100 as Range<UInt64> {
            do { try await withSeededSchedule(seed: seed, Self.withdrawTwice) } catch is Overdrawn { overdrawn += 1 }
        }
        #expect((1...99).contains(overdrawn))
    }

    /// A lock whose waiters do not react to cancellation, as many do not.
    private actor Lock {
        private var isTaken = false
        private var waiters: [CheckedContinuation<Void, Never>] = []

        func take() async {
            guard isTaken else { return isTaken = true }
            await withCheckedContinuation { waiters.append($0) }
        }

        func free() {
            if waiters.isEmpty { isTaken = false } else { waiters.removeFirst().resume() }
        }

        /// Lets all waiters go, so that this test leaks none of them.
        func breakOpen() {
            while !waiters.isEmpty { waiters.removeFirst().resume() }
        }
    }

    @Test("a deadlock is reported as stuck, with its seed")
    func findsDeadlock() async throws {
        let locks = Log<Lock>()
        let error = try #require(
            await #expect(throws: ScheduleError.self) {
                try await exploreSchedules(seeds: 100..<1_100) { _ in
                    let fork = Lock()
                    let knife = Lock()
                    locks.append(fork)
                    locks.append(knife)
                    await withTaskGroup(of: Void.self) { group in
                        for (first, second) in [(fork, knife), (knife, fork)] {
                            group.addTask {
                                await first.take()
                                await second.take()
                                await second.free()
                                await first.free()
                            }
                        }
                    }
                }
            }
        )
        #expect(error.code == .stuck)
        #expect(error.seed >= 100)
        #expect(error.description.hasPrefix("stuck after "))
        #expect(error.description.contains("seed \(error.seed)"))
        for lock in locks.values { await lock.breakOpen() }
    }

    @Test("a stuck body is cancelled and gets to clean up, in virtual time")
    func unwinds() async throws {
        let log = Log<String>()
        let error = await #expect(throws: ScheduleError.self) {
            try await withSeededSchedule(seed: 1) { schedule in
                let (stream, continuation) = AsyncStream<Int>.makeStream()
                for await _ in stream {}
                continuation.finish()
                log.append(Task.isCancelled ? "cancelled" : "not cancelled")
                await Task(executorPreference: schedule.executor) { try? await schedule.clock.sleep(for: .seconds(5)) }.value
                log.append("cleaned up")
            }
        }
        #expect(error?.code == .stuck)
        #expect(log.values == ["cancelled", "cleaned up"])
    }

    @Test("a livelock ends at the step limit, with its seed")
    func findsLivelock() async throws {
        let error = await #expect(throws: ScheduleError.self) {
            try await withSeededSchedule(seed: 77, stepLimit: 500) { _ in
                while true { await Task.yield() }
            }
        }
        #expect(error?.code == .stepLimit)
        #expect(error?.seed == 77)
        #expect(error?.steps == 500)
    }

    @Test("a livelock that waits for the time again and again ends at the step limit too")
    func findsTimedLivelock() async throws {
        let error = await #expect(throws: ScheduleError.self) {
            try await withSeededSchedule(seed: 78, stepLimit: 500) { schedule in
                while true { try await schedule.clock.sleep(for: .seconds(1)) }
            }
        }
        #expect(error?.code == .stepLimit)
    }
}
