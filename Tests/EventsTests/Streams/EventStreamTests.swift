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

@Suite("streams of events", .timeLimit(.minutes(10)))
struct EventStreamTests {
    /// Reads what a stream has left after its bus has closed.
    private func rest<Element>(of stream: EventStream<Element>) async -> [Element] {
        await stream.reduce(into: []) { $0.append($1) }
    }

    /// Closes a bus that has nothing to do.
    private func close(_ bus: EventBus) async throws {
        bus.beginShutdown()
        try await bus.run()
    }

    @Test("a stream exists when events(of:) returns: it misses nothing that is published from then on")
    func registered() async throws {
        let bus = try EventBus()
        try await bus.publish(Numbered(0))
        let stream = bus.events(of: Numbered.self)
        try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
        try await close(bus)
        #expect(await rest(of: stream).map(\.event.number) == [1, 2])
    }

    @Test("it has the events of its own type, in offset order, with their metadata")
    func ownType() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule)
            let numbers = bus.events(of: Numbered.self)
            let all = bus.allEvents()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<4 {
                    group.addTask {
                        try await bus.publish(Numbered(publisher), headers: ["from": "\(publisher)"])
                        try await bus.publish(Lettered("\(publisher)"))
                    }
                }
                try await group.waitForAll()
            }
            try await close(bus)
            let read = await rest(of: numbers)
            #expect(read.map(\.event.number).sorted() == [0, 1, 2, 3])
            #expect(read.allSatisfy { $0.metadata.headers["from"] == "\($0.event.number)" })
            #expect(read.map(\.metadata.offset) == read.map(\.metadata.offset).sorted())
            #expect(await rest(of: all).map(\.metadata.offset.rawValue) == Array(1...8))
        }
    }

    @Test("a reader gets events while they are published")
    func live() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                let stream = bus.events(of: Numbered.self)
                async let first: Int? = {
                    for await envelope in stream where envelope.event.number > 2 { return envelope.event.number }
                    return nil
                }()
                for number in 0..<5 { try await bus.publish(Numbered(number)) }
                #expect(await first == 3)
            }
        }
    }

    @Test("a reader that falls behind keeps the newest, the oldest or all, as it said, and losses are counted")
    func buffering() async throws {
        let bus = try EventBus()
        let newest = bus.events(of: Numbered.self, buffering: .newest(2))
        let oldest = bus.events(of: Numbered.self, buffering: .oldest(2))
        let unbounded = bus.allEvents(buffering: .unbounded)
        let least = bus.allEvents(buffering: .newest(0))
        try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
        #expect(await bus.statistics().droppedByStreams == 3 + 3 + 0 + 4)
        try await close(bus)
        #expect(await rest(of: newest).map(\.event.number) == [3, 4])
        #expect(await rest(of: oldest).map(\.event.number) == [0, 1])
        #expect(await rest(of: unbounded).count == 5)
        #expect(await rest(of: least).count == 1)
    }

    @Test("by default a reader that falls behind keeps the newest 1,000")
    func defaultBuffering() async throws {
        let bus = try EventBus()
        let stream = bus.events(of: Numbered.self)
        try await bus.publish(contentsOf: (0..<1_005).map { Numbered($0) })
        try await close(bus)
        #expect(await rest(of: stream).map(\.event.number) == Array(5..<1_005))
    }

    @Test("every stream of a type has all its events")
    func severalStreams() async throws {
        let bus = try EventBus()
        let streams = [bus.events(of: Numbered.self), bus.events(of: Numbered.self)]
        try await bus.publish(contentsOf: [Numbered(1), Numbered(2)])
        try await close(bus)
        for stream in streams { #expect(await rest(of: stream).map(\.event.number) == [1, 2]) }
    }

    @Test("streams end when the bus closes, for readers that wait, and those made later are over at once")
    func endAtClose() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(on: schedule)
            async let report = bus.run()
            let stream = bus.events(of: Numbered.self)
            async let count = rest(of: stream).count
            await schedule.idle()
            try await bus.publish(Numbered(1))
            bus.beginShutdown()
            _ = try await report
            #expect(await count == 1)
            #expect(await rest(of: bus.events(of: Numbered.self)).isEmpty)
            #expect(await rest(of: bus.allEvents()).isEmpty)
        }
    }

    @Test("a stream has what handlers publish while the bus drains")
    func drainedEvents() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let bus = try makeBus(
                on: schedule,
                handlers: { handlers in
                    try handlers.subscribe("a", to: Numbered.self) { _, context in try context.emit(Lettered("x")) }
                })
            let stream = bus.events(of: Lettered.self)
            try await bus.publish(Numbered(1))
            try await close(bus)
            #expect(await rest(of: stream).count == 1)
        }
    }

    @Test("cancelling a reader's task ends its stream and frees the bus of it")
    func cancelledReader() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { _ in
            } _: { bus in
                let stream = bus.events(of: Numbered.self, buffering: .newest(1))
                let reader = Task(executorPreference: schedule.executor) {
                    await stream.reduce(into: 0) { count, _ in count += 1 }
                }
                for _ in 0..<(schedule.seed % 5) { await Task.yield() }
                reader.cancel()
                _ = await reader.value
                try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
                #expect(await bus.statistics().droppedByStreams == 0)
            }
        }
    }

    @Test("a stream that nobody holds any more costs nothing")
    func releasedStream() async throws {
        let bus = try EventBus()
        do { _ = bus.events(of: Numbered.self, buffering: .newest(1)) }
        try await bus.publish(contentsOf: (0..<5).map { Numbered($0) })
        #expect(await bus.statistics().droppedByStreams == 0)
    }

    @Test("a slow reader does not hold up publishers or handlers")
    func slowReader() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            try await withRunningBus(on: schedule) { handlers in
                try handlers.subscribe("a", to: Numbered.self) { _, _ in }
            } _: { bus in
                let stream = bus.events(of: Numbered.self, buffering: .newest(1))
                try await bus.publish(contentsOf: (0..<50).map { Numbered($0) })
                try await EventProbe(bus).settle()
                #expect(schedule.clock.now == MonotonicTime(nanoseconds: 0))
                #expect(await bus.statistics(of: "a").completed == 50)
                var iterator = stream.makeAsyncIterator()
                #expect(await iterator.next()?.event.number == 49)
            }
        }
    }
}
