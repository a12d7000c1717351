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

@testable import AllocationExample

@Suite("The driver of a stream")
struct StreamDriverTests {
    /// An order whose handling takes a second, and so does that of the event it leads to.
    private static func slowBus(_ schedule: SeededSchedule, log: Log) async throws -> EventBus {
        var configuration = EventBusConfiguration(workers: 4)
        configuration.environment = schedule.environment
        return try await EventBus(log: MemoryEventLog(), configuration: configuration) { handlers in
            try handlers.subscribe("first", to: AllocationRequired.self, maxConcurrency: 4) { event, context in
                log.note("begin \(event.orderID)", at: schedule.clock.now)
                try await schedule.clock.sleep(for: .seconds(1))
                try context.emit(OutOfStock(sku: event.sku), headers: ["order": event.orderID])
            }
            try handlers.subscribe("second", to: OutOfStock.self, maxConcurrency: 4) { _, context in
                try await schedule.clock.sleep(for: .seconds(1))
                log.note("end \(context.metadata.headers["order"] ?? "")", at: schedule.clock.now)
            }
        }
    }

    private final class Log: Sendable {
        struct Entry: Hashable {
            let text: String
            let time: MonotonicTime
        }

        private let state = Guarded<[Entry]>([])

        var entries: [Entry] { state.withLock { $0 } }
        var texts: [String] { entries.map(\.text) }

        func note(_ text: String, at time: MonotonicTime) {
            state.withLock { $0.append(Entry(text: text, time: time)) }
        }
    }

    private static func order(_ id: String, _ sku: String, line: Int) -> StreamItem {
        .event(
            .allocationRequired(AllocationRequired(orderID: id, sku: sku, quantity: 1)),
            line: LineID(number: line, fingerprint: 0))
    }

    /// Drives `items` through a running bus.
    private static func drive(
        _ items: [StreamItem], _ bus: EventBus, isStopped: @escaping @Sendable () -> Bool = { false }
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            var rest = items[...]
            let isAtEnd = try await StreamDriver(bus: bus, isStopped: isStopped).drive {
                rest.popFirst()
            } tell: { _ in
            }
            bus.beginShutdown()
            try await group.waitForAll()
            return isAtEnd
        }
    }

    @Test("publishes a line when all that the SKU's line before led to is over")
    func order() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            let log = Log()
            let items = (1...3).map { Self.order("o\($0)", "LAMP", line: $0) }
            _ = try await Self.drive(items, try await Self.slowBus(schedule, log: log))
            #expect(
                log.texts == ["begin o1", "end o1", "begin o2", "end o2", "begin o3", "end o3"], "seed \(schedule.seed)")
        }
    }

    @Test("does not let one SKU wait for another")
    func independence() async throws {
        try await exploreSchedules(seeds: 0..<100) { schedule in
            let log = Log()
            let items = [("a1", "LAMP"), ("a2", "LAMP"), ("b1", "DESK"), ("c1", "SOFA"), ("b2", "DESK")]
                .enumerated().map { Self.order($1.0, $1.1, line: $0 + 1) }
            _ = try await Self.drive(items, try await Self.slowBus(schedule, log: log))
            func time(of text: String) -> MonotonicTime? { log.entries.first { $0.text == text }?.time }
            let start = MonotonicTime(nanoseconds: 0)
            for text in ["begin a1", "begin b1", "begin c1"] { #expect(time(of: text) == start, "seed \(schedule.seed)") }
            for text in ["begin a2", "begin b2"] { #expect(time(of: text) == start.advanced(by: .seconds(2))) }
        }
    }

    @Test("holds no more lines than its window, however long the stream")
    func window() async throws {
        let count = 3 * StreamDriver.window
        let bus = try await EventBus(log: MemoryEventLog()) { try $0.subscribe("all", to: AllocationRequired.self) { _, _ in } }
        let most = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            var read = 0
            var resolved = 0
            var most = 0
            _ = try await StreamDriver(bus: bus).drive {
                guard read < count else { return nil }
                read += 1
                return Self.order("o\(read)", "SKU-\(read % 700)", line: read)
            } tell: { step in
                if case .resolved = step { resolved += 1 }
                most = max(most, read - resolved)
            }
            #expect(resolved == count)
            bus.beginShutdown()
            try await group.waitForAll()
            return most
        }
        // The line that was read last waits outside until there is room for it.
        #expect(most == StreamDriver.window + 1)
    }

    @Test("tells of rejected lines and goes on behind them")
    func rejected() async throws {
        let bus = try await EventBus(log: MemoryEventLog()) { try $0.subscribe("all", to: AllocationRequired.self) { _, _ in } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            var rest: ArraySlice<StreamItem> = [
                .rejected(line: LineID(number: 1, fingerprint: 0), reason: "not valid"), Self.order("o1", "LAMP", line: 2),
                .rejected(line: LineID(number: 4, fingerprint: 0), reason: "neither"),
            ]
            var read: [StreamItem] = []
            var resolved: [Int] = []
            let isAtEnd = try await StreamDriver(bus: bus).drive {
                rest.popFirst()
            } tell: { step in
                switch step {
                case .read(let item): read.append(item)
                case .resolved(let line): resolved.append(line.line.id.number)
                }
            }
            #expect(read.count == 3)
            #expect(resolved == [2])
            #expect(isAtEnd)
            bus.beginShutdown()
            try await group.waitForAll()
        }
    }

    @Test("reads no further once it is stopped, and brings to an end what it has read")
    func stop() async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            let log = Log()
            let reads = Guarded(0)
            let items = (1...5).map { Self.order("o\($0)", "LAMP", line: $0) }
            let isAtEnd = try await Self.drive(items, try await Self.slowBus(schedule, log: log)) {
                reads.withLock { reads in
                    reads += 1
                    return reads > 2
                }
            }
            #expect(!isAtEnd)
            #expect(log.texts == ["begin o1", "end o1", "begin o2", "end o2"])
        }
    }

    @Test("ends with the error of a stream that cannot be read on")
    func unreadable() async throws {
        struct Unreadable: Error {}
        let bus = try await EventBus(log: MemoryEventLog()) { try $0.subscribe("all", to: AllocationRequired.self) { _, _ in } }
        var isFirst = true
        await #expect(throws: Unreadable.self) {
            _ = try await StreamDriver(bus: bus).drive {
                guard isFirst else { throw Unreadable() }
                isFirst = false
                return Self.order("o1", "LAMP", line: 1)
            } tell: { _ in
            }
        }
    }
}
