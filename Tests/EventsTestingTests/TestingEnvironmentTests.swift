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

@Suite("environments for tests")
struct TestingEnvironmentTests {
    private func draw(_ environment: BusEnvironment) -> (numbers: [UInt64], ids: [EventID]) {
        (
            (0..<20).map { _ in environment.random() },
            (0..<20).map { _ in environment.makeEventID(environment.wallClock()) }
        )
    }

    @Test("one seed gives the same numbers and identifiers, another seed others")
    func seeded() {
        let first = draw(SeededSchedule(seed: 1).environment)
        let again = draw(SeededSchedule(seed: 1).environment)
        let other = draw(SeededSchedule(seed: 2).environment)
        #expect(first.numbers == again.numbers)
        #expect(first.ids == again.ids)
        #expect(Set(first.numbers).isDisjoint(with: other.numbers))
        #expect(Set(first.ids).isDisjoint(with: other.ids))
        #expect(draw(.manual(clock: ManualClock(), seed: 1)) == first)
    }

    @Test("drawing identifiers does not change the numbers")
    func independent() {
        let plain = SeededSchedule(seed: 1).environment
        let mixed = SeededSchedule(seed: 1).environment
        for _ in 0..<10 {
            _ = mixed.makeEventID(mixed.wallClock())
            #expect(plain.random() == mixed.random())
        }
    }

    @Test("identifiers rise strictly, whatever the time of day does, and are UUIDs of version 7")
    func rising() {
        let clock = ManualClock()
        let environment = BusEnvironment.manual(clock: clock)
        var last = environment.makeEventID(clock.wallClock)
        let hostile = [-1, .infinity, -.infinity, .nan, 0, 1e300].map { clock.start.addingTimeInterval($0) }
        // More in one millisecond than the sequence can number, then times that make no sense, then time as usual.
        for date in Array(repeating: clock.start, count: 10_000) + hostile + [clock.start.addingTimeInterval(3_600)] {
            let id = environment.makeEventID(date)
            #expect(last < id)
            #expect(id.uuid.uuid.6 >> 4 == 7)
            #expect(id.uuid.uuid.8 >> 6 == 0b10)
            last = id
        }
    }

    @Test("identifiers carry the time of day")
    func timestamp() {
        let environment = BusEnvironment.manual(clock: ManualClock())
        // 2026-01-01 00:00:00 UTC is 1,767,225,600,000 milliseconds after 1970: 0x019b76daa800.
        #expect(environment.makeEventID(environment.wallClock()).description.hasPrefix("019b76da-a800-7000-"))
    }

    @Test("the time and the alarm are the clock's")
    func time() async {
        let clock = ManualClock()
        let environment = BusEnvironment.manual(clock: clock)
        let alarm = environment.makeAlarm()
        alarm.set(MonotonicTime(nanoseconds: 1_000))
        clock.advanceToNextDeadline()
        #expect(environment.now() == MonotonicTime(nanoseconds: 1_000))
        #expect(environment.wallClock() == clock.wallClock)
        #expect(await alarm.ring())
    }

    @Test("a spawned task has its name and can be cancelled")
    func spawns() async {
        for environment in [BusEnvironment.manual(clock: ManualClock())] {
            let names = Log<String?>()
            let task = environment.spawn("worker 1") {
                while !Task.isCancelled { await Task.yield() }
                names.append(Task.name)
            }
            task.cancel()
            await task.value
            #expect(names.values == ["worker 1"])
        }
    }
}
