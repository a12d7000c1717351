//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events
internal import Synchronization

/// Runs an async body, and everything it starts, one step at a time in an order that a seed decides and in virtual time.
///
/// ```swift
/// try await withSeededSchedule(seed: 42) { schedule in
///     var configuration = EventBusConfiguration()
///     configuration.environment = schedule.environment
///     let bus = try EventBus(configuration: configuration) { handlers in … }
///     …
/// }
/// ```
///
/// The same seed gives the same schedule, so a failure that a seed finds can be seen again with that seed, and
/// ``exploreSchedules(seeds:time:stepLimit:patience:_:)`` tries as many as you like. That holds for what runs on the schedule's
/// ``executor``: the body, its child tasks, the actors they call, and the tasks of a bus that was made with ``environment``.
/// `Task { }` and `Task.detached { }` do not inherit an executor, actors with an executor of their own (the main actor is one) and
/// threads run elsewhere, and `Task.sleep(for:)` without ``clock`` waits for real time. None of these is repeatable, and the
/// schedule does not wait for them unless told how long by `patience`.
///
/// When nothing can run, the time moves on to the next deadline by itself. When there is none either, the schedule is stuck and
/// says so.
public final class SeededSchedule: Sendable {
    /// How the time passes.
    public enum TimePolicy: Sendable {
        /// When nothing can run, the time moves to the next deadline.
        case automatic
        /// The time moves only when the body says so, with ``SeededSchedule/advance(by:)`` or on ``SeededSchedule/clock``.
        case manual
    }

    /// The seed that decides the schedule.
    public let seed: UInt64
    /// The schedule's time, which starts at zero.
    public let clock: ManualClock
    /// What the schedule's tasks run on. Give it to unstructured tasks: `Task(executorPreference: schedule.executor) { … }`.
    public let executor: SeededExecutor
    /// What to make a bus with, so that it runs in this schedule: virtual time, seeded chance and identifiers, seeded tasks.
    public let environment: BusEnvironment

    let time: TimePolicy
    let stepLimit: Int
    let patience: Duration
    let spawned: SpawnedTasks
    private let isRunning = Atomic(false)
    private let idlers = Guarded<[CheckedContinuation<Void, Never>]>([])

    /// Creates a schedule; ``run(_:)`` runs it.
    ///
    /// - Parameters:
    ///   - seed: Decides the order of everything, the jitter of retries and the random part of event identifiers.
    ///   - time: How the time passes. The default is `.automatic`.
    ///   - stepLimit: After how many steps ``run(_:)`` gives up on a body. The default is 1,000,000.
    ///   - patience: How long, in real time, to wait for a job from outside the schedule before the time is moved or the schedule is
    ///     called stuck. The default is zero: everything runs inside. More than a day counts as a day.
    public init(seed: UInt64, time: TimePolicy = .automatic, stepLimit: Int = 1_000_000, patience: Duration = .zero) {
        let clock = ManualClock()
        let executor = SeededExecutor(seed: seed)
        let spawned = SpawnedTasks()
        self.seed = seed
        self.clock = clock
        self.executor = executor
        self.spawned = spawned
        self.time = time
        self.stepLimit = stepLimit
        // What the real clock is asked to wait for must be something it can add to its time.
        self.patience = min(patience, .seconds(86_400))
        environment = BusEnvironment(clock: clock, seed: seed) { _, operation in
            spawned.spawn(on: executor, operation)
        }
    }

    // MARK: - Running

    /// Runs `body` on the schedule and returns what it returns.
    ///
    /// Tasks of the environment that still run when the body ends are cancelled and get to run until they wait; what ignores
    /// the cancellation is left behind and never runs again. A body that is stuck or past the step limit is cancelled, gets as many
    /// steps again to unwind, and is then left behind in the same way.
    ///
    /// The calling thread does the work. Cancelling the calling task cancels the body.
    ///
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, or a ``ScheduleError`` with the code `.stuck`, `.stepLimit`, or `.alreadyRunning` when
    ///   another call has not returned.
    public func run<Success: Sendable>(
        _ body: @escaping @Sendable (_ schedule: SeededSchedule) async throws -> Success
    ) async throws -> Success {
        guard isRunning.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            throw error(.alreadyRunning, "a schedule runs one body at a time")
        }
        defer { isRunning.store(false, ordering: .releasing) }
        return try await ScheduleRun(self, body).complete()
    }

    /// How many steps the schedule has made: jobs run and moves of the time.
    public var steps: Int {
        executor.steps
    }

    /// A digest of all choices that the schedule has made. Two schedules with the same fingerprint went the same way.
    public var fingerprint: UInt64 {
        executor.fingerprint
    }

    func error(_ code: ScheduleError.Code, _ message: String) -> ScheduleError {
        ScheduleError(code, seed: seed, steps: steps, message: message)
    }

    // MARK: - From within the body

    /// Suspends until nothing else in the schedule can run without the time moving on.
    ///
    /// After it, all that follows from what was done so far has happened, so a test can look at the result, or assert that nothing
    /// happened. Call it in the schedule's own tasks, and not in an endless loop: the time does not move while somebody calls it.
    /// Cancellation does not end it early: it never waits for long.
    public func idle() async {
        await withCheckedContinuation { continuation in
            idlers.withLock { $0.append(continuation) }
        }
    }

    /// Moves the time on by `duration`, one deadline after the other, and lets everything that each deadline sets going happen
    /// before the next comes.
    ///
    /// - Parameter duration: How far to move; nothing moves for zero or less, but everything that can run does.
    public func advance(by duration: Duration) async {
        let target = clock.now.advanced(by: duration)
        await idle()
        while let next = clock.nextDeadline, next <= target {
            clock.advance(to: next)
            executor.note(UInt64(bitPattern: next.nanoseconds))
            await idle()
        }
        clock.advance(to: target)
    }

    /// Resumes those who wait for the schedule to be idle.
    ///
    /// - Returns: Whether there were any.
    func resumeIdlers() -> Bool {
        let waiting = idlers.withLock { idlers in
            defer { idlers.removeAll() }
            return idlers
        }
        for continuation in waiting { continuation.resume() }
        return !waiting.isEmpty
    }
}

/// Runs `body`, and everything it starts, in the order that `seed` decides and in virtual time. See ``SeededSchedule``.
///
/// - Parameters:
///   - seed: Decides the order of everything, the jitter of retries and the random part of event identifiers.
///   - time: How the time passes. By default it moves to the next deadline whenever nothing can run.
///   - stepLimit: After how many steps to give up on the body. The default is 1,000,000.
///   - patience: How long, in real time, to wait for jobs from outside the schedule. The default is zero.
///   - body: What to run. It is cancelled when the calling task is.
/// - Returns: What the body returns.
/// - Throws: What the body throws, or a ``ScheduleError``.
public func withSeededSchedule<Success: Sendable>(
    seed: UInt64,
    time: SeededSchedule.TimePolicy = .automatic,
    stepLimit: Int = 1_000_000,
    patience: Duration = .zero,
    _ body: @escaping @Sendable (_ schedule: SeededSchedule) async throws -> Success
) async throws -> Success {
    try await SeededSchedule(seed: seed, time: time, stepLimit: stepLimit, patience: patience).run(body)
}
