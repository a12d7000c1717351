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

@Suite("What a handler says after its timeout", .timeLimit(.minutes(10)))
struct LateWordTests {
    /// Runs one event through a handler that is cancelled for its timeout and then throws `disposition`.
    private static func outcome(of disposition: Disposition, _ schedule: SeededSchedule) async throws -> (Outcome, [DeadLetter]) {
        try await withRunningBus(on: schedule) { handlers in
            try handlers.subscribe("s", to: Numbered.self, retry: .none, timeout: .seconds(1)) { _, _ in
                try? await schedule.clock.sleep(for: .seconds(10))
                throw disposition
            }
        } _: { bus in
            let outcome = try await bus.outcome(of: try await bus.publish(Numbered(1)))
            return (outcome, try await bus.deadLetters.list().letters)
        }.value
    }

    @Test("a discard counts, however late it comes")
    func discard() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let (outcome, letters) = try await Self.outcome(of: .discard("stale"), schedule)
            #expect(outcome == Outcome(discarded: 1), "seed \(schedule.seed)")
            #expect(letters.isEmpty)
        }
    }

    @Test("a permanent failure is kept with the handler's own reason")
    func permanentFailure() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let (outcome, letters) = try await Self.outcome(of: .permanentFailure("unknown SKU"), schedule)
            #expect(outcome == Outcome(dead: 1), "seed \(schedule.seed)")
            #expect(letters.map(\.reason) == [.permanent])
            #expect(letters.first?.errorText.contains("unknown SKU") == true)
        }
    }
}
