//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A clock whose time moves only when it is told to, so that a test of retries, timeouts and deadlines takes no time at all.
///
/// ```swift
/// let clock = ManualClock()
/// async let woken: Void = clock.sleep(for: .seconds(30))
/// try await clock.waitForDeadlines(1)      // the sleeper is waiting now
/// clock.advance(by: .seconds(30))
/// try await woken
/// ```
///
/// What waits is released in the order of the deadlines, and for equal deadlines in the order in which they were set. Inside a
/// ``SeededSchedule`` nothing needs to be advanced: there the time moves on by itself whenever everything waits for it.
///
/// The clock's time of day moves along with its monotonic time, from ``start``.
public final class ManualClock: Clock, Sendable {
    public typealias Instant = MonotonicTime
    public typealias Duration = Swift.Duration

    /// The time of day at which a clock starts unless told otherwise: 2026-01-01 00:00:00 UTC.
    public static let defaultStart = Date(timeIntervalSince1970: 1_767_225_600)

    /// The time of day at which this clock started, when ``now`` was zero.
    public let start: Date

    private let state = Guarded(ManualClockState())

    /// Creates a clock that stands at zero on its time line.
    ///
    /// - Parameter start: The time of day at which it starts. The default is ``defaultStart``, so that runs are repeatable.
    public init(start: Date = ManualClock.defaultStart) {
        self.start = start
    }

    // MARK: - Reading

    /// The current point on the clock's time line, which starts at zero.
    public var now: MonotonicTime {
        state.withLock { $0.now }
    }

    /// The clock's time of day: ``start`` plus the time that it was moved by.
    public var wallClock: Date {
        start.addingTimeInterval(Double(now.nanoseconds) / 1_000_000_000)
    }

    /// The smallest step of the clock: one nanosecond.
    public var minimumResolution: Duration {
        .nanoseconds(1)
    }

    /// The deadlines that somebody waits for, in the order in which they come.
    ///
    /// A deadline appears once for each sleeper and each alarm set to it. What is set to the very end of the time line is waiting
    /// for nothing and is left out.
    public var pendingDeadlines: [MonotonicTime] {
        state.withLock { $0.pendingDeadlines }
    }

    // MARK: - Moving time

    /// Moves the time on and releases everything that became due, in order.
    ///
    /// It returns at once; the released tasks run when their executor gets to them, and they see the time at the end of the
    /// move. A task that sleeps again and again therefore wakes once a call: inside a ``SeededSchedule``, use
    /// ``SeededSchedule/advance(by:)``, which lets everything run between one deadline and the next.
    ///
    /// - Parameter duration: How far to move. Zero releases nothing new; a negative duration does nothing, as time does not go back.
    public func advance(by duration: Duration) {
        advance(to: now.advanced(by: duration))
    }

    /// Moves the time on to `deadline` and releases everything that became due, in order. See ``advance(by:)``.
    ///
    /// - Parameter deadline: The time to move to. One that has passed does nothing.
    public func advance(to deadline: MonotonicTime) {
        // The lock is released before each waiter is resumed: resuming may run code that comes back to this clock.
        while let wakes = state.withLock({ $0.releaseNext(upTo: deadline) }) {
            wakes.perform()
        }
        state.withLock { $0.arrive(at: deadline) }
    }

    /// Moves the time on to the next deadline that somebody waits for and releases everything that is due then.
    ///
    /// - Returns: Whether there was a deadline to move to.
    @discardableResult
    public func advanceToNextDeadline() -> Bool {
        guard let next = nextDeadline else { return false }
        advance(to: next)
        return true
    }

    /// The earliest deadline that somebody waits for.
    package var nextDeadline: MonotonicTime? {
        state.withLock { $0.nextDeadline }
    }

    // MARK: - Waiting

    /// Waits until the clock was moved to `deadline`; returns at once if that has passed.
    ///
    /// - Parameters:
    ///   - deadline: The time to wait for.
    ///   - tolerance: Has no effect: a manual clock is always exact.
    /// - Throws: `CancellationError` when the task is cancelled before or during the wait, without waiting for the deadline.
    public func sleep(until deadline: MonotonicTime, tolerance: Duration? = nil) async throws {
        try await wait(for: .deadline(deadline))
    }

    /// Waits until at least `count` deadlines are pending on this clock, so that a test can move the time knowing that what it
    /// tests has come to its wait. Returns at once if there are as many already.
    ///
    /// - Parameter count: How many sleepers and set alarms to wait for. The default is 1.
    /// - Throws: `CancellationError` when the task is cancelled before or during the wait.
    public func waitForDeadlines(_ count: Int = 1) async throws {
        try await wait(for: .pending(count))
    }

    private func wait(for condition: ManualClockState.Condition) async throws {
        let id = state.withLock { $0.startWait() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.wait(id, for: condition, continuation) }.perform()
            }
        } onCancel: {
            state.withLock { $0.cancelWait(id) }.perform()
        }
    }

    // MARK: - Alarms

    /// Makes an alarm that rings when this clock reaches what it is set to.
    package func makeAlarm() -> any Alarm {
        ManualAlarm(clock: self, id: state.withLock { $0.addAlarm() })
    }

    func setAlarm(_ id: ManualClockState.ID, to time: MonotonicTime?) {
        state.withLock { $0.setAlarm(id, to: time) }.perform()
    }

    func stopAlarm(_ id: ManualClockState.ID) {
        state.withLock { $0.stopAlarm(id) }.perform()
    }

    func removeAlarm(_ id: ManualClockState.ID) {
        state.withLock { $0.removeAlarm(id) }
    }

    func ringAlarm(_ id: ManualClockState.ID, _ continuation: CheckedContinuation<Bool, Never>) {
        state.withLock { $0.ringAlarm(id, continuation) }.perform()
    }
}
