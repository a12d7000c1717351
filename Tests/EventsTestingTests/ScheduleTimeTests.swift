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

@Suite("SeededSchedule's time")
struct ScheduleTimeTests {
    @Test("when all wait, the time moves to the next deadline by itself")
    func automatic() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            async let long: Void = schedule.clock.sleep(for: .seconds(3_600))
            for hour in 1...3 as ClosedRange<Int64> {
                try await schedule.clock.sleep(for: .seconds(60))
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: hour * 60_000_000_000))
            }
            try await long
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 3_600_000_000_000))
        }
    }

    @Test("the time does not move while something can run")
    func runsFirst() async throws {
        try await exploreSchedules(seeds: 0..<50) { schedule in
            async let sleeper: Void = schedule.clock.sleep(for: .nanoseconds(1))
            for _ in 0..<20 {
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                await Task.yield()
            }
            try await sleeper
        }
    }

    @Test("by hand, each deadline's consequences happen before the next comes")
    func byHand() async throws {
        let beats = try await withSeededSchedule(seed: 0, time: .manual) { schedule in
            let beats = Log<Int64>()
            let heart = Task(executorPreference: schedule.executor) {
                while true {
                    try await schedule.clock.sleep(for: .seconds(1))
                    beats.append(schedule.clock.now.nanoseconds / 1_000_000_000)
                }
            }
            await schedule.idle()
            #expect(beats.values == [])
            await schedule.advance(by: .milliseconds(3_500))
            #expect(beats.values == [1, 2, 3])
            #expect(schedule.clock.now == MonotonicTime(nanoseconds: 3_500_000_000))
            heart.cancel()
            return beats.values
        }
        #expect(beats == [1, 2, 3])
    }

    @Test("by hand, a body that waits for the time is stuck")
    func byHandStuck() async throws {
        let error = await #expect(throws: ScheduleError.self) {
            try await withSeededSchedule(seed: 9, time: .manual) { schedule in
                try await schedule.clock.sleep(for: .seconds(1))
            }
        }
        #expect(error?.code == .stuck)
        #expect(error?.description.contains("the time moves by hand") == true)
    }

    @Test("idle returns when all that follows has happened")
    func idle() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            let log = Log<Int>()
            for index in 0..<5 {
                Task(executorPreference: schedule.executor) {
                    await Task.yield()
                    log.append(index)
                }
            }
            await schedule.idle()
            #expect(log.values.sorted() == [0, 1, 2, 3, 4])
        }
    }

    @Test("the same seed gives the same times")
    func repeatable() async throws {
        let body: @Sendable (SeededSchedule) async throws -> [Int64] = { schedule in
            let log = Log<Int64>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        let wait = schedule.environment.random() % 1_000_000
                        try await schedule.clock.sleep(for: .nanoseconds(Int64(wait)))
                        log.append(schedule.clock.now.nanoseconds)
                    }
                }
                try await group.waitForAll()
            }
            return log.values
        }
        let times = try await withSeededSchedule(seed: 11, body)
        #expect(times == (try await withSeededSchedule(seed: 11, body)))
        #expect(times != (try await withSeededSchedule(seed: 12, body)))
        #expect(times == times.sorted())
    }
}
