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

@Suite("Exploration of schedules")
struct ExplorationTests {
    /// How many schedules each test tries: 1,000, or what `EVENTS_TEST_SEEDS` says.
    static let seeds: Range<UInt64> =
        0..<(ProcessInfo.processInfo.environment["EVENTS_TEST_SEEDS"].flatMap { UInt64($0) } ?? 1_000)

    @Test("every schedule of publishing, retrying, parking and redriving agrees with the reference model")
    func undisturbed() async throws {
        let exploration = try await exploreSchedules(seeds: Self.seeds) { schedule in
            try await Scenario(seed: schedule.seed, isDisturbed: false).run(on: schedule)
        }
        #expect(exploration.schedules == Self.seeds.count)
        #expect(exploration.distinctSchedules > exploration.schedules * 9 / 10)
    }

    @Test("a shutdown at any moment loses, repeats and reorders nothing, and accounts for every delivery")
    func disturbed() async throws {
        let exploration = try await exploreSchedules(seeds: Self.seeds) { schedule in
            try await Scenario(seed: schedule.seed, isDisturbed: true).run(on: schedule)
        }
        #expect(exploration.schedules == Self.seeds.count)
    }
}
