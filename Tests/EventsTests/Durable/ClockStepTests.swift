//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Foundation
import Testing

/// The system's clock is set back or forward while something waits in the log.
@Suite("Steps of the system's clock", .timeLimit(.minutes(15)))
struct ClockStepTests {
    /// What a system's clock shows too much, in seconds.
    private final class Shift: Sendable {
        private let seconds = Guarded(0.0)

        var value: Double {
            get { seconds.withLock { $0 } }
            set { seconds.withLock { $0 = newValue } }
        }
    }

    private func configure(_ configuration: inout EventBusConfiguration, _ shift: Shift) {
        let wallClock = configuration.environment.wallClock
        configuration.environment.wallClock = { wallClock().addingTimeInterval(shift.value) }
    }

    @Test("a clock that is set back makes nothing come early, and nothing late", arguments: [-0.5, -3_600])
    func scheduled(step: Double) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let shift = Shift()
            let handled = Guarded<[Int: Duration]>([:])
            let start = schedule.clock.now
            try await withDurableBus(schedule.makeLog(), on: schedule) {
                configure(&$0, shift)
            } handlers: {
                try $0.subscribe("s", to: Numbered.self) { event, _ in
                    handled.withLock { $0[event.number] = start.duration(to: schedule.clock.now) }
                }
            } _: { bus in
                for number in 1...20 { try await bus.publish(Numbered(number), after: .seconds(86_400)) }
                try await schedule.clock.sleep(for: .seconds(10))
                shift.value = step
                try await bus.publish(Numbered(0), after: .milliseconds(10))
                try await bus.publish(Numbered(100), at: schedule.clock.wallClock.addingTimeInterval(step + 60))
                try await schedule.clock.sleep(for: .seconds(80_000))
                #expect(handled.withLock { $0.keys.sorted() } == [0, 100], "seed \(schedule.seed)")
                try await schedule.clock.sleep(for: .seconds(6_400))
                #expect(handled.withLock { $0.count } == 22, "seed \(schedule.seed)")
                for (number, time) in handled.withLock({ $0 }) {
                    let expected: Duration = number == 0 ? .seconds(10) : number == 100 ? .seconds(70) : .seconds(86_400)
                    #expect(
                        (expected - .microseconds(1)...expected + .milliseconds(100)).contains(time),
                        "\(number) after \(time), seed \(schedule.seed)")
                }
            }
        }
    }

    @Test("a clock that is set forward makes due what its time has come for")
    func forward() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let shift = Shift()
            let handled = Guarded(0)
            try await withDurableBus(schedule.makeLog(), on: schedule) {
                configure(&$0, shift)
            } handlers: {
                try $0.subscribe("s", to: Numbered.self) { _, _ in handled.withLock { $0 += 1 } }
            } _: { bus in
                try await bus.publish(Numbered(1), after: .seconds(3_600))
                shift.value = 7_200
                try await bus.publish(Numbered(2), after: .seconds(1))
                try await schedule.clock.sleep(for: .seconds(2))
                #expect(handled.withLock { $0 } == 2, "seed \(schedule.seed)")
            }
        }
    }

    @Test("a clock that is set forward while nothing else happens is noticed within a minute")
    func forwardWhileIdle() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let shift = Shift()
            let handled = Guarded(0)
            try await withDurableBus(schedule.makeLog(), on: schedule) {
                configure(&$0, shift)
            } handlers: {
                try $0.subscribe("s", to: Numbered.self) { _, _ in handled.withLock { $0 += 1 } }
            } _: { bus in
                try await bus.publish(Numbered(1), at: schedule.clock.wallClock.addingTimeInterval(3_600))
                try await schedule.clock.sleep(for: .seconds(10))
                shift.value = 7_200
                try await schedule.clock.sleep(for: .seconds(61))
                await schedule.idle()
                #expect(handled.withLock { $0 } == 1, "seed \(schedule.seed)")
            }
        }
    }

    @Test("a retry and a scheduled event wait no longer than they were to, when the clock is set back before the next run")
    func restart() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let shift = Shift()
            let works = Flag()
            let handled = Guarded<Set<Int>>([])
            let log = schedule.makeLog()
            @Sendable func register(_ handlers: inout HandlerRegistry) throws {
                try handlers.subscribe("s", to: Numbered.self) { event, _ in
                    if !works.isSet { throw Disposition.retry(after: .seconds(20)) }
                    handled.withLock { _ = $0.insert(event.number) }
                }
            }
            try await withDurableBus(log, on: schedule) {
                configure(&$0, shift)
            } handlers: {
                try register(&$0)
            } _: { bus in
                try await bus.publish(Numbered(1, key: "k"))
                try await bus.publish(Numbered(2))
                try await bus.publish(Numbered(3), after: .seconds(30))
                await schedule.idle()
            }
            works.set()
            shift.value = -3_600
            try await withDurableBus(log, on: schedule) {
                configure(&$0, shift)
            } handlers: {
                try register(&$0)
            } _: { bus in
                try await schedule.clock.sleep(for: .seconds(21))
                #expect(handled.withLock { $0 } == [1, 2], "seed \(schedule.seed)")
                try await schedule.clock.sleep(for: .seconds(10))
                #expect(handled.withLock { $0 } == [1, 2, 3], "seed \(schedule.seed)")
            }
        }
    }
}
