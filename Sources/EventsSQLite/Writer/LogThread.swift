//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import Dispatch
internal import Events

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A thread of its own for what blocks, and the executor of the actor that does it.
///
/// A sync to disk takes from a fraction of a millisecond to seconds. On the pool that runs everybody's tasks, which has as many
/// threads as the machine has cores, that would stall half of a small machine at each commit.
package final class LogThread: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Timer {
        let deadline: DispatchTime
        let work: @Sendable () -> Void
    }

    private struct State {
        var work: [Work] = []
        var timer: Timer?
        var isAsleep = false
        var isRunning = false
        var isStopped = false
        /// The thread that runs the work.
        var thread: pthread_t?
    }

    private enum Next {
        case work([Work])
        case timer(Timer)
        case sleep(until: DispatchTime)
        case end
    }

    private let state = Guarded(State())
    private let alarm = DispatchSemaphore(value: 0)

    /// A thread that starts with the first work and ends after ``stop()``.
    package init() {}

    /// Has the thread run something after what it was given before. It returns at once.
    package func run(_ work: @escaping @Sendable () -> Void) {
        add(.closure(work))
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Has the thread run something once a time has passed. It replaces what was to run later before.
    func runLater(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        let deadline = DispatchTime.now() + .nanoseconds(Int(clamping: delay.saturatingNanoseconds))
        let isAsleep = state.withLock { state in
            state.timer = Timer(deadline: deadline, work: work)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if isAsleep { alarm.signal() }
    }

    /// Ends the thread when it has done what it was given. What is given to it later is done all the same, by a thread that ends
    /// right after.
    package func stop() {
        let isAsleep = state.withLock { state in
            state.isStopped = true
            state.timer = nil
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if isAsleep { alarm.signal() }
    }

    /// Whether the caller runs on this thread.
    var isCurrent: Bool {
        state.withLock { state in
            guard let thread = state.thread else { return false }
            return pthread_equal(thread, pthread_self()) != 0
        }
    }

    package func checkIsolated() {
        // Only the actor's own way in asks: a programming mistake in this module, which callers cannot reach.
        precondition(isCurrent, "not on the log's thread")
    }

    private func add(_ work: Work) {
        let (isAsleep, isNew) = state.withLock { state in
            state.work.append(work)
            defer {
                state.isAsleep = false
                state.isRunning = true
            }
            return (state.isAsleep, !state.isRunning)
        }
        if isAsleep { alarm.signal() }
        if isNew { start() }
    }

    private func start() {
        let me = Unmanaged.passRetained(self)
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let error = pthread_create(&thread, nil, { LogThread.main($0) }, me.toOpaque())
        if error == 0 {
            #if canImport(Darwin)
            if let thread { pthread_detach(thread) }
            #else
            pthread_detach(thread)
            #endif
        } else {
            // The system has no thread to give. Working here is slow, but whoever waits for the work gets its answer.
            me.release()
            loop(untilIdle: true)
        }
    }

    #if canImport(Darwin)
    private typealias Context = UnsafeMutableRawPointer
    #else
    private typealias Context = UnsafeMutableRawPointer?
    #endif

    private static func main(_ context: Context) -> UnsafeMutableRawPointer? {
        let address: UnsafeMutableRawPointer? = context
        guard let address else { return nil }
        events_name_this_thread("swift-events")
        Unmanaged<LogThread>.fromOpaque(address).takeRetainedValue().loop()
        return nil
    }

    private func loop(untilIdle: Bool = false) {
        state.withLock { $0.thread = pthread_self() }
        while true {
            switch next() {
            case .work(let work):
                for item in work {
                    switch item {
                    case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                    case .closure(let closure): closure()
                    }
                }
            case .timer(let timer): timer.work()
            case .sleep where untilIdle:
                // The next work is another chance to get a thread, or is done by whoever brings it.
                let isIdle = state.withLock { state in
                    state.isAsleep = false
                    guard state.work.isEmpty else { return false }
                    state.isRunning = false
                    state.thread = nil
                    return true
                }
                if isIdle { return }
            case .sleep(let deadline):
                _ = alarm.wait(timeout: deadline)
                state.withLock { $0.isAsleep = false }
            case .end: return
            }
        }
    }

    private func next() -> Next {
        state.withLock { state in
            if !state.work.isEmpty {
                defer { state.work = [] }
                return .work(state.work)
            }
            if let timer = state.timer, timer.deadline <= .now() {
                state.timer = nil
                return .timer(timer)
            }
            if state.isStopped {
                state.isRunning = false
                state.thread = nil
                return .end
            }
            state.isAsleep = true
            return .sleep(until: state.timer?.deadline ?? .distantFuture)
        }
    }
}
