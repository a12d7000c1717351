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

@testable import EventsSQLite

/// Where ranges get too long, the log gives rows to deliveries that the bus has in memory, and that may be running.
@Suite("A bus whose ranges get long", .timeLimit(.minutes(10)))
struct LongRangesTests {
    struct Job: Event {
        static let name = "job"
        var number: Int
        var key: String?
        var orderingKey: String? { key }
    }

    @Test("a delivery that runs when it gets a row is not handed out again, and its rows are committed once")
    func running() async throws {
        let sandbox = try FileSandbox()
        var options = SQLiteLogOptions()
        options.durability = .processEnd
        options.migrate = { try $0.execute("CREATE TABLE IF NOT EXISTS runs (number INTEGER)") }
        let gates = (0..<2).map { _ in AsyncStream.makeStream(of: Void.self) }
        let isOpen = Guarded(false)
        let starts = Guarded(0)
        let others = 4_000
        try await withEventBus(
            log: .sqlite(sandbox("log.db"), options: options), configuration: EventBusConfiguration(workers: 6)
        ) {
            handlers in
            try handlers.subscribe("s", to: Job.self, onDeadLetter: .continue) { job, context in
                switch job.number {
                case -1: if !isOpen.withLock({ $0 }) { throw Disposition.permanentFailure("not yet") }
                case -2:
                    starts.withLock { $0 += 1 }
                    for await _ in gates[job.key == nil ? 0 : 1].stream {}
                default: break
                }
                if job.number < 0 {
                    try context.onCommit { try $0.execute("INSERT INTO runs VALUES (?)", .integer(Int64(job.number))) }
                }
            }
        } _: { bus in
            let letter = try await bus.publish(Job(number: -1))
            while try await bus.deadLetters.list().letters.isEmpty { await Task.yield() }
            let slow = try await bus.publish(Job(number: -2))
            while starts.withLock({ $0 == 0 }) { await Task.yield() }
            // Each second delivery waits for its key, which never gets its turn: a range for each of the others.
            let stuck = try await bus.publish(Job(number: -2, key: "stuck"))
            while starts.withLock({ $0 < 2 }) { await Task.yield() }
            var done = 0
            for start in stride(from: 0, to: others, by: 200) {
                let jobs = (start..<start + 200).map { Job(number: $0, key: $0.isMultiple(of: 2) ? "stuck" : "\($0 % 20)") }
                // The last is not of the key; what else there is comes at about the same time.
                if let last = try await bus.publish(contentsOf: jobs).last { _ = try await bus.outcome(of: last) }
                done += 100
                while await bus.statistics().subscriptions["s"]?.completed ?? 0 < done { await Task.yield() }
            }
            let rows = try await bus.read {
                try $0.query("SELECT count(*) FROM bus_deliveries WHERE offset = ?", .integer(slow.offset.rawValue))[0][0].int
            }
            #expect(rows == 1, "the log has given it a row")

            isOpen.withLock { $0 = true }
            let redriven = try await bus.deadLetters.redrive(DeadLetter.ID(subscription: "s", offset: letter.offset))
            #expect(try await bus.outcome(of: redriven) == Outcome(completed: 1))
            #expect(starts.withLock { $0 } == 2, "neither was started again")
            for gate in gates { gate.continuation.finish() }
            for receipt in [slow, stuck] { #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1)) }
            let runs = try await bus.read { try $0.query("SELECT number FROM runs ORDER BY number").map { $0[0].int } }
            #expect(runs == [-2, -2, -1])
        }
    }
}
