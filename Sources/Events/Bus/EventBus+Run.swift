//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Runs the bus until it is told to shut down: the shape of a service. A bus runs once.
    ///
    /// After ``beginShutdown()`` the bus takes nothing new from outside and works off what it has, for at most
    /// ``EventBusConfiguration/shutdownDeadline``. A bus with a log finishes what runs and leaves the rest to the log. Then it cancels what still runs, which counts against nobody, and after
    /// ``EventBusConfiguration/grace`` leaves behind what ignores that. Cancelling the task that calls `run()` has the same effect
    /// without the first phase.
    ///
    /// - Returns: What was completed, released and abandoned, and the dead letters and parked deliveries left, when the bus is
    ///   closed.
    /// - Throws: ``EventBusError`` when the bus runs already or is closed; ``LogFailure`` when the log failed, after which nothing was
    ///   acknowledged any more: open a new bus on it. It does not throw for cancellation.
    @discardableResult
    public nonisolated func run() async throws -> ShutdownReport {
        try await start()
        return try await runStarted()
    }

    /// The rest of `run()`, for those who must know that the bus runs before it is run.
    nonisolated func runStarted() async throws -> ShutdownReport {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.followShutdownRequests() }
                group.addTask { await self.keepTime() }
                if let journal {
                    group.addTask { await self.followLog(journal) }
                    group.addTask { await self.readAhead(journal) }
                    group.addTask { await journal.log.serve(BusControl(self)) }
                }
                for index in 0..<self.configuration.workers {
                    group.addTask { await self.supervise(index) }
                }
            }
        } onCancel: {
            shutdown.request(.immediate)
        }
        await journal?.log.close()
        return try await finalReport()
    }

    /// Tells the bus to shut down. It returns at once and may be called from anywhere, more than once, and before ``run()``, which
    /// then works off what was published and returns.
    public nonisolated func beginShutdown() {
        shutdown.request(.graceful)
    }

    /// The first part of `run()`: from here on publishers may wait for room.
    func start() throws {
        // Asked for before, it comes before anything is begun.
        if shutdown.isRequested { _ = lifecycle.shutdownRequested(now: environment.now()) }
        perform(try lifecycle.run(now: environment.now()))
        journal?.gate.open()
        recover()
        for subscription in subscriptionsInOrder { feed(subscription) }
        setAlarm()
    }

    private func finalReport() throws -> ShutdownReport {
        if let failure = durable.failure { throw failure }
        return report
    }

    private nonisolated func followShutdownRequests() async {
        var known = ShutdownSignal.Request.none
        while let request = await shutdown.next(beyond: known) {
            known = request
            await shutdownRequested(request)
        }
    }

    private func shutdownRequested(_ request: ShutdownSignal.Request) {
        let now = environment.now()
        perform(request == .immediate ? lifecycle.runCancelled(now: now) : lifecycle.shutdownRequested(now: now))
        checkDrained()
    }

    func perform(_ action: Lifecycle.Action) {
        switch action {
        case .none: break
        case .beginDraining:
            rejectWaitingPublishers(sparingCommands: true)
            // Those that are spared may have stood behind one that was not.
            for subscription in subscriptionsInOrder { admitWaitingPublishers(to: subscription) }
            // The log keeps what has not begun.
            if journal != nil {
                for index in workers.indices { takeBackRest(of: index) }
            }
            setAlarm()
        case .cancelRunning:
            rejectWaitingPublishers(sparingCommands: false)
            let now = environment.now()
            for index in workers.indices { interrupt(index, .shutdown, now: now) }
            wakeAllWorkers()
            setAlarm()
        case .abandonAndClose:
            for index in workers.indices { abandon(index, now: environment.now()) }
            close()
        case .close: close()
        }
    }

    /// Closes the bus when a shutdown has nothing left to wait for.
    func checkDrained() {
        checkIdle()
        switch lifecycle.phase {
        case .idle, .running, .closed: return
        case .draining:
            guard runningCommands.isEmpty, isWorkedOff else { return }
        case .cancelling:
            guard runningCommands.isEmpty, workers.allSatisfy({ $0.run == nil }), !durable.isSettling else { return }
        }
        perform(lifecycle.drained())
    }

    /// Whether nothing is left to do for a shutdown: for a bus in memory everything, for one with a log what runs.
    private var isWorkedOff: Bool {
        if journal == nil { return subscriptions.values.allSatisfy { $0.queue.unfinished == 0 } }
        return workers.allSatisfy { $0.run == nil } && !durable.isSettling
    }

    private func close() {
        rejectWaitingPublishers(sparingCommands: false)
        // A handler that was cancelled for its timeout may still be running in the phase that drains; it is left behind as well.
        for index in workers.indices { abandon(index, now: environment.now()) }
        // What a log has is not lost, and so not released.
        for subscription in subscriptionsInOrder where journal == nil {
            while subscription.queue.readyCount > 0 {
                for delivery in subscription.queue.takeRun(limit: Self.longestRun) {
                    release(delivery, of: subscription, attempt: nil)
                }
            }
            for delivery in subscription.queue.waitingDeliveries() { release(delivery, of: subscription, attempt: nil) }
        }
        for retry in retries.removeAll() {
            retry.subscription.statistics.retrying -= 1
            guard journal == nil else { continue }
            release(retry.delivery, of: retry.subscription, attempt: nil)
        }
        for subscription in subscriptions.values { subscription.queue.forgetUnfinished() }
        report.completed = subscriptions.values.reduce(0) { $0 + $1.statistics.completed } + completedByRemoved
        report.abandoned =
            abandoned.values.map { $0 }
            + runningCommands.values.map { ShutdownReport.Abandoned(subscription: nil, name: $0, eventID: nil) }
        report.deadLetters = deadLetterStore.count + subscriptions.values.reduce(0) { $0 + ($1.durable?.deadLetters ?? 0) }
        report.parked = subscriptions.values.reduce(0) { $0 + parkedCount(of: $1) }
        report.abandoned.sort { $0.description < $1.description }
        alarm.stop()
        shutdown.close()
        taps.finish()
        allTaps.finish()
        letterTaps.finish()
        failOutcomeWaiters()
        closeJournal()
        checkIdle()
        wakeAllWorkers()
    }
}

/// Runs a bus for the duration of `body`: runs it, calls `body`, lets it drain, closes it.
///
/// When `body` throws, or the task is cancelled, what still runs on the bus is cancelled instead of drained, as ``EventBus/run()``
/// describes.
///
/// - Parameters:
///   - configuration: How the bus works.
///   - handlers: Registers the handlers.
///   - body: What to do with the running bus.
/// - Returns: What `body` returned, after the bus has closed.
/// - Throws: What the bus's initialiser, `body` or ``EventBus/run()`` throws.
@discardableResult
public func withEventBus<Result: Sendable>(
    configuration: EventBusConfiguration = EventBusConfiguration(),
    handlers: @Sendable (inout HandlerRegistry) throws -> Void = { _ in },
    _ body: @escaping @Sendable (EventBus) async throws -> Result
) async throws -> Result {
    try await with(EventBus(configuration: configuration, handlers: handlers), body)
}

private func with<Result: Sendable>(
    _ bus: EventBus, _ body: @escaping @Sendable (EventBus) async throws -> Result
) async throws -> Result {
    try await bus.start()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await bus.runStarted() }
        do {
            let result = try await body(bus)
            bus.beginShutdown()
            try await group.waitForAll()
            return result
        } catch {
            // The group waits for the bus to close before it throws on.
            group.cancelAll()
            throw error
        }
    }
}

/// Runs a bus with a log for the duration of `body`: opens it, runs it, calls `body`, lets what runs finish, closes it.
///
/// What is not handled by then stays in the log and is handled when a bus is opened on it again. To wait for something in particular,
/// ask for its outcome in `body`.
///
/// - Parameters:
///   - log: The log, which the bus closes.
///   - configuration: How the bus works.
///   - handlers: Registers the handlers.
///   - body: What to do with the running bus.
/// - Returns: What `body` returned, after the bus has closed.
/// - Throws: What the bus's initialiser, `body` or ``EventBus/run()`` throws.
@discardableResult
public func withEventBus<Result: Sendable>(
    log: some EventLog, configuration: EventBusConfiguration = EventBusConfiguration(),
    handlers: @Sendable (inout HandlerRegistry) throws -> Void = { _ in },
    _ body: @escaping @Sendable (EventBus) async throws -> Result
) async throws -> Result {
    try await with(EventBus(log: log, configuration: configuration, handlers: handlers), body)
}
