//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Which of a worker's tasks is meant: a worker that was replaced has a new generation, and the old one's results are ignored.
struct WorkerGeneration: Hashable, Sendable {
    let worker: Int
    let generation: Int
}

/// One of the bus's workers as the bus actor keeps it: the task that does the work, and the run it holds.
struct Worker {
    /// Why a worker was told to stop what it does.
    enum Interruption {
        case timeout
        case shutdown
    }

    /// How a worker's task ended, as its supervisor sees it.
    enum End: Sendable {
        /// The bus has closed, or abandoned it while closing.
        case closed
        /// It was cancelled or abandoned; another takes its place.
        case replaced
    }

    var generation = 0
    var task: Task<Void, Never>?
    var supervisor: CheckedContinuation<End, Never>?
    /// The end, if it came before the supervisor waited for it.
    var end: End?
    /// Where it waits for work.
    let parkingSpot = ParkingSpot()
    /// Whether it waits for work, or is about to.
    var isIdle = false
    /// Whether it was woken and has not come for work yet.
    var isWaking = false

    // The run it holds.
    var run: Run?
    var subscription: SubscriptionState?
    /// Whether it is expected back in a moment, its handlers being quick.
    var isQuickRun = false
    /// How many of the run's deliveries are settled.
    var settled = 0
    /// How many deliveries of the run are the worker's; the rest was taken back.
    var limit = 0
    /// When to see whether the run is held up by a slow handler.
    var progressCheck: MonotonicTime?
    /// When to see whether a handler runs too long.
    var timeoutCheck: MonotonicTime?
    var interruption: Interruption?
    /// When to give up on a handler that was told to stop.
    var abandonAt: MonotonicTime?

    mutating func forgetRun() {
        run = nil
        subscription = nil
        settled = 0
        limit = 0
        progressCheck = nil
        timeoutCheck = nil
        abandonAt = nil
    }
}
