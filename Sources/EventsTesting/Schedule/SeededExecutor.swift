//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// Runs tasks one job at a time, in an order that a seed decides: one seed gives one interleaving, and other seeds explore others.
///
/// A job is what a task does from one suspension to the next. A ``SeededSchedule`` owns its executor and runs its jobs; what the
/// schedule's body starts as child tasks follows by itself, and so do the actors it calls. An unstructured task does not inherit
/// an executor, so give it this one:
///
/// ```swift
/// Task(executorPreference: schedule.executor) { … }
/// ```
///
/// Jobs run only while the schedule does. Those that other threads bring are kept until then, none is lost.
public final class SeededExecutor: TaskExecutor, Sendable {
    private struct Job {
        let job: UnownedJob
        /// The order of arrival, which names the job in the fingerprint.
        let number: UInt64
    }

    private struct State {
        var ready: [Job] = []
        var random: SplitMix64
        var arrived: UInt64 = 0
        var steps = 0
        var fingerprint: UInt64
        /// Who waits for a job to arrive from another thread.
        var idler: CheckedContinuation<Void, Never>?
        /// How many waits there were, which numbers them.
        var waits = 0
        /// The last wait that ended because its time was up.
        var lastEndedWait = 0
    }

    private let state: Guarded<State>

    init(seed: UInt64) {
        state = Guarded(State(random: SplitMix64(seed: seed), fingerprint: 0))
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        // The job outlives this call, so it is kept in its unowned form; it is run exactly once, in `runNext`.
        let job = UnownedJob(job)
        let idler = state.withLock { state in
            state.arrived += 1
            state.ready.append(Job(job: job, number: state.arrived))
            return state.idler.take()
        }
        idler?.resume()
    }

    /// Picks one of the jobs that are ready and runs it on this thread, up to its next suspension.
    ///
    /// - Returns: Whether there was one.
    func runNext() -> Bool {
        let job: UnownedJob? = state.withLock { state in
            guard !state.ready.isEmpty else { return nil }
            let position = state.random.next(below: state.ready.count)
            state.steps += 1
            // The last job takes the place of the one that leaves: the order means nothing, as the next choice is random too.
            state.ready.swapAt(position, state.ready.count - 1)
            let chosen = state.ready.removeLast()
            state.fingerprint = SplitMix64.mix(state.fingerprint ^ chosen.number ^ (UInt64(state.ready.count) << 32))
            return chosen.job
        }
        guard let job else { return false }
        job.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }

    /// Records that something happened between two jobs, such as a move of the time.
    func note(_ value: UInt64) {
        state.withLock {
            $0.steps += 1
            $0.fingerprint = SplitMix64.mix($0.fingerprint &+ value)
        }
    }

    /// How many choices were made so far.
    var steps: Int {
        state.withLock { $0.steps }
    }

    /// A digest of all choices so far.
    var fingerprint: UInt64 {
        state.withLock { $0.fingerprint }
    }

    // MARK: - Jobs from other threads

    /// Waits in real time until a job is ready, for `patience` at most.
    ///
    /// - Returns: Whether there is one.
    func waitForJob(upTo patience: Duration) async -> Bool {
        let wait = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        // Outside of the schedule there is no time but the real one, and no task of the schedule may be the one that watches it.
        let timeout = Task.detached {
            do { try await Task.sleep(for: patience, clock: .continuous) } catch { return }
            self.endWait(wait)
        }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.ready.isEmpty, state.lastEndedWait < wait else { return true }
                state.idler = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
        timeout.cancel()
        return state.withLock { !$0.ready.isEmpty }
    }

    /// Ends a wait whose time is up. One that is over already is left alone, and so is the one that may have followed it.
    private func endWait(_ wait: Int) {
        let idler = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waits == wait else { return nil }
            state.lastEndedWait = wait
            return state.idler.take()
        }
        idler?.resume()
    }
}
