//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What a running bus lets its log do on behalf of people: ``EventLog/serve(_:)`` gets one.
///
/// A log that others can look into, as the SQLite log is by the `eventbus` command, takes their requests to the bus by this. The bus
/// goes on deciding: what is asked for here is done as if the service's own code had asked.
public struct BusControl: Sendable {
    private let bus: EventBus

    init(_ bus: EventBus) {
        self.bus = bus
    }

    /// Waits until the bus is closed. One task may wait.
    ///
    /// It ends with the bus and not with the task's cancellation.
    package func untilClosed() async {
        await bus.journal?.closing.park()
    }

    /// The time of day.
    package var time: Date { bus.environment.wallClock() }

    /// Sends dead letters back, those that the bus has a handler for. Throws ``EventBusError`` when it takes nothing new.
    package func redrive(_ letters: LogLetterSelection, audit: LogAudit) async throws -> [RedrivenDelivery] {
        try await bus.redriveLetters(letters, audit: audit)
    }

    /// Gives dead letters up.
    package func discard(_ letters: LogLetterSelection, reason: String, audit: LogAudit) async throws -> [DiscardedLetter] {
        guard let journal = bus.journal else { return [] }
        return try await bus.discard(letters, reason: reason, audit: audit, in: journal)
    }

    /// Why an event cannot be read by the code that runs now; `nil` when it can, or when that code does not know its type at all.
    package func problem(of event: StoredEvent) -> String? {
        guard let journal = bus.journal else { return nil }
        let record = journal.coding.record(of: event, bus: bus.identity)
        guard let problem = (record as? StoredEventRecord)?.problem, problem.errorType != "UnknownEvent" else { return nil }
        return problem.errorText
    }

    /// What the bus has in memory now.
    package func status() async -> BusStatus {
        await bus.controlStatus()
    }
}

/// What a bus with a log has in memory at one moment: what its log alone cannot tell.
package struct BusStatus: Codable, Sendable, Hashable {
    /// A subscription that the bus serves.
    package struct Subscription: Codable, Sendable, Hashable {
        package var name: String
        /// Up to where it has taken its events from the log.
        package var readThrough: Int64
        /// Whether it has taken all there is.
        package var isLive: Bool
        /// Workers that run its handlers.
        package var workers: Int
        /// The most that may.
        package var workerLimit: Int
        /// Deliveries that wait for a worker.
        package var ready: Int
        /// Deliveries in memory that are not finished.
        package var unfinished: Int
        /// Deliveries completed since the bus was made.
        package var completed: Int
        /// Attempts failed since then.
        package var failedAttempts: Int
        /// Whether it is a replay.
        package var isReplay: Bool

        package init(
            name: String, readThrough: Int64, isLive: Bool, workers: Int, workerLimit: Int, ready: Int, unfinished: Int,
            completed: Int, failedAttempts: Int, isReplay: Bool
        ) {
            self.name = name
            self.readThrough = readThrough
            self.isLive = isLive
            self.workers = workers
            self.workerLimit = workerLimit
            self.ready = ready
            self.unfinished = unfinished
            self.completed = completed
            self.failedAttempts = failedAttempts
            self.isReplay = isReplay
        }
    }

    package var processID: Int32
    /// `running`, or what of a shutdown it is in.
    package var phase: String
    package var workers: Int
    package var idleWorkers: Int
    /// Deliveries that ran when the process ended before, and that the others wait for.
    package var suspects: Int
    package var subscriptions: [Subscription]

    package init(
        processID: Int32, phase: String, workers: Int, idleWorkers: Int, suspects: Int, subscriptions: [Subscription]
    ) {
        self.processID = processID
        self.phase = phase
        self.workers = workers
        self.idleWorkers = idleWorkers
        self.suspects = suspects
        self.subscriptions = subscriptions
    }
}

extension EventBus {
    func redriveLetters(_ letters: LogLetterSelection, audit: LogAudit) async throws -> [RedrivenDelivery] {
        guard let journal else { return [] }
        try refuseRedriveIfShuttingDown()
        return try await redrive(letters, audit: audit, in: journal)
    }

    func controlStatus() -> BusStatus {
        BusStatus(
            processID: ProcessInfo.processInfo.processIdentifier, phase: "\(lifecycle.phase)", workers: workers.count,
            idleWorkers: workers.count { $0.isIdle },
            suspects: durable.suspects.count + durable.awaitedSuspects + (durable.isSuspectOut ? 1 : 0),
            subscriptions: subscriptionsInOrder.compactMap { subscription in
                guard let own = subscription.durable else { return nil }
                return BusStatus.Subscription(
                    name: subscription.name, readThrough: own.isLive ? lastOffset : own.readThrough.rawValue, isLive: own.isLive,
                    workers: subscription.workers, workerLimit: subscription.workerLimit, ready: subscription.queue.readyCount,
                    unfinished: subscription.queue.unfinished, completed: subscription.statistics.completed,
                    failedAttempts: subscription.statistics.failedAttempts, isReplay: subscription.replay != nil)
            })
    }
}
