//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Testing

/// The real clock, timer and executor. Nothing here depends on how long anything takes.
@Suite("The live environment", .timeLimit(.minutes(10)))
struct LiveEnvironmentTests {
    @Test("a bus retries, times out and shuts down by the real clock")
    func wholeBus() async throws {
        let attempts = Journal<Int>()
        var configuration = EventBusConfiguration(workers: 2)
        configuration.grace = .milliseconds(1)
        let bus = try EventBus(configuration: configuration) { handlers in
            try handlers.subscribe(
                "s", to: Numbered.self, retry: .constant(.milliseconds(1), maxAttempts: 3), timeout: .milliseconds(5)
            ) { event, context in
                attempts.append(context.attempt)
                // The first attempt fails, the second is cancelled for its timeout, the third succeeds.
                if context.attempt == 1 { throw TestFault("first") }
                if context.attempt == 2 {
                    let (never, continuation) = AsyncStream<Int>.makeStream()
                    for await _ in never {}
                    continuation.finish()
                    throw TestFault("cancelled")
                }
            }
        }
        async let running = bus.run()
        let outcome = try await bus.outcome(of: try await bus.publish(Numbered(1)))
        #expect(outcome == Outcome(completed: 1))
        #expect(attempts.entries == [1, 2, 3])
        bus.beginShutdown()
        let report = try await running
        #expect(report.completed == 1)
        #expect(report.isClean)
    }

    @Test("many publishers and workers on the real executor lose and repeat nothing")
    func underLoad() async throws {
        let handled = Journal<Int>()
        let count = 4_000
        let report = try await withRunningLiveBus(handled) { bus in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<4 {
                    group.addTask {
                        for number in 0..<count / 4 {
                            try await bus.publish(Numbered(publisher * count / 4 + number, key: "key-\(number % 7)"))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(report.completed == count)
        #expect(handled.entries.sorted() == Array(0..<count))
    }

    private func withRunningLiveBus(
        _ handled: Journal<Int>, _ body: @escaping @Sendable (EventBus) async throws -> Void
    ) async throws -> ShutdownReport {
        let bus = try EventBus { handlers in
            try handlers.subscribe("s", to: Numbered.self, queue: QueuePolicy(capacity: 100)) { event, _ in
                handled.append(event.number)
            }
        }
        async let running = bus.run()
        // Publishers that find the queue full before `run()` got to begin would be refused, and rightly so.
        while await bus.statistics().idleWorkers == 0 { await Task.yield() }
        try await body(bus)
        bus.beginShutdown()
        return try await running
    }

    @Test("the alarm rings for a time that has passed, and a ring that nobody awaits is remembered")
    func alarmRings() async {
        let alarm = BusEnvironment.live.makeAlarm()
        alarm.set(BusEnvironment.live.now())
        #expect(await alarm.ring())
        alarm.set(BusEnvironment.live.now().advanced(by: .milliseconds(1)))
        #expect(await alarm.ring())
        alarm.stop()
        #expect(await !alarm.ring())
    }

    @Test("an alarm set to the end of time neither rings nor traps, and stopping it ends the wait")
    func endOfTime() async {
        let alarm = BusEnvironment.live.makeAlarm()
        alarm.set(MonotonicTime(nanoseconds: .max))
        alarm.set(MonotonicTime(nanoseconds: .min))
        alarm.set(nil)
        async let ring = alarm.ring()
        alarm.stop()
        alarm.stop()
        // The alarm may have rung for the time before all times; after that it is stopped for good.
        _ = await ring
        #expect(await !alarm.ring())
    }
}
