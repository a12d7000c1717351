//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

/// A durable bus's log that lives in memory: for tests of a service that uses a durable bus, without files and without waiting.
///
/// It keeps every rule of `EventLog`, and what is committed survives the bus: close the bus and open another one on the same log,
/// and that is a restart. ``crash()`` is the end of a process, with a log for the next one. ``failNext(_:commits:)`` makes commits
/// fail. It is not durable: with the test's process it is gone.
///
/// ```swift
/// let log = MemoryEventLog()
/// // … a bus on the log publishes, its process dies while a handler runs …
/// let survivor = log.crash()
/// // … a bus on the survivor finds the event, and the handler among the suspects.
/// ```
///
/// Completions run after their commit on the thread that commits, in order, with no lock held, so they may hand in more.
public final class MemoryEventLog: EventLog {
    /// When a log commits what is handed in.
    public struct Commits: Sendable {
        enum Moment {
            case immediate
            case manual
            case spawned(@Sendable (@escaping @Sendable () async -> Void) -> Void)
        }

        let moment: Moment

        /// At once, each change by itself, in the call that hands it in. This is the default. While another thread commits, or from
        /// within a completion, a change is committed by the one that is at it, next.
        public static let immediate = Commits(moment: .immediate)

        /// When the test calls ``MemoryEventLog/commit()``, everything together.
        public static let manual = Commits(moment: .manual)

        /// In a task of its own, everything that came together until that runs; a seeded schedule then decides when that is.
        ///
        /// - Parameter spawn: Starts a task with the operation. It is called while no commit is on its way yet.
        public static func spawned(
            by spawn: @escaping @Sendable (_ operation: @escaping @Sendable () async -> Void) -> Void
        ) -> Commits {
            Commits(moment: .spawned(spawn))
        }
    }

    let moment: Commits.Moment
    /// What is committed. It is locked while a commit is carried out, before `control` where both are.
    let committed: Guarded<MemoryLogState>
    /// Everything else. It is locked for a moment only, so that handing in a change never waits.
    let control: Guarded<MemoryLogControl>

    /// Creates a log that has nothing.
    ///
    /// - Parameter commits: When it commits. The default is ``Commits/immediate``.
    public convenience init(commits: Commits = .immediate) {
        self.init(moment: commits.moment, state: MemoryLogState(), notes: [])
    }

    init(moment: Commits.Moment, state: MemoryLogState, notes: [FlightNote]) {
        self.moment = moment
        committed = Guarded(state)
        control = Guarded(MemoryLogControl(notes: notes, values: state.values))
    }

    // MARK: - Opening and closing

    public func open(_ opening: LogOpening) async throws -> LogOpened {
        let result: Result<LogOpened, LogFailure> = committed.withLock { state in
            control.withLock { control in
                do throws(LogFailure) {
                    try control.checkOpening()
                    let opened = state.open(opening, notes: control.notes)
                    control.open(epoch: opened.epoch, slots: opening.flightSlots)
                    return .success(opened)
                } catch {
                    return .failure(error)
                }
            }
        }
        return try result.get()
    }

    public func close() async {
        guard control.withLock({ $0.close() }) else { return }
        // What was handed in before is committed here or by the one who is at it; nothing comes after it.
        commitAll()
        await withCheckedContinuation { continuation in
            let isIdle = control.withLock { $0.isIdle(orResume: continuation) }
            if isIdle { continuation.resume() }
        }
        let failed = control.withLock { $0.giveUp() }
        for change in failed.changes { change.fail(failed.failure) }
    }

    // MARK: - Changes

    public func submit(_ change: LogChange) {
        let answer = control.withLock { $0.submit(change) }
        switch answer {
        case .refused(let failure): change.fail(failure)
        case .taken(let isFirst):
            switch moment {
            case .immediate: commitAll()
            case .manual: break
            case .spawned(let spawn): if isFirst { spawn { self.commitAll() } }
            }
        }
    }

    /// Commits what is pending, in one commit, and calls the completions. What these hand in is left for the next time unless the
    /// log commits at once. Settlements that a full disk held back (``failNext(_:commits:)``) are tried again first.
    ///
    /// - Returns: How many changes were taken; 0 also while another thread commits.
    @discardableResult
    public func commit() -> Int {
        guard control.withLock({ $0.beginCommitting(retrying: true) }) else { return 0 }
        let count = commitOnce()
        if case .manual = moment {
            control.withLock { $0.endCommitting() }
        } else {
            commitRest()
        }
        return count
    }

    /// Commits until nothing is pending, unless somebody is at it already: they will see what came.
    func commitAll() {
        guard control.withLock({ $0.beginCommitting(retrying: false) }) else { return }
        _ = commitOnce()
        commitRest()
    }

    private func commitRest() {
        while control.withLock({ $0.continueCommitting() }) { _ = commitOnce() }
    }

    /// One commit of everything pending.
    private func commitOnce() -> Int {
        let (completions, count): ([@Sendable () -> Void], Int) = committed.withLock { state in
            let batch = control.withLock { $0.take() }
            var completions: [@Sendable () -> Void] = []
            completions.reserveCapacity(batch.changes.count)
            if batch.isStored {
                for change in batch.changes { completions.append(state.apply(change)) }
                control.withLock { $0.values = state.values }
            }
            if let failure = batch.failure {
                completions = batch.changes.map { change in { change.fail(failure) } }
            }
            return (completions, batch.changes.count)
        }
        for completion in completions { completion() }
        return count
    }
}
