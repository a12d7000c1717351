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
import Synchronization
import Testing

@Suite("SeededSchedule", .timeLimit(.minutes(10)))
struct SeededScheduleTests {
    /// Four tasks that each take three steps, and the order in which they took them.
    @Sendable private static func contest(_ schedule: SeededSchedule) async -> [Int] {
        let log = Log<Int>()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<4 {
                group.addTask {
                    for _ in 0..<3 {
                        log.append(index)
                        await Task.yield()
                    }
                }
            }
        }
        return log.values
    }

    @Test("one same seed gives one same schedule")
    func sameSeed() async throws {
        let first = SeededSchedule(seed: 42)
        let second = SeededSchedule(seed: 42)
        let orders = (try await first.run(Self.contest), try await second.run(Self.contest))
        #expect(orders.0 == orders.1)
        #expect(first.fingerprint == second.fingerprint)
        #expect(first.steps == second.steps)
    }

    @Test("different seeds give different schedules")
    func differentSeeds() async throws {
        var orders: Set<[Int]> = []
        for seed in 0..<200 as Range<UInt64> {
            orders.insert(try await withSeededSchedule(seed: seed, Self.contest))
        }
        #expect(orders.count > 190)
        let exploration = try await exploreSchedules(seeds: 0..<200) { _ = await Self.contest($0) }
        #expect(exploration.schedules == 200)
        #expect(exploration.distinctSchedules > 190)
        #expect(exploration.steps > 200 * 12)
    }

    @Test("the body's value and its error come through")
    func passesThrough() async throws {
        struct Refused: Error {}
        #expect(try await withSeededSchedule(seed: 0) { $0.seed + 7 } == 7)
        await #expect(throws: Refused.self) {
            try await withSeededSchedule(seed: 0) { _ in throw Refused() }
        }
    }

    @Test("everything the body starts runs on the schedule")
    func followsTheBody() async throws {
        try await withSeededSchedule(seed: 3) { schedule in
            let thread = currentThread()
            let here: @Sendable () -> Bool = { currentThread() == thread }
            let actor = Toy()
            await Task.yield()
            #expect(here())
            async let child = here()
            #expect(await child)
            let grouped = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<5 { group.addTask { await yieldAndThen(here) } }
                return await group.allSatisfy { $0 }
            }
            #expect(grouped)
            #expect(await actor.run(here))
            #expect(await withTaskExecutorPreference(schedule.executor) { here() })
            #expect(await Task(executorPreference: schedule.executor) { here() }.value)
            let spawned = Log<Bool>()
            await schedule.environment.spawn("worker") { spawned.append(await yieldAndThen(here)) }.value
            #expect(spawned.values == [true])
            #expect(await withCheckedContinuation { $0.resume(returning: here()) })
            var iterator = AsyncStream<Bool> { $0.yield(here()) }.makeAsyncIterator()
            #expect(await iterator.next() == true)
            try await schedule.clock.sleep(for: .seconds(1))
            #expect(here())
        }
    }

    @Test("a schedule runs one body at a time, and another one after it")
    func oneAtATime() async throws {
        let schedule = SeededSchedule(seed: 5)
        try await schedule.run { schedule in
            let error = await #expect(throws: ScheduleError.self) { try await schedule.run { _ in } }
            #expect(error?.code == .alreadyRunning)
        }
        #expect(try await schedule.run { _ in 1 } == 1)
    }

    @Test("cancelling the caller cancels the body")
    func cancelsBody() async throws {
        let task = Task {
            try await withSeededSchedule(seed: 0) { schedule in
                while !Task.isCancelled { await Task.yield() }
                try await schedule.clock.sleep(for: .seconds(1))
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("a schedule may run inside another")
    func nests() async throws {
        let inner = try await withSeededSchedule(seed: 1) { _ in
            try await withSeededSchedule(seed: 2) { schedule in
                try await schedule.clock.sleep(for: .seconds(1))
                return await Self.contest(schedule)
            }
        }
        let alone = try await withSeededSchedule(seed: 2) { schedule in
            try await schedule.clock.sleep(for: .seconds(1))
            return await Self.contest(schedule)
        }
        #expect(inner == alone)
    }

    // MARK: - Tasks left behind

    @Test("spawned tasks that outlive the body are cancelled and get to end")
    func cancelsLeftovers() async throws {
        let ended = Log<String>()
        try await withSeededSchedule(seed: 0) { schedule in
            _ = schedule.environment.spawn("sleeper") {
                do { try await schedule.clock.sleep(for: .seconds(1)) } catch { ended.append("sleeper") }
            }
            _ = schedule.environment.spawn("busy") {
                while !Task.isCancelled { await Task.yield() }
                ended.append("busy")
            }
            await Task.yield()
        }
        #expect(Set(ended.values) == ["sleeper", "busy"])
    }

    @Test("a spawned task that ignores cancellation is left behind, and the result stands")
    func abandonsLeftovers() async throws {
        let value = try await withSeededSchedule(seed: 0) { schedule in
            _ = schedule.environment.spawn("stubborn") {
                while true { await Task.yield() }
            }
            return 12
        }
        #expect(value == 12)
    }

    @Test("a task that was left behind may be resumed when its schedule is gone: it stays where it is")
    func resumedTooLate() async throws {
        let waiting = Log<CheckedContinuation<Void, Never>>()
        let resumed = Log<Int>()
        try await withSeededSchedule(seed: 0) { schedule in
            _ = schedule.environment.spawn("late") {
                async let child: Void = withCheckedContinuation { waiting.append($0) }
                await child
                resumed.append(1)
            }
            await schedule.idle()
        }
        try #require(waiting.values.count == 1)
        for continuation in waiting.values { continuation.resume() }
        #expect(resumed.values == [])
    }

    // MARK: - Jobs from outside

    @Test("jobs from other threads are waited for when patience allows, and none is lost")
    func otherThreads() async throws {
        // Many short ones: what is to be seen is a job that comes just when the schedule turns to waiting.
        try await exploreSchedules(seeds: 0..<100, patience: .seconds(60)) { _ in
            let sum = await withTaskGroup(of: Int.self) { group in
                for index in 1...5 {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            Thread.detachNewThread { continuation.resume(returning: index) }
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(sum == 15)
        }
    }

    @Test("when patience is at its end, the schedule is stuck")
    func patienceEnds() async throws {
        let waiting = Log<CheckedContinuation<Void, Never>>()
        let error = await #expect(throws: ScheduleError.self) {
            try await withSeededSchedule(seed: 0, patience: .nanoseconds(1)) { _ in
                await withCheckedContinuation { waiting.append($0) }
            }
        }
        #expect(error?.code == .stuck)
        for continuation in waiting.values { continuation.resume() }
    }

    @Test("jobs that other threads bring while the schedule is busy are not lost")
    func otherThreadsWhileBusy() async throws {
        let count = 200
        let arrived = try await withSeededSchedule(seed: 0, stepLimit: .max) { schedule in
            let box = Box()
            for _ in 0..<4 {
                Thread.detachNewThread {
                    for _ in 0..<(count / 4) {
                        Task(executorPreference: schedule.executor) { box.value.add(1, ordering: .relaxed) }
                    }
                }
            }
            while box.value.load(ordering: .relaxed) < count { await Task.yield() }
            return box.value.load(ordering: .relaxed)
        }
        #expect(arrived == count)
    }

    @Test("the main actor is outside, and patience covers it")
    func mainActor() async throws {
        let value = try await withSeededSchedule(seed: 0, patience: .seconds(60)) { _ in
            await Task.yield()
            return await MainActor.run { 5 }
        }
        #expect(value == 5)
    }

    private actor Toy {
        func run(_ probe: @Sendable () -> Bool) async -> Bool {
            let before = probe()
            await Task.yield()
            return before && probe()
        }
    }

    private final class Box: Sendable {
        let value = Atomic<Int>(0)
    }
}

private func yieldAndThen(_ probe: @Sendable () -> Bool) async -> Bool {
    await Task.yield()
    return probe()
}

/// The identity of the thread, for a look at it from an asynchronous context.
private func currentThread() -> ObjectIdentifier {
    ObjectIdentifier(Thread.current)
}
