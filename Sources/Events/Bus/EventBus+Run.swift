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
    /// ``EventBusConfiguration/shutdownDeadline``; then it cancels what still runs, which counts against nobody, and after
    /// ``EventBusConfiguration/grace`` leaves behind what ignores that. Cancelling the task that calls `run()` has the same effect
    /// without the first phase.
    ///
    /// - Returns: What was completed, released and abandoned, and the dead letters and parked deliveries left, when the bus is
    ///   closed.
    /// - Throws: ``EventBusError`` when the bus runs already or is closed. It does not throw for cancellation.
    @discardableResult
    public nonisolated func run() async throws -> ShutdownReport {
        try await start()
        return await runStarted()
    }

    /// The rest of `run()`, for those who must know that the bus runs before it is run.
    nonisolated func runStarted() async -> ShutdownReport {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.followShutdownRequests() }
                group.addTask { await self.keepTime() }
                for index in 0..<self.configuration.workers {
                    group.addTask { await self.supervise(index) }
                }
            }
        } onCancel: {
            shutdown.request(.immediate)
        }
        return await finalReport()
    }

    /// Tells the bus to shut down. It returns at once and may be called from anywhere, more than once, and before ``run()``, which
    /// then works off what was published and returns.
    public nonisolated func beginShutdown() {
        shutdown.request(.graceful)
    }

    /// The first part of `run()`: from here on publishers may wait for room.
    func start() throws {
        perform(try lifecycle.run(now: environment.now()))
    }

    private func finalReport() -> ShutdownReport {
        report
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
            guard runningCommands.isEmpty, subscriptions.values.allSatisfy({ $0.queue.unfinished == 0 }) else { return }
        case .cancelling:
            guard runningCommands.isEmpty, workers.allSatisfy({ $0.run == nil }) else { return }
        }
        perform(lifecycle.drained())
    }

    private func close() {
        rejectWaitingPublishers(sparingCommands: false)
        // A handler that was cancelled for its timeout may still be running in the phase that drains; it is left behind as well.
        for index in workers.indices { abandon(index, now: environment.now()) }
        for subscription in subscriptionsInOrder {
            while subscription.queue.readyCount > 0 {
                for delivery in subscription.queue.takeRun(limit: Self.longestRun) {
                    release(delivery, of: subscription, attempt: nil)
                }
            }
            for delivery in subscription.queue.waitingDeliveries() { release(delivery, of: subscription, attempt: nil) }
        }
        for retry in retries.removeAll() {
            retry.subscription.statistics.retrying -= 1
            release(retry.delivery, of: retry.subscription, attempt: nil)
        }
        for subscription in subscriptions.values { subscription.queue.forgetUnfinished() }
        report.completed = subscriptions.values.reduce(0) { $0 + $1.statistics.completed } + completedByRemoved
        report.abandoned =
            abandoned.values.map { $0 }
            + runningCommands.values.map { ShutdownReport.Abandoned(subscription: nil, name: $0, eventID: nil) }
        report.deadLetters = deadLetterStore.count
        report.parked = subscriptions.values.reduce(0) { $0 + $1.queue.parked }
        report.abandoned.sort { $0.description < $1.description }
        alarm.stop()
        shutdown.close()
        taps.finish()
        allTaps.finish()
        letterTaps.finish()
        failOutcomeWaiters()
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
    let bus = try EventBus(configuration: configuration, handlers: handlers)
    try await bus.start()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = await bus.runStarted() }
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
