//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How much is measured: enough for figures to compare, or enough to see that nothing is broken.
struct Effort: Sendable, Hashable {
    /// How often the run of 1,000 events is repeated.
    var budgetRuns: Int
    /// How many events one repetition of a throughput benchmark sends.
    var events: Int
    /// How often each side of a comparison runs.
    var repetitions: Int
    /// How many events are timed on the idle bus, and under load.
    var idleSamples: Int
    var loadedSamples: Int
    /// How many events go through the bus while its memory is watched.
    var memoryEvents: Int
    /// How many events one repetition of a benchmark with a log sends, more or less.
    var durableEvents: Int
    /// How often the disk is asked to sync.
    var syncs: Int
    /// How often the log with many events is opened.
    var recoveries: Int

    static let full = Effort(
        budgetRuns: 21, events: 150_000, repetitions: 7, idleSamples: 2_000, loadedSamples: 50_000, memoryEvents: 1_000_000,
        durableEvents: 60_000, syncs: 2_000, recoveries: 9)
    static let quick = Effort(
        budgetRuns: 7, events: 20_000, repetitions: 3, idleSamples: 200, loadedSamples: 5_000, memoryEvents: 100_000,
        durableEvents: 10_000, syncs: 200, recoveries: 3)
}
