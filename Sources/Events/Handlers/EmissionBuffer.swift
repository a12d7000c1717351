//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// What an attempt adds to its own success.
struct Emissions: Sendable {
    /// Events that were emitted, in order; each in the form in which a log keeps it where there is one.
    var records: [EventRecord] = []
    var logEvents: [LogEvent] = []
    /// Events that were emitted for later.
    var scheduled: [ScheduledEvent] = []
    /// What else is to be committed.
    var actions: [CommitAction]

    init(actions: [CommitAction] = []) {
        self.actions = actions
    }

    /// When the first of the events for later is due.
    var nextScheduled: ScheduledTime? { scheduled.map(\.time).min { $0.due < $1.due } }

    var isEmpty: Bool { records.isEmpty && scheduled.isEmpty && actions.isEmpty }
}

/// What a handler emits, kept until the handler succeeds. One attempt after the other uses it; each is known by a number, so that an
/// attempt's late emission cannot end up with the attempt that follows.
final class EmissionBuffer: Sendable {
    /// The attempt that may emit, or -1.
    private let current = Atomic<Int>(-1)
    /// Spares the lock when nothing was emitted, which is most of the time.
    private let hasEmissions = Atomic<Bool>(false)
    private let emissions = Guarded(Emissions())

    /// Begins an attempt.
    func open(for attempt: Int) {
        current.store(attempt, ordering: .releasing)
    }

    func isOpen(for attempt: Int) -> Bool {
        current.load(ordering: .acquiring) == attempt
    }

    /// Keeps something of an attempt. Returns `false` when that attempt has ended already.
    func add(for attempt: Int, _ change: @Sendable (inout Emissions) -> Void) -> Bool {
        emissions.withLock { emissions in
            hasEmissions.store(true, ordering: .sequentiallyConsistent)
            guard current.load(ordering: .sequentiallyConsistent) == attempt else { return false }
            change(&emissions)
            return true
        }
    }

    /// Ends the attempt: nothing of it is kept any more. Returns whether anything was, which is to be taken before the next begins.
    func close() -> Bool {
        // Either an emitting task sees that the attempt has ended, or this sees that there are emissions and waits for the lock:
        // each side writes its flag before it reads the other's, in one total order.
        current.store(-1, ordering: .sequentiallyConsistent)
        return hasEmissions.load(ordering: .sequentiallyConsistent)
    }

    /// Takes what was kept of the attempt that has ended.
    func take() -> Emissions {
        emissions.withLock { emissions in
            hasEmissions.store(false, ordering: .sequentiallyConsistent)
            defer { emissions = Emissions() }
            return emissions
        }
    }
}
