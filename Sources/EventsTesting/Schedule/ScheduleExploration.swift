//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What an exploration of many schedules has seen.
public struct ScheduleExploration: Sendable, Hashable {
    /// How many schedules were run.
    public let schedules: Int
    /// How many of them went a way of their own: schedules with equal fingerprints count once.
    public let distinctSchedules: Int
    /// How many steps they made together.
    public let steps: Int
}

/// Runs `body` once for each seed, each time in another order, and stops at the first that fails.
///
/// ```swift
/// try await exploreSchedules(seeds: 0..<1_000) { schedule in
///     …
///     guard account.balance >= 0 else { throw Overdrawn() }
/// }
/// ```
///
/// To see a failure again, pass the seed that its error names: `seeds: [42]`. An `#expect` in the body does not stop the
/// exploration; give it `"seed \(schedule.seed)"` as its comment, or throw.
///
/// - Parameters:
///   - seeds: The seeds to try, in this order.
///   - time: How the time passes. By default it moves to the next deadline whenever nothing can run.
///   - stepLimit: After how many steps to give up on one schedule. The default is 1,000,000.
///   - patience: How long, in real time, to wait for jobs from outside the schedule. The default is zero.
///   - body: What to run. It must start afresh each time: share nothing with the run before.
/// - Returns: How much was explored.
/// - Throws: A ``ScheduleError`` that names the seed: `.failed` with what the body threw, `.stuck`, or `.stepLimit`.
///   `CancellationError` when the calling task is cancelled between two schedules.
@discardableResult
public func exploreSchedules(
    seeds: some Sequence<UInt64> & Sendable,
    time: SeededSchedule.TimePolicy = .automatic,
    stepLimit: Int = 1_000_000,
    patience: Duration = .zero,
    _ body: @escaping @Sendable (_ schedule: SeededSchedule) async throws -> Void
) async throws -> ScheduleExploration {
    var fingerprints: Set<UInt64> = []
    var schedules = 0
    var steps = 0
    for seed in seeds {
        try Task.checkCancellation()
        let schedule = SeededSchedule(seed: seed, time: time, stepLimit: stepLimit, patience: patience)
        do {
            try await schedule.run(body)
        } catch let error as ScheduleError {
            throw error
        } catch {
            throw ScheduleError(
                .failed,
                seed: seed,
                steps: schedule.steps,
                message: "the body threw \(type(of: error)): \(error)",
                underlying: error
            )
        }
        schedules += 1
        steps += schedule.steps
        fingerprints.insert(schedule.fingerprint)
    }
    return ScheduleExploration(schedules: schedules, distinctSchedules: fingerprints.count, steps: steps)
}
