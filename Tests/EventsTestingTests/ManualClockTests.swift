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

@Suite("ManualClock", .timeLimit(.minutes(10)))
struct ManualClockTests {
    @Test("the time moves only when told")
    func standsStill() {
        let clock = ManualClock()
        #expect(clock.now == MonotonicTime(nanoseconds: 0))
        clock.advance(by: .seconds(3))
        #expect(clock.now == MonotonicTime(nanoseconds: 3_000_000_000))
        clock.advance(to: MonotonicTime(nanoseconds: 4_000_000_000))
        #expect(clock.now == MonotonicTime(nanoseconds: 4_000_000_000))
    }

    @Test("the time never goes back")
    func neverGoesBack() {
        let clock = ManualClock()
        clock.advance(by: .seconds(3))
        clock.advance(by: .seconds(-1))
        clock.advance(to: MonotonicTime(nanoseconds: 1))
        #expect(clock.now == MonotonicTime(nanoseconds: 3_000_000_000))
    }

    @Test("the time saturates at its end instead of trapping")
    func saturates() {
        let clock = ManualClock()
        clock.advance(by: .seconds(Int64.max))
        clock.advance(by: .seconds(Int64.max))
        #expect(clock.now == MonotonicTime(nanoseconds: .max))
    }

    @Test("the time of day moves along from the start")
    func wallClockMovesAlong() {
        let clock = ManualClock()
        #expect(clock.start == ManualClock.defaultStart)
        #expect(clock.wallClock == clock.start)
        clock.advance(by: .milliseconds(1_500))
        #expect(clock.wallClock.timeIntervalSince(clock.start) == 1.5)
    }

    @Test("sleepers wake in the order of their deadlines, ties in the order of setting")
    func wakesInOrder() {
        let clock = ManualClock()
        let executor = InOrderExecutor()
        let woken = Log<String>()
        for (name, seconds) in [("d", 3), ("a", 1), ("b1", 2), ("b2", 2), ("c", 2.5), ("b3", 2)] {
            Task(executorPreference: executor) {
                try await clock.sleep(for: .seconds(seconds))
                woken.append(name)
            }
            executor.runUntilIdle()
        }
        #expect(clock.pendingDeadlines.map(\.nanoseconds) == [1, 2, 2, 2, 2.5, 3].map { Int64($0 * 1_000_000_000) })
        clock.advance(by: .seconds(10))
        #expect(clock.pendingDeadlines.isEmpty)
        executor.runUntilIdle()
        #expect(woken.values == ["a", "b1", "b2", "b3", "c", "d"])
    }

    @Test("sleepers and alarms of one deadline are released in the order of setting")
    func mixesAlarmsAndSleepers() {
        let clock = ManualClock()
        let executor = InOrderExecutor()
        let released = Log<String>()
        let deadline = MonotonicTime(nanoseconds: 9)
        let alarms = (clock.makeAlarm(), clock.makeAlarm())
        Task(executorPreference: executor) { if await alarms.0.ring() { released.append("first alarm") } }
        Task(executorPreference: executor) { if await alarms.1.ring() { released.append("second alarm") } }
        executor.runUntilIdle()
        alarms.1.set(deadline)
        Task(executorPreference: executor) {
            try await clock.sleep(until: deadline)
            released.append("sleeper")
        }
        executor.runUntilIdle()
        alarms.0.set(deadline)
        #expect(clock.advanceToNextDeadline())
        #expect(clock.advanceToNextDeadline() == false)
        executor.runUntilIdle()
        #expect(released.values == ["second alarm", "sleeper", "first alarm"])
    }

    @Test("advancing to the next deadline releases only what is due then")
    func nextDeadlineOnly() {
        let clock = ManualClock()
        let executor = InOrderExecutor()
        let woken = Log<Int>()
        for seconds in [1, 1, 2] {
            Task(executorPreference: executor) {
                try await clock.sleep(for: .seconds(seconds))
                woken.append(seconds)
            }
        }
        executor.runUntilIdle()
        clock.advanceToNextDeadline()
        executor.runUntilIdle()
        #expect(woken.values == [1, 1])
        #expect(clock.now == MonotonicTime(nanoseconds: 1_000_000_000))
        clock.advanceToNextDeadline()
        executor.runUntilIdle()
        #expect(woken.values == [1, 1, 2])
    }

    @Test("a deadline that has passed does not wait")
    func pastDeadline() async throws {
        let clock = ManualClock()
        clock.advance(by: .seconds(5))
        try await clock.sleep(until: MonotonicTime(nanoseconds: 1))
        try await clock.sleep(for: .zero)
        try await clock.sleep(for: .seconds(-1))
    }

    @Test("a task that was cancelled before it sleeps does not sleep")
    func cancelledBefore() async throws {
        let clock = ManualClock()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.pendingDeadlines.isEmpty)
    }

    @Test("a task that is cancelled while it sleeps wakes at once, and its deadline is gone")
    func cancelledDuring() async throws {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        try await clock.waitForDeadlines()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.pendingDeadlines.isEmpty)
    }

    @Test("a cancellation that comes after the deadline changes nothing")
    func cancelledAfter() async throws {
        try await withSeededSchedule(seed: 0, time: .manual) { schedule in
            let task = Task(executorPreference: schedule.executor) {
                try await schedule.clock.sleep(for: .seconds(1))
            }
            await schedule.idle()
            schedule.clock.advance(by: .seconds(1))  // Released, but it has not run yet.
            task.cancel()
            try await task.value
        }
    }

    @Test("cancelling one of two sleepers of one deadline leaves the other")
    func cancelsTheRightOne() async throws {
        try await withSeededSchedule(seed: 0, time: .manual) { schedule in
            let tasks = (0..<2).map { _ in
                Task(executorPreference: schedule.executor) { try await schedule.clock.sleep(for: .seconds(1)) }
            }
            await schedule.idle()
            tasks[0].cancel()
            #expect(schedule.clock.pendingDeadlines.count == 1)
            schedule.clock.advance(by: .seconds(1))
            try await tasks[1].value
            await #expect(throws: CancellationError.self) { try await tasks[0].value }
        }
    }

    @Test("cancelling and releasing from two threads at once resumes each sleeper exactly once")
    func cancelsWhileReleasing() async throws {
        for _ in 0..<300 {
            let clock = ManualClock()
            let task = Task { try await clock.sleep(for: .seconds(1)) }
            async let cancelled: Void = task.cancel()
            clock.advance(by: .seconds(1))
            await cancelled
            // Either is right; it must be one of them, once. A second resume would trap, a lost one would hang.
            _ = await task.result
            #expect(clock.pendingDeadlines.isEmpty)
        }
    }

    @Test("a sleep to the end of time is ended by cancellation alone")
    func distantFuture() async throws {
        let clock = ManualClock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(until: MonotonicTime(nanoseconds: .max)) }
            group.addTask {
                try await clock.sleep(for: .seconds(1))
                throw Reached()
            }
            try await clock.waitForDeadlines()
            #expect(clock.pendingDeadlines == [MonotonicTime(nanoseconds: 1_000_000_000)])
            clock.advance(by: .seconds(1))
            await #expect(throws: Reached.self) { try await group.next() ?? () }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() ?? () }
        }
    }

    @Test("waiting for deadlines ends when enough are pending, and with the task")
    func waitsForDeadlines() async throws {
        let clock = ManualClock()
        try await clock.waitForDeadlines(0)
        let two = Task { try await clock.waitForDeadlines(2) }
        let never = Task { try await clock.waitForDeadlines(3) }
        let alarm = clock.makeAlarm()
        alarm.set(MonotonicTime(nanoseconds: 5))
        let sleeper = Task { try await clock.sleep(for: .seconds(1)) }
        try await two.value
        never.cancel()
        await #expect(throws: CancellationError.self) { try await never.value }
        sleeper.cancel()
        alarm.stop()
        _ = await sleeper.result
    }

    private struct Reached: Error {}
}
