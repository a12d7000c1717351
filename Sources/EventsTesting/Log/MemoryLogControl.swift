//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// What a log in memory has beside its content: what is handed in, who commits, what fails, and what runs.
struct MemoryLogControl: Sendable {
    enum Phase: Sendable {
        case closed
        case open
        /// Finishing what was handed in, and taking no more.
        case closing
        case poisoned(LogFailure)
        case crashed
    }

    /// What one commit is to do with its changes: carry them out, report a failure, or both when their fate is unknown.
    struct Batch: Sendable {
        var changes: [LogChange]
        var isStored = true
        var failure: LogFailure?
    }

    enum Answer: Sendable {
        case taken(isFirst: Bool)
        case refused(LogFailure)
    }

    /// The values that commit actions stored, as committed last: to be read while an action has the log to itself.
    var values: [String: String]
    private(set) var phase = Phase.closed
    private var pending: [LogChange] = []
    /// Settlements that could not be committed, which come before everything that came after them.
    private var held: [LogChange] = []
    private var holdingFailure = closed
    private var isCommitting = false
    private var fault: (kind: MemoryEventLog.Fault, commits: Int)?
    private var idle: [CheckedContinuation<Void, Never>] = []
    private var epoch: Int64 = 0
    private var slots = 0
    private var flight: [Int: FlightNote]

    init(notes: [FlightNote], values: [String: String]) {
        self.values = values
        flight = Dictionary(uniqueKeysWithValues: notes.enumerated().map { ($0, $1) })
    }

    // MARK: - Opening and closing

    mutating func checkOpening() throws(LogFailure) {
        switch phase {
        case .closed: if let fault = nextFault() { throw fault.failure }
        case .open, .closing, .poisoned:
            throw LogFailure(.owned, "Another bus has this log in memory open; close that first.")
        case .crashed: throw Self.crash
        }
    }

    mutating func open(epoch: Int64, slots: Int) {
        phase = .open
        self.epoch = epoch
        self.slots = slots
        flight = [:]
    }

    /// Returns whether there is something to close.
    mutating func close() -> Bool {
        switch phase {
        case .open: phase = .closing
        case .poisoned: break
        case .closed, .closing, .crashed: return false
        }
        return true
    }

    /// Whether nobody commits; otherwise the continuation is resumed when that is so.
    mutating func isIdle(orResume continuation: CheckedContinuation<Void, Never>) -> Bool {
        if isCommitting { idle.append(continuation) }
        return !isCommitting
    }

    /// Ends the closing; returns what could not be committed, and why.
    mutating func giveUp() -> (changes: [LogChange], failure: LogFailure) {
        let failure = held.isEmpty ? Self.closed : holdingFailure
        if case .crashed = phase {} else { phase = .closed }
        defer { (held, pending) = ([], []) }
        return (held + pending, failure)
    }

    // MARK: - Committing

    mutating func submit(_ change: LogChange) -> Answer {
        switch phase {
        case .open:
            pending.append(change)
            return .taken(isFirst: pending.count == 1)
        case .poisoned(let failure): return .refused(failure)
        case .closed, .closing: return .refused(Self.closed)
        case .crashed: return .refused(Self.crash)
        }
    }

    /// Returns whether the caller is the one to commit. What is held back is not tried again while nothing new came, except when
    /// asked for, and for the last time when the log closes.
    mutating func beginCommitting(retrying: Bool) -> Bool {
        guard !isCommitting else { return false }
        var isWorth = !pending.isEmpty || retrying && !held.isEmpty
        if case .closing = phase { isWorth = isWorth || !held.isEmpty }
        isCommitting = isWorth
        return isWorth
    }

    /// Returns whether there is more to commit; if not, the caller is no longer the one.
    mutating func continueCommitting() -> Bool {
        if !pending.isEmpty { return true }
        endCommitting()
        return false
    }

    mutating func endCommitting() {
        isCommitting = false
        for continuation in idle { continuation.resume() }
        idle = []
    }

    /// Takes everything pending for one commit, and decides how that ends.
    mutating func take() -> Batch {
        var batch = Batch(changes: held + pending)
        (held, pending) = ([], [])
        switch phase {
        case .open, .closing, .closed: break
        case .poisoned(let failure):
            batch.fail(failure)
            return batch
        case .crashed:
            batch.fail(Self.crash)
            return batch
        }
        guard let kind = nextFault() else { return batch }
        switch kind {
        case .full, .busy:
            // What handlers did is done, and running them again would not be better: their settlements wait.
            held = batch.changes.filter(\.isSettlement)
            batch.changes.removeAll(where: \.isSettlement)
            holdingFailure = kind.failure
            batch.fail(kind.failure)
        case .io(let isIndeterminate, let isStored):
            batch.fail(kind.failure)
            batch.isStored = isIndeterminate && isStored
            phase = .poisoned(
                LogFailure(.io, "Writing to the log in memory failed before, as the test asked; open it again."))
        }
        return batch
    }

    // MARK: - Failing

    /// Makes the next commits fail, or none with `nil`.
    mutating func failNext(_ kind: MemoryEventLog.Fault?, commits: Int) {
        fault = kind.flatMap { commits > 0 ? ($0, commits) : nil }
    }

    /// The fault of the commit that comes now.
    mutating func nextFault() -> MemoryEventLog.Fault? {
        guard let (kind, commits) = fault else { return nil }
        fault = commits > 1 ? (kind, commits == .max ? .max : commits - 1) : nil
        return kind
    }

    /// Ends it all; returns what was running and what was never committed.
    mutating func crash() -> (notes: [FlightNote], lost: [LogChange]) {
        defer { (held, pending, flight) = ([], [], [:]) }
        phase = .crashed
        return (notes, held + pending)
    }

    // MARK: - Asking

    /// What was noted as running, by slot.
    var notes: [FlightNote] {
        flight.sorted { $0.key < $1.key }.map(\.value)
    }

    var pendingCount: Int { pending.count + held.count }

    func checkReading() throws(LogFailure) {
        switch phase {
        case .open, .closing, .poisoned: break
        case .closed: throw Self.closed
        case .crashed: throw Self.crash
        }
    }

    mutating func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset) {
        guard (0..<slots).contains(slot), isAlive else { return }
        flight[slot] = FlightNote(
            epoch: epoch, suspect: LogOpened.Suspect(subscription: subscription, offset: offset))
    }

    mutating func noteEnd(slot: Int) {
        // A process that is gone notes nothing any more, though its tasks go on in the test.
        if isAlive { flight[slot] = nil }
    }

    private var isAlive: Bool {
        switch phase {
        case .open, .closing, .poisoned: true
        case .closed, .crashed: false
        }
    }

    private static let closed = LogFailure(.closed, "The log in memory is closed.")
    static let crash = LogFailure(
        .closed, "The process of this log in memory was ended by crash(); go on with the log that crash() returned.")
}

extension MemoryLogControl.Batch {
    fileprivate mutating func fail(_ failure: LogFailure) {
        isStored = false
        self.failure = failure
    }
}

extension LogChange {
    fileprivate var isSettlement: Bool {
        if case .settle = self { true } else { false }
    }
}
