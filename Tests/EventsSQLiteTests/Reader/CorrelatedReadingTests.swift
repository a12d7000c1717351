//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Testing

@testable import EventsSQLite

@Suite("Reading the events of a correlation")
struct CorrelatedReadingTests {
    private func selection(_ number: UInt64, after: Int64 = 0) -> EventSelection {
        var selection = EventSelection()
        selection.correlationID = ReadableLog.id(number)
        selection.after = Offset(rawValue: after)
        return selection
    }

    @Test("the first cause and all that share its identity are read, in order")
    func all() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            try log.append(ReadableLog.event(10))
            try log.append(ReadableLog.event(11, correlation: 10))
            try log.append(names: "a")
            try log.append(ReadableLog.event(12, correlation: 10))
            let page = try await log.reader.events(selection(10))
            #expect(page.events.offsets == [3, 4, 6])
            #expect(!page.events.contains { !$0.isIntact })
            #expect(page.isLast)
            #expect(try await log.reader.events(selection(10, after: 3)).events.offsets == [4, 6])
            #expect(try await log.reader.events(selection(10, after: 4)).events.offsets == [6])
        }
    }

    @Test("a correlation that is a command's has no first event")
    func command() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            try log.append(ReadableLog.event(11, correlation: 10))
            let page = try await log.reader.events(selection(10))
            #expect(page.events.offsets == [3])
            #expect(page.isLast)
        }
    }

    @Test("the first cause is found among many, wherever it is", arguments: [1, 700, 2_500, 3_999, 4_000] as [UInt64])
    func bisected(number: UInt64) async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("BEGIN")
            for number in 1...4_000 as ClosedRange<UInt64> { try log.append(ReadableLog.event(number)) }
            // A large gap, as pruning and long-lived logs have them.
            try log.append(ReadableLog.event(4_001), at: 90_000)
            try log.append(ReadableLog.event(4_002, correlation: number))
            try log.writer.execute("COMMIT")
            let page = try await log.reader.events(selection(number))
            #expect(page.events.offsets == [Int64(number), 90_001])
        }
    }

    @Test("the first cause is found though clocks were set back")
    func clockSetBack() async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("BEGIN")
            for number in (1...4_000 as ClosedRange<UInt64>).reversed() { try log.append(ReadableLog.event(number)) }
            try log.writer.execute("COMMIT")
            #expect(try await log.reader.events(selection(3_900)).events.offsets == [101])
            #expect(try await log.reader.events(selection(3_900, after: 101)).events.isEmpty)
        }
    }

    @Test("a first cause that takes long to find is not missed")
    func longSearch() async throws {
        try await ReadableLog.with { log in
            try log.writer.execute("BEGIN")
            // One identity from the future at the end of a log of the past: bisection is of no use.
            for number in 1...100_500 as ClosedRange<UInt64> {
                try log.append(ReadableLog.event(number == 100_200 ? 5 : number + 200_000))
            }
            try log.writer.execute("COMMIT")
            let first = try await log.reader.events(selection(5))
            #expect(first.events.isEmpty)
            #expect(!first.isLast)
            let second = try await log.reader.events(selection(5, after: first.through.rawValue))
            #expect(second.events.offsets == [100_200])
            #expect(second.isLast)
        }
    }

    @Test("the events of a correlation are selected further")
    func further() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1, "a"))
            try log.append(ReadableLog.event(2, "b", correlation: 1))
            try log.append(ReadableLog.event(3, "c", correlation: 1))
            var selection = selection(1)
            selection.names = ["a", "c"]
            #expect(try await log.reader.events(selection).events.offsets == [1, 3])
            selection.limit = 1
            let page = try await log.reader.events(selection)
            #expect(page.events.offsets == [1])
            #expect(!page.isLast)
            selection.interests = [.init(eventName: "c", after: .at(0))]
            #expect(try await log.reader.events(selection).events.offsets == [3])
        }
    }
}
