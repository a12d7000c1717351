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

@testable import EventsSQLite

@Suite("Reading outcomes")
struct OutcomeReadingTests {
    private func outcome(
        _ log: ReadableLog, _ offset: Int64 = 1, _ scope: Outcome.Scope = .handlers
    ) async throws -> (Outcome, pending: Int) {
        let read = try await log.reader.outcome(of: Offset(rawValue: offset), including: scope)
        return (read.outcome, read.pending)
    }

    @Test("each delivery is counted as what became of it")
    func states() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a a")
            try log.subscribe(1, "behind", to: ["a"])
            try log.subscribe(2, "completed", to: ["a"], cursor: 3)
            try log.subscribe(3, "completed in a range", to: ["a"], cursor: 0, ranges: "3")
            try log.subscribe(4, "dead", to: ["a"], cursor: 3)
            try log.subscribe(5, "discarded", to: ["a"], cursor: 3)
            try log.subscribe(6, "waiting", to: ["a"], cursor: 3)
            try log.subscribe(7, "retrying", to: ["a"], cursor: 3)
            try log.subscribe(8, "other type", to: ["b"])
            try log.subscribe(9, "later", to: ["a"], after: 3)
            try log.bury(4, 3)
            try log.writer.execute("INSERT INTO bus_discards VALUES (NULL, 5, 3, 'why', 0, 0)")
            try log.deliver(6, 3)
            try log.deliver(7, 3, "retry", due: 1, decided: 1)
            let (counts, pending) = try await outcome(log, 3)
            #expect(counts == Outcome(completed: 2, dead: 1, discarded: 1))
            #expect(pending == 3)
        }
    }

    @Test("what waits behind a dead letter of its key is parked, with a row and without")
    func parked() async throws {
        try await ReadableLog.with { log in
            for (number, key) in [(1, "k"), (2, "k"), (3, "l"), (4, nil)] as [(UInt64, String?)] {
                try log.append(ReadableLog.event(number, key: key))
            }
            try log.subscribe(1, "s", to: ["a"], cursor: 1)
            try log.bury(1, 1, key: "k", parks: true)
            #expect(try await outcome(log, 2) == (Outcome(parked: 1), 0))
            #expect(try await outcome(log, 3) == (Outcome(), 1))
            #expect(try await outcome(log, 4) == (Outcome(), 1))
            try log.deliver(1, 2, key: "k")
            #expect(try await outcome(log, 2) == (Outcome(parked: 1), 0))
            try log.writer.execute("UPDATE bus_deliveries SET state = 'retry', due_at = 1, decided_at = 1")
            #expect(try await outcome(log, 2) == (Outcome(), 1))
        }
    }

    @Test("a letter that does not park, or comes later, parks nothing")
    func notParked() async throws {
        try await ReadableLog.with { log in
            for number in 1...3 as ClosedRange<UInt64> { try log.append(ReadableLog.event(number, key: "k")) }
            try log.subscribe(1, "s", to: ["a"], cursor: 3)
            try log.bury(1, 1, key: "k")
            try log.bury(1, 3, key: "k", parks: true)
            try log.deliver(1, 2, key: "k")
            #expect(try await outcome(log, 2) == (Outcome(), 1))
        }
    }

    @Test("what nobody registered or handles is absent, by the subscription's name")
    func absent() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1, key: "k"))
            try log.append(ReadableLog.event(2, key: "k"))
            try log.subscribe(1, "gone", to: ["a"], epoch: 2)
            try log.subscribe(2, "gone and done", to: ["a"], cursor: 2, epoch: 2)
            try log.subscribe(3, "changed", to: ["a"], cursor: 2)
            try log.subscribe(4, "gone and parked", to: ["a"], cursor: 1, epoch: 2)
            try log.deliver(3, 2, key: "k", "no handler")
            try log.bury(4, 1, key: "k", parks: true)
            let (counts, pending) = try await outcome(log, 2)
            #expect(counts == Outcome(completed: 1, parked: 1, absent: ["gone": 1, "changed": 1]))
            #expect(pending == 0)
        }
    }

    @Test("a type that was removed is owed up to where it was")
    func removedType() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            try log.subscribe(1, "s", to: ["a"])
            try log.writer.execute("UPDATE bus_subscription_types SET through_offset = 1")
            #expect(try await outcome(log, 1) == (Outcome(), 1))
            #expect(try await outcome(log, 2) == (Outcome(), 0))
        }
    }

    @Test("descendants are what follows from the event along its causes")
    func descendants() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1))
            try log.append(ReadableLog.event(2, correlation: 1, cause: 1))
            try log.append(ReadableLog.event(3, correlation: 1, cause: 1))
            try log.append(ReadableLog.event(4, correlation: 1, cause: 2))
            try log.append(ReadableLog.event(5))
            try log.append(ReadableLog.event(6, correlation: 5, cause: 1))
            try log.append(ReadableLog.event(7, correlation: 1))
            try log.subscribe(1, "s", to: ["a"], cursor: 3)
            #expect(try await outcome(log, 1, .descendants) == (Outcome(completed: 3), 1))
            #expect(try await outcome(log, 2, .descendants) == (Outcome(completed: 1), 1))
            #expect(try await outcome(log, 3, .descendants) == (Outcome(completed: 1), 0))
            #expect(try await outcome(log, 1, .handlers) == (Outcome(completed: 1), 0))
        }
    }

    @Test("what follows and is scheduled is counted")
    func scheduled() async throws {
        try await ReadableLog.with { log in
            try log.append(ReadableLog.event(1))
            try log.append(ReadableLog.event(2, correlation: 1, cause: 1))
            for (number, cause) in [(10, 1), (11, 2), (12, 9)] as [(UInt64, UInt64)] {
                try log.writer.execute(
                    """
                    INSERT INTO bus_scheduled VALUES ('\(number)', 0, 0, 'a', 1, NULL, 0, '\(ReadableLog.id(1))',
                        '\(ReadableLog.id(cause))', 1, NULL, NULL, NULL, 0, '{}')
                    """)
            }
            #expect(try await outcome(log, 1, .descendants).0 == Outcome(scheduled: 2))
            #expect(try await outcome(log, 2, .descendants).0 == Outcome(scheduled: 1))
            #expect(try await outcome(log, 1, .handlers).0 == Outcome())
        }
    }

    @Test("a damaged event is owed to every subscription that cannot exclude it")
    func damaged() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a")
            try log.writer.execute("UPDATE bus_events SET name = 'c'")
            try log.subscribe(1, "s", to: ["a"])
            try log.subscribe(2, "t", to: ["b"])
            try log.subscribe(3, "later", to: ["a"], after: 1)
            #expect(try await outcome(log) == (Outcome(), 2))
        }
    }

    @Test("an event that was pruned has nothing to say")
    func pruned() async throws {
        try await ReadableLog.with { log in
            try log.subscribe(1, "s", to: ["a"])
            #expect(try await outcome(log, 1, .descendants) == (Outcome(), 0))
        }
    }
}
