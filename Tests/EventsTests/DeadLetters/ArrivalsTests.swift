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

@Suite("Arrivals of dead letters", .timeLimit(.minutes(10)))
struct ArrivalsTests {
    @Test("a stream made before a letter dies gets it, and ends when the bus closes")
    func arrives() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let arrived = Journal<Int64>()
            let done = try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self, retry: .none) { _, _ in throw TestFault() }
            } _: { bus in
                try await bus.publish(Numbered(0))
                await schedule.idle()
                let arrivals = bus.deadLetters.arrivals()
                let reader = Task(executorPreference: schedule.executor) {
                    for await letter in arrivals { arrived.append(letter.id.offset.rawValue) }
                }
                for number in 1..<4 { try await bus.publish(Numbered(number)) }
                return reader
            }.value
            await done.value
            #expect(arrived.entries.sorted() == [2, 3, 4], "seed \(schedule.seed)")
        }
    }

    @Test("a letter that comes back after a redrive arrives again")
    func again() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: [0]) { test in
                let arrivals = test.bus.deadLetters.arrivals()
                let receipts = try await test.publish(0..<1, key: nil, on: schedule)
                try await test.bus.deadLetters.redrive(test.id(receipts[0]))
                var iterator = arrivals.makeAsyncIterator()
                let redrives = [await iterator.next()?.redrives, await iterator.next()?.redrives]
                #expect(redrives == [0, 1])
            }
        }
    }

    @Test("a reader that falls behind loses letters as its buffer says, and the loss is counted")
    func buffering() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            try await withFailingBus(schedule, failing: Set(0..<5)) { test in
                let newest = test.bus.deadLetters.arrivals(buffering: .newest(2))
                let oldest = test.bus.deadLetters.arrivals(buffering: .oldest(2))
                for number in 0..<5 { try await test.publish(number..<number + 1, key: nil, on: schedule) }
                var iterators = (newest.makeAsyncIterator(), oldest.makeAsyncIterator())
                let offsets = [
                    await iterators.0.next()?.id.offset.rawValue, await iterators.0.next()?.id.offset.rawValue,
                    await iterators.1.next()?.id.offset.rawValue, await iterators.1.next()?.id.offset.rawValue,
                ]
                #expect(offsets == [4, 5, 1, 2])
                #expect(await test.bus.statistics().droppedByStreams == 6)
            }
        }
    }

    @Test(
        "cancelling the reader before, during or after its wait ends the stream for it alone",
        arguments: ["before", "during", "after"])
    func cancellation(when: String) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withFailingBus(schedule, failing: Set(0..<5)) { test in
                let other = test.bus.deadLetters.arrivals()
                let arrivals = test.bus.deadLetters.arrivals()
                let received = Counter()
                let reader = Task(executorPreference: schedule.executor) {
                    if when == "before" { while !Task.isCancelled { await Task.yield() } }
                    for await _ in arrivals { received.increment() }
                }
                if when == "before" { reader.cancel() }
                await schedule.idle()
                if when == "during" { reader.cancel() }
                try await test.publish(0..<1, key: nil, on: schedule)
                reader.cancel()
                await reader.value
                try await test.publish(1..<2, key: nil, on: schedule)
                #expect(received.value == (when == "after" ? 1 : 0), "seed \(schedule.seed)")
                var iterator = other.makeAsyncIterator()
                let offsets = [await iterator.next()?.id.offset.rawValue, await iterator.next()?.id.offset.rawValue]
                #expect(offsets == [1, 2])
            }
        }
    }

    @Test("a stream made on a closed bus ends at once")
    func closed() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let bus = try makeBus(on: schedule)
            bus.beginShutdown()
            try await bus.run()
            var iterator = bus.deadLetters.arrivals().makeAsyncIterator()
            #expect(await iterator.next() == nil)
        }
    }
}
