//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// One event on its way to one subscription.
///
/// It is copied at every step, so it holds two references: the event, and a past that only deliveries in trouble have.
struct Delivery: Sendable {
    let record: EventRecord
    /// Which of the subscription's handlers takes this event's type.
    let handler: Int
    /// What happened so far; `nil` before the first attempt that did not complete.
    private(set) var past: DeliveryPast?

    init(record: EventRecord, handler: Int) {
        self.record = record
        self.handler = handler
    }

    init(record: EventRecord, handler: Int, past: DeliveryPast?) {
        self.record = record
        self.handler = handler
        self.past = past
    }

    var offset: Offset { record.offset }
    /// Failed attempts since the delivery began or was last redriven; the attempt limit applies to these.
    var failedAttempts: Int { past?.failedAttempts ?? 0 }
    /// Attempts since then during which the process ended. In memory there are none.
    var crashes: Int { past?.crashes ?? 0 }
    /// How often a dead letter of this delivery was sent back.
    var redrives: Int { past?.redrives ?? 0 }
    /// What the attempts so far came to, oldest first.
    var attempts: [Attempt] { past?.attempts ?? [] }
    /// Attempts that ``attempts`` no longer lists.
    var omittedAttempts: Int { past?.omittedAttempts ?? 0 }
    /// The number of the attempt that comes next, counted from 1 over the delivery's whole life.
    var nextAttempt: Int { past.map { $0.attempts.count + $0.omittedAttempts + 1 } ?? 1 }
    /// The depth from which emitted events count on; redriving a delivery that was stopped for its depth starts anew.
    var depth: Int { past?.isDepthReset == true ? 0 : record.origin.depth }

    /// The delivery after one more attempt that did not complete.
    func noting(_ attempt: Attempt) -> Delivery {
        Delivery(record: record, handler: handler, past: (past ?? DeliveryPast()).noting(attempt))
    }

    /// The delivery as a redrive sends it back: all attempts anew, the history kept.
    func redriven(to handler: Int, resettingDepth: Bool) -> Delivery {
        Delivery(record: record, handler: handler, past: (past ?? DeliveryPast()).redriven(resettingDepth: resettingDepth))
    }
}

extension Delivery {
    /// The delivery as a log knows it. The log has its attempts; here they are only counted.
    init(record: EventRecord, handler: Int, counts: LogCounts) {
        self.init(
            record: record, handler: handler,
            past: counts == LogCounts()
                ? nil
                : DeliveryPast(
                    failedAttempts: counts.failedAttempts, redrives: counts.redrives, omittedAttempts: counts.attempts,
                    isDepthReset: counts.isDepthReset, crashes: counts.crashes))
    }

    /// What a log is to remember of the attempts so far.
    var counts: LogCounts {
        guard let past else { return LogCounts() }
        return LogCounts(
            attempts: past.attempts.count + past.omittedAttempts, failedAttempts: past.failedAttempts, crashes: past.crashes,
            redrives: past.redrives, isDepthReset: past.isDepthReset)
    }
}

/// What happened to a delivery before the attempt that comes next. Immutable, so that copies of a delivery may share it.
final class DeliveryPast: Sendable {
    let failedAttempts: Int
    let redrives: Int
    let attempts: [Attempt]
    let omittedAttempts: Int
    let isDepthReset: Bool
    let crashes: Int

    /// The most attempts a history lists. Attempts that cost nothing against the limit (`retry(after:)`) have no natural end.
    static let longestHistory = 256

    init(
        failedAttempts: Int = 0, redrives: Int = 0, attempts: [Attempt] = [], omittedAttempts: Int = 0,
        isDepthReset: Bool = false,
        crashes: Int = 0
    ) {
        self.failedAttempts = failedAttempts
        self.redrives = redrives
        self.attempts = attempts
        self.omittedAttempts = omittedAttempts
        self.isDepthReset = isDepthReset
        self.crashes = crashes
    }

    /// When the history is full, the oldest attempt but the first makes room, because the first says how it began.
    func noting(_ attempt: Attempt) -> DeliveryPast {
        var attempts = attempts
        let isFull = attempts.count == Self.longestHistory
        if isFull { attempts.remove(at: 1) }
        attempts.append(attempt)
        return DeliveryPast(
            failedAttempts: failedAttempts + (attempt.isCounted ? 1 : 0), redrives: redrives, attempts: attempts,
            omittedAttempts: omittedAttempts + (isFull ? 1 : 0), isDepthReset: isDepthReset, crashes: crashes)
    }

    func redriven(resettingDepth: Bool) -> DeliveryPast {
        DeliveryPast(
            redrives: redrives + 1, attempts: attempts, omittedAttempts: omittedAttempts,
            isDepthReset: isDepthReset || resettingDepth)
    }
}
