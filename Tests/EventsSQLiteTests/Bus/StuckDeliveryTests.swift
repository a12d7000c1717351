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

@testable import EventsSQLite

/// Something is stuck in a handler while everything else passes.
@Suite("A bus with something stuck", .serialized, .timeLimit(.minutes(20)))
struct StuckDeliveryTests {
    struct Job: Event {
        static let name = "job"
        var number: Int
        var key: String?
        var orderingKey: String? { key }
    }

    /// `STUCK_TEST_EVENTS=2000000` has two million pass.
    private static let count = ProcessInfo.processInfo.environment["STUCK_TEST_EVENTS"].flatMap { Int($0) } ?? 20_000

    private static func options() -> SQLiteLogOptions {
        var options = SQLiteLogOptions()
        options.durability = .processEnd
        return options
    }

    /// What the log has of the one subscription.
    private static func state(_ bus: EventBus) async throws -> (rangesBytes: Int, rows: Int) {
        try await bus.read {
            let rows = try $0.query("SELECT length(ranges), (SELECT count(*) FROM bus_deliveries) FROM bus_subscriptions")
            return (rows[0][0].int ?? -1, rows[0][1].int ?? -1)
        }
    }

    @Test("one delivery that runs for ever keeps nothing else, neither in memory nor in the log")
    func oneDelivery() async throws {
        let sandbox = try FileSandbox()
        let gate = AsyncStream.makeStream(of: Void.self)
        try await withEventBus(log: .sqlite(sandbox("log.db"), options: Self.options())) {
            try $0.subscribe("s", to: Job.self) { job, _ in
                guard job.number == 0 else { return }
                for await _ in gate.stream {}
            }
        } _: { bus in
            let stuck = try await bus.publish(Job(number: 0))
            var most = 0
            for start in stride(from: 1, to: Self.count, by: 1_000) {
                let jobs = (start..<start + 1_000).map { Job(number: $0, key: $0 % 3 == 0 ? "\($0)" : nil) }
                if let last = try await bus.publish(contentsOf: jobs).last { _ = try await bus.outcome(of: last) }
                while await bus.statistics().subscriptions["s"]?.completed ?? 0 < start + 999 { await Task.yield() }
                most = max(most, await bus.statistics().subscriptions["s"]?.unfinished ?? 0)
            }
            #expect(most <= EventBusConfiguration().queue.capacity)
            let state = try await Self.state(bus)
            #expect(state.rangesBytes <= 8_192 && state.rows <= 1, "\(state)")
            gate.continuation.finish()
            #expect(try await bus.outcome(of: stuck) == Outcome(completed: 1))
        }
    }

    @Test("one key that is stuck with a hundredth of all events lets the others pass, and goes on in order")
    func oneKey() async throws {
        let sandbox = try FileSandbox()
        let gate = AsyncStream.makeStream(of: Void.self)
        let order = Guarded<[Int]>([])
        try await withEventBus(log: .sqlite(sandbox("log.db"), options: Self.options())) {
            try $0.subscribe("s", to: Job.self) { job, _ in
                guard job.key == "stuck" else { return }
                if job.number == 0 { for await _ in gate.stream {} }
                order.withLock { $0.append(job.number) }
            }
        } _: { bus in
            var passed = 0
            for start in stride(from: 0, to: Self.count, by: 1_000) {
                let jobs = (start..<start + 1_000).map { Job(number: $0, key: $0 % 100 == 0 ? "stuck" : "\($0 % 50)") }
                if let last = try await bus.publish(contentsOf: jobs).last { _ = try await bus.outcome(of: last) }
                passed += 990
                while await bus.statistics().subscriptions["s"]?.completed ?? 0 < passed { await Task.yield() }
            }
            let state = try await Self.state(bus)
            #expect(state.rangesBytes <= 8_192 && state.rows <= Self.count / 100, "\(state)")
            #expect(await bus.statistics().subscriptions["s"]?.unfinished ?? 0 <= EventBusConfiguration().queue.capacity)
            gate.continuation.finish()
            while await bus.statistics().subscriptions["s"]?.completed ?? 0 < Self.count { await Task.yield() }
            #expect(order.withLock { $0 } == Array(stride(from: 0, to: Self.count, by: 100)))
            #expect(try await Self.state(bus).rows == 0)
        }
    }
}
