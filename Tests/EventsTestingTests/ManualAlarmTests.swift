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

@Suite("ManualClock's alarm", .timeLimit(.minutes(10)))
struct ManualAlarmTests {
    private let clock = ManualClock()
    private let second = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test("it rings when the time comes")
    func rings() async throws {
        let alarm = clock.makeAlarm()
        alarm.set(second)
        async let ring = alarm.ring()
        #expect(clock.pendingDeadlines == [second])
        clock.advance(by: .seconds(1))
        #expect(await ring)
        #expect(clock.pendingDeadlines.isEmpty)
    }

    @Test("it remembers one ring that came while nobody waited")
    func remembersRing() async throws {
        try await withSeededSchedule(seed: 0, time: .manual) { schedule in
            let alarm = schedule.clock.makeAlarm()
            alarm.set(MonotonicTime(nanoseconds: 1))
            schedule.clock.advance(by: .seconds(1))
            alarm.set(MonotonicTime(nanoseconds: 2))
            #expect(await alarm.ring())
            let rings = Log<Bool>()
            Task(executorPreference: schedule.executor) { rings.append(await alarm.ring()) }
            await schedule.idle()
            #expect(rings.values == [], "two rings that nobody collected are one")
            alarm.stop()
            await schedule.idle()
            #expect(rings.values == [false])
        }
    }

    @Test("set to a time that has passed, it rings at once")
    func ringsAtOnce() async {
        clock.advance(by: .seconds(2))
        let alarm = clock.makeAlarm()
        alarm.set(second)
        #expect(clock.pendingDeadlines.isEmpty)
        #expect(await alarm.ring())
    }

    @Test("setting replaces what it was set to")
    func replaces() {
        let alarm = clock.makeAlarm()
        alarm.set(second)
        alarm.set(MonotonicTime(nanoseconds: 5))
        #expect(clock.pendingDeadlines == [MonotonicTime(nanoseconds: 5)])
        alarm.set(second)
        #expect(clock.pendingDeadlines == [second])
        alarm.stop()
    }

    @Test("set(nil) disarms: the time passes and nothing rings")
    func disarms() async throws {
        try await withSeededSchedule(seed: 0, time: .manual) { schedule in
            let alarm = schedule.clock.makeAlarm()
            let rings = Log<Bool>()
            Task(executorPreference: schedule.executor) { rings.append(await alarm.ring()) }
            alarm.set(MonotonicTime(nanoseconds: 1))
            alarm.set(nil)
            #expect(schedule.clock.pendingDeadlines.isEmpty)
            await schedule.advance(by: .seconds(10))
            #expect(rings.values == [])
            alarm.stop()
            await schedule.idle()
        }
    }

    @Test("set to the end of time, it is not armed")
    func distantFuture() {
        let alarm = clock.makeAlarm()
        alarm.set(MonotonicTime(nanoseconds: .max))
        #expect(clock.pendingDeadlines.isEmpty)
        alarm.stop()
    }

    @Test("stop ends the wait for good, however often it is called")
    func stops() async {
        let alarm = clock.makeAlarm()
        async let ring = alarm.ring()
        alarm.set(second)
        alarm.stop()
        alarm.stop()
        #expect(await ring == false)
        #expect(clock.pendingDeadlines.isEmpty)
        alarm.set(second)
        #expect(clock.pendingDeadlines.isEmpty)
        clock.advance(by: .seconds(5))
        #expect(await alarm.ring() == false)
    }

    @Test("stop drops a ring that nobody has collected")
    func stopDropsRing() async {
        let alarm = clock.makeAlarm()
        alarm.set(MonotonicTime(nanoseconds: 0))
        alarm.stop()
        #expect(await alarm.ring() == false)
    }

    @Test("an alarm that is gone leaves no deadline behind")
    func leavesNothing() {
        do {
            let alarm = clock.makeAlarm()
            alarm.set(second)
            #expect(clock.pendingDeadlines == [second])
        }
        #expect(clock.pendingDeadlines.isEmpty)
    }

    @Test("cancellation does not end the wait: a cancelled bus still keeps its shutdown deadlines")
    func ignoresCancellation() async throws {
        let rang = try await withSeededSchedule(seed: 0) { schedule in
            let alarm = schedule.clock.makeAlarm()
            let task = Task(executorPreference: schedule.executor) { await alarm.ring() }
            task.cancel()
            alarm.set(MonotonicTime(nanoseconds: 7))
            return await task.value
        }
        #expect(rang)
    }
}
