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
import Testing

@Suite("Outcomes of what waits behind a dead letter, in a log", .timeLimit(.minutes(15)))
struct ParkedOutcomeTests {
    /// Publishes events of which the first becomes a dead letter, and waits for the outcome of each.
    private func outcomes(
        _ schedule: SeededSchedule, order: DeliveryOrder, capacity: Int, keys: @escaping @Sendable (Int) -> String
    ) async throws -> [Outcome] {
        try await withDurableBus(schedule.makeLog(), on: schedule) { configuration in
            configuration.queue.capacity = capacity
        } handlers: { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: .constant(.seconds(1), maxAttempts: 2), order: order) {
                event, _ in
                if event.number == 0 { throw TestFault() }
            }
        } _: { bus in
            let receipts = try await bus.publish(contentsOf: (0..<8).map { Numbered($0, key: keys($0)) })
            return try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
                for (index, receipt) in receipts.enumerated() {
                    group.addTask { (index, try await bus.outcome(of: receipt)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }.value
    }

    private static let expected = [Outcome(dead: 1)] + Array(repeating: Outcome(parked: 1), count: 7)

    @Test("come when the letter does, whether memory has them or only the log", arguments: [1, 3, 2_000])
    func perKey(capacity: Int) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let outcomes = try await outcomes(schedule, order: .perKey, capacity: capacity) { _ in "k" }
            #expect(outcomes == Self.expected, "seed \(schedule.seed)")
        }
    }

    @Test("come under .serial behind a letter of another key", arguments: [2, 2_000])
    func serial(capacity: Int) async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let outcomes = try await outcomes(schedule, order: .serial, capacity: capacity) { "k\($0)" }
            #expect(outcomes == Self.expected, "seed \(schedule.seed)")
        }
    }
}
