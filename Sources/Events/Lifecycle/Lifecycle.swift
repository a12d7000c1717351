//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The phases of a bus, from before `run()` to closed. A pure state machine: inputs are methods, outputs are returned actions.
///
/// | phase | run | shutdown asked | cancelled | drained | deadline | grace over |
/// |---|---|---|---|---|---|---|
/// | idle | running | (remembered) | – | – | – | – |
/// | idle, shutdown asked | draining | – | – | – | – | – |
/// | running | error | draining | cancelling | – | – | – |
/// | draining | error | – | cancelling | closed | cancelling | – |
/// | cancelling | error | – | – | closed | – | abandon, closed |
/// | closed | error | – | – | – | – | – |
struct Lifecycle {
    enum Phase: Sendable, Equatable {
        /// `run()` has not been called; publishing works as far as the queues have room.
        case idle
        case running
        /// Nothing new is taken from outside; what is there is worked off until the deadline.
        case draining
        /// What still runs was cancelled and has until the end of the grace to return.
        case cancelling
        case closed
    }

    enum Action: Sendable, Equatable {
        case none
        /// Turn away the publishers that wait, and set the deadline.
        case beginDraining(deadline: MonotonicTime)
        /// Cancel what runs, and set the end of the grace.
        case cancelRunning(graceEnds: MonotonicTime)
        /// Leave what still runs behind, and close.
        case abandonAndClose
        case close
    }

    private(set) var phase = Phase.idle
    /// When the phase ends by itself; only in `draining` and `cancelling`.
    private(set) var deadline: MonotonicTime?
    private var isShutdownRequested = false

    let drainLimit: Duration
    let grace: Duration

    init(drainLimit: Duration, grace: Duration) {
        self.drainLimit = drainLimit
        self.grace = grace
    }

    var isOpenToPublishers: Bool { !isShutdownRequested && (phase == .idle || phase == .running) }

    mutating func run(now: MonotonicTime) throws(EventBusError) -> Action {
        switch phase {
        case .idle:
            phase = .running
            return isShutdownRequested ? beginDraining(now: now) : .none
        case .running, .draining, .cancelling:
            throw EventBusError(.alreadyRunning, "run() was called a second time; a bus runs once.")
        case .closed:
            throw EventBusError(.closed, "run() was called on a bus that is closed; make a new one.")
        }
    }

    mutating func shutdownRequested(now: MonotonicTime) -> Action {
        isShutdownRequested = true
        return phase == .running ? beginDraining(now: now) : .none
    }

    mutating func runCancelled(now: MonotonicTime) -> Action {
        isShutdownRequested = true
        return phase == .running || phase == .draining ? beginCancelling(now: now) : .none
    }

    /// Time has come to a deadline, perhaps.
    mutating func timePassed(now: MonotonicTime) -> Action {
        guard let deadline, deadline <= now else { return .none }
        switch phase {
        case .draining: return beginCancelling(now: now)
        case .cancelling:
            close()
            return .abandonAndClose
        case .idle, .running, .closed: return .none
        }
    }

    /// Nothing is left to do: in `draining` no unfinished delivery, in `cancelling` no running handler.
    mutating func drained() -> Action {
        guard phase == .draining || phase == .cancelling else { return .none }
        close()
        return .close
    }

    private mutating func beginDraining(now: MonotonicTime) -> Action {
        phase = .draining
        let deadline = now.advanced(by: drainLimit)
        self.deadline = deadline
        return .beginDraining(deadline: deadline)
    }

    private mutating func beginCancelling(now: MonotonicTime) -> Action {
        phase = .cancelling
        let graceEnds = now.advanced(by: grace)
        deadline = graceEnds
        return .cancelRunning(graceEnds: graceEnds)
    }

    private mutating func close() {
        phase = .closed
        deadline = nil
    }
}
