//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What bounds the part of the log that the slowest subscription still has before it.
public struct BacklogPolicy: Sendable, Hashable {
    /// What happens to a publish that would exceed the limit.
    public enum Overflow: Sendable, Hashable {
        /// The publisher waits until the slowest subscription has caught up far enough; those who wait are served in order. This is
        /// the default.
        case suspend
        /// The publish is rejected.
        case reject
    }

    /// The most events between the slowest registered subscription and the end of the log, at least 1, whatever their types.
    public var limit: Int
    /// What happens to a publish that would exceed it.
    public var overflow: Overflow

    /// A bound of the backlog.
    public init(limit: Int, overflow: Overflow = .suspend) {
        self.limit = limit
        self.overflow = overflow
    }
}

/// Lets publishes into the log as far as the backlog limit goes. Handlers do not pass here: they cannot wait for what they may have
/// to do themselves.
final class BacklogGate: Sendable {
    private struct State {
        /// The end of the log, as far as it is known.
        var end: Int64 = 0
        /// How many events were let through and may not be in it yet.
        var entering = 0
        /// How far the slowest subscription is.
        var slowest: Int64 = 0
        /// Whether the bus has begun to run, so that there will be room one day.
        var isOpen = false
        var isClosed = false
        var waiting = RingBuffer<(count: Int, waiter: Waiter<Void>)>()

        func hasRoom(for count: Int, limit: Int) -> Bool {
            let backlog = max(0, Int(clamping: end - slowest)) + entering
            // A batch larger than the limit gets in when nothing is before it.
            return backlog == 0 || count <= limit - backlog
        }
    }

    let policy: BacklogPolicy?
    private let state = Guarded(State())

    init(policy: BacklogPolicy?) {
        self.policy = policy
    }

    /// Takes room for a publish, waiting for it where that is the policy.
    func enter(_ count: Int, eventName: String) async throws {
        guard let policy else { return }
        let waiter = Waiter<Void>()
        var isOpen = true
        let mayEnter = state.withLock { state -> Bool in
            if state.isClosed || (state.waiting.isEmpty && state.hasRoom(for: count, limit: policy.limit)) {
                state.entering += count
                return true
            }
            isOpen = state.isOpen
            if policy.overflow == .suspend, isOpen { state.waiting.append((count, waiter)) }
            return false
        }
        if mayEnter { return }
        guard policy.overflow == .suspend else {
            throw PublishError(
                .rejected, .backlogFull,
                "\(eventName) was rejected: the slowest subscription is \(policy.limit) events behind, which is the backlog limit. "
                    + "Publish again later.")
        }
        guard isOpen else {
            throw PublishError(
                .rejected, .wouldWaitBeforeRun,
                "\(eventName) found the backlog at its limit of \(policy.limit) before the bus runs, so it would wait for ever. Call "
                    + "run() first.")
        }
        do {
            try await waiter.value()
        } catch is CancellationError {
            admit()
            throw PublishError(
                .rejected, .cancelled,
                "\(eventName) was not published: its task was cancelled while the backlog was at its limit.")
        }
    }

    /// The bus runs.
    func open() {
        state.withLock { $0.isOpen = true }
    }

    /// A publish that had room is in the log, which ends there or later, or will not get there.
    func leave(_ count: Int, end: Offset?) {
        guard policy != nil else { return }
        state.withLock { state in
            state.entering -= count
            if let end { state.end = max(state.end, end.rawValue) }
        }
        admit()
    }

    /// The log or the slowest subscription moved on.
    func update(slowest: Offset, end: Offset) {
        guard policy != nil else { return }
        state.withLock { state in
            state.slowest = slowest.rawValue
            state.end = max(state.end, end.rawValue)
        }
        admit()
    }

    /// Lets everybody go: the log itself refuses them.
    func close() {
        state.withLock { $0.isClosed = true }
        admit()
    }

    private func admit() {
        guard let limit = policy?.limit else { return }
        state.withLock { state in
            while let first = state.waiting.first {
                if !first.waiter.isDecided {
                    guard state.isClosed || state.hasRoom(for: first.count, limit: limit) else { return }
                    if first.waiter.decide(.success(())) { state.entering += first.count }
                }
                _ = state.waiting.popFirst()
            }
        }
    }
}
