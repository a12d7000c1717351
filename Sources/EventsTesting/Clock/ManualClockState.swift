//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// Everything a ``ManualClock`` knows, as a pure state machine: each input returns whom to wake, and the clock wakes them after
/// it has let go of its lock.
struct ManualClockState {
    typealias ID = UInt64

    /// What a suspended task waits for.
    enum Condition {
        /// That the time reaches this point.
        case deadline(MonotonicTime)
        /// That this many deadlines are pending.
        case pending(Int)
    }

    private enum Wait {
        /// The task has announced its wait and is about to suspend.
        case starting
        /// The task was cancelled between announcing its wait and suspending.
        case cancelled
        case sleeping(DeadlineQueue.Key?, CheckedContinuation<Void, any Error>)
        case watching(count: Int, CheckedContinuation<Void, any Error>)
    }

    private struct AlarmState {
        var armed: DeadlineQueue.Key?
        /// A ring that nobody has collected yet.
        var hasRung = false
        var isStopped = false
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private(set) var now = MonotonicTime(nanoseconds: 0)
    private var queue = DeadlineQueue()
    private var waits: [ID: Wait] = [:]
    private var alarms: [ID: AlarmState] = [:]
    /// How many of the waits are watching, so that setting a deadline costs no search when nobody is.
    private var watching = 0
    private var lastID: ID = 0

    var nextDeadline: MonotonicTime? { queue.first?.deadline }
    var pendingDeadlines: [MonotonicTime] { queue.deadlines }

    private mutating func makeID() -> ID {
        lastID += 1
        return lastID
    }

    // MARK: - Moving time

    /// Moves the time to the earliest deadline at or before `target` and releases the first that waits for it; `nil` if none does.
    mutating func releaseNext(upTo target: MonotonicTime) -> [Wake]? {
        guard let key = queue.first, key.deadline <= target else { return nil }
        queue.remove(key)
        now = max(now, key.deadline)
        if alarms[key.id] != nil { return ring(key.id) }
        guard case .sleeping(_, let continuation) = waits.removeValue(forKey: key.id) else { return [] }
        return [.waiter(continuation, cancelled: false)]
    }

    mutating func arrive(at target: MonotonicTime) {
        now = max(now, target)
    }

    // MARK: - Waiting

    /// Announces a wait, so that a cancellation that comes before the task has suspended finds something to mark.
    mutating func startWait() -> ID {
        let id = makeID()
        waits[id] = .starting
        return id
    }

    mutating func wait(_ id: ID, for condition: Condition, _ continuation: CheckedContinuation<Void, any Error>) -> [Wake] {
        if case .cancelled = waits[id] {
            waits[id] = nil
            return [.waiter(continuation, cancelled: true)]
        }
        switch condition {
        case .deadline(let deadline) where deadline <= now:
            waits[id] = nil
            return [.waiter(continuation, cancelled: false)]
        case .deadline(let deadline):
            waits[id] = .sleeping(queue.insert(deadline, for: id), continuation)
            return watchersToWake()
        case .pending(let count) where queue.count >= count:
            waits[id] = nil
            return [.waiter(continuation, cancelled: false)]
        case .pending(let count):
            waits[id] = .watching(count: count, continuation)
            watching += 1
            return []
        }
    }

    mutating func cancelWait(_ id: ID) -> [Wake] {
        switch waits[id] {
        case nil:  // It is over already: the cancellation came too late to matter.
            return []
        case .starting, .cancelled:
            waits[id] = .cancelled
            return []
        case .sleeping(let key, let continuation):
            if let key { queue.remove(key) }
            waits[id] = nil
            return [.waiter(continuation, cancelled: true)]
        case .watching(_, let continuation):
            waits[id] = nil
            watching -= 1
            return [.waiter(continuation, cancelled: true)]
        }
    }

    private mutating func watchersToWake() -> [Wake] {
        guard watching > 0 else { return [] }
        var wakes: [Wake] = []
        for id in waits.keys.sorted() {  // Sorted, because a dictionary's own order differs from run to run.
            guard case .watching(let count, let continuation) = waits[id], queue.count >= count else { continue }
            waits[id] = nil
            watching -= 1
            wakes.append(.waiter(continuation, cancelled: false))
        }
        return wakes
    }

    // MARK: - Alarms

    mutating func addAlarm() -> ID {
        let id = makeID()
        alarms[id] = AlarmState()
        return id
    }

    mutating func removeAlarm(_ id: ID) {
        if let key = alarms.removeValue(forKey: id)?.armed { queue.remove(key) }
    }

    mutating func setAlarm(_ id: ID, to time: MonotonicTime?) -> [Wake] {
        guard let alarm = alarms[id], !alarm.isStopped else { return [] }
        if let key = alarm.armed { queue.remove(key) }
        alarms[id]?.armed = nil
        guard let time else { return [] }
        guard time > now else { return ring(id) }
        alarms[id]?.armed = queue.insert(time, for: id)
        return watchersToWake()
    }

    mutating func ringAlarm(_ id: ID, _ continuation: CheckedContinuation<Bool, Never>) -> [Wake] {
        guard var alarm = alarms[id], !alarm.isStopped else { return [.alarm(continuation, rings: false)] }
        guard !alarm.hasRung else {
            alarms[id]?.hasRung = false
            return [.alarm(continuation, rings: true)]
        }
        // One task waits at a time. Should a second come, the first is sent off to look at its deadlines rather than forgotten.
        let displaced = alarm.waiter
        alarm.waiter = continuation
        alarms[id] = alarm
        return displaced.map { [.alarm($0, rings: true)] } ?? []
    }

    mutating func stopAlarm(_ id: ID) -> [Wake] {
        guard let alarm = alarms[id] else { return [] }
        if let key = alarm.armed { queue.remove(key) }
        alarms[id] = AlarmState(isStopped: true)
        return alarm.waiter.map { [.alarm($0, rings: false)] } ?? []
    }

    private mutating func ring(_ id: ID) -> [Wake] {
        guard var alarm = alarms[id] else { return [] }
        let waiter = alarm.waiter
        alarm.armed = nil
        alarm.waiter = nil
        alarm.hasRung = waiter == nil
        alarms[id] = alarm
        return waiter.map { [.alarm($0, rings: true)] } ?? []
    }
}

extension ManualClockState {
    /// Somebody to resume, once the clock's lock is free.
    enum Wake {
        case waiter(CheckedContinuation<Void, any Error>, cancelled: Bool)
        case alarm(CheckedContinuation<Bool, Never>, rings: Bool)
    }
}

extension [ManualClockState.Wake] {
    /// Resumes them all, in order.
    func perform() {
        for wake in self {
            switch wake {
            case .waiter(let continuation, cancelled: false): continuation.resume()
            case .waiter(let continuation, cancelled: true): continuation.resume(throwing: CancellationError())
            case .alarm(let continuation, let rings): continuation.resume(returning: rings)
            }
        }
    }
}
