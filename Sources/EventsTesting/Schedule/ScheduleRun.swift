//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// One run of a body on a schedule: the loop that picks jobs, moves the time, and knows when to give up.
struct ScheduleRun<Success: Sendable>: Sendable {
    /// Why the loop came to a halt.
    private enum Halt {
        case finished, idle, outOfSteps
    }

    /// What the body came to, stored by the body's task.
    private final class Outcome: Sendable {
        let result = Guarded<Result<Success, any Error>?>(nil)
    }

    /// Steps that tasks left over by the body get to react to their cancellation, however busy they are.
    private static var leftoverSteps: Int { 10_000 }

    private let schedule: SeededSchedule
    private let outcome: Outcome
    private let task: Task<Void, Never>

    init(_ schedule: SeededSchedule, _ body: @escaping @Sendable (SeededSchedule) async throws -> Success) {
        let outcome = Outcome()
        self.schedule = schedule
        self.outcome = outcome
        // A fixed priority: an actor takes its jobs by priority, and the caller's must not be part of the schedule.
        task = Task(executorPreference: schedule.executor, priority: .medium) {
            let result: Result<Success, any Error>
            do {
                result = .success(try await body(schedule))
            } catch {
                result = .failure(error)
            }
            outcome.result.withLock { $0 = result }
        }
    }

    func complete() async throws -> Success {
        let failure = await withTaskCancellationHandler {
            await drive()
        } onCancel: {
            task.cancel()
        }
        schedule.spawned.cancelAll()
        _ = settle(limit: schedule.steps.addingSaturating(Self.leftoverSteps), stopsWhenFinished: false)
        if let failure { throw failure }
        guard let result = outcome.result.withLock({ $0 }) else {
            throw schedule.error(.stuck, "the body ended without a result")
        }
        return try result.get()
    }

    /// Runs until the body has finished, or says why it will not.
    private func drive() async -> ScheduleError? {
        let limit = schedule.steps.addingSaturating(schedule.stepLimit)
        let failure: ScheduleError
        switch await drain(limit: limit) {
        case .finished: return nil
        case .idle: failure = stuck()
        case .outOfSteps:
            failure = schedule.error(.stepLimit, "the body has not finished; raise `stepLimit` if it only needs longer")
        }
        // Unwind: whoever listens to cancellation gets to clean up. The verdict stands, whatever comes of it.
        task.cancel()
        schedule.spawned.cancelAll()
        _ = await drain(limit: schedule.steps.addingSaturating(schedule.stepLimit))
        return failure
    }

    /// Runs jobs and lets the time pass until the body has finished, nothing more can happen, or the steps are used up.
    private func drain(limit: Int) async -> Halt {
        while true {
            let halt = settle(limit: limit, stopsWhenFinished: true)
            guard halt == .idle else { return halt }
            if await waitsForJob() || schedule.resumeIdlers() || movesTime() { continue }
            return .idle
        }
    }

    /// Runs jobs until none is ready.
    private func settle(limit: Int, stopsWhenFinished: Bool) -> Halt {
        while true {
            if stopsWhenFinished, outcome.result.withLock({ $0 != nil }) { return .finished }
            guard schedule.steps < limit else { return .outOfSteps }
            guard schedule.executor.runNext() else { return .idle }
        }
    }

    private func movesTime() -> Bool {
        guard schedule.time == .automatic, let next = schedule.clock.nextDeadline else { return false }
        schedule.executor.note(UInt64(bitPattern: next.nanoseconds))
        schedule.clock.advance(to: next)
        return true
    }

    /// Waits in real time for a job from outside, if the schedule was told to.
    private func waitsForJob() async -> Bool {
        guard schedule.patience > .zero else { return false }
        return await schedule.executor.waitForJob(upTo: schedule.patience)
    }

    private func stuck() -> ScheduleError {
        var message = "nothing can run, "
        let deadlines = schedule.clock.pendingDeadlines.count
        if deadlines > 0 {
            message += "\(deadlines) deadlines are pending but the time moves by hand, "
        } else {
            message += "no deadline is pending, "
        }
        message += "and the body has not finished: a deadlock, or a wait for something outside the schedule"
        if schedule.spawned.count > 0 { message += " (\(schedule.spawned.count) spawned tasks are waiting too)" }
        return schedule.error(.stuck, message)
    }
}

extension Int {
    fileprivate func addingSaturating(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
