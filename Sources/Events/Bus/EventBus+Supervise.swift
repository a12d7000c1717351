//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Keeps one worker at work until the bus closes: starts its task, and another when that one was cancelled or abandoned.
    ///
    /// The worker's task is the one task of the bus that is not a child of `run()`. A task group could neither cancel a single
    /// handler nor end while one ignores its cancellation.
    nonisolated func supervise(_ index: Int) async {
        while let worker = await beginWorker(index) {
            let task = environment.spawn("events worker \(index)") { await self.work(as: worker) }
            if await end(of: worker, task: task) == .closed { return }
        }
    }

    private func beginWorker(_ index: Int) -> WorkerGeneration? {
        guard lifecycle.phase != .closed else { return nil }
        workers[index].end = nil
        workers[index].interruption = nil
        // While what runs is being cancelled, a new worker would have nothing to do but to end.
        guard lifecycle.phase != .cancelling else { return nil }
        return WorkerGeneration(worker: index, generation: workers[index].generation)
    }

    /// Waits until the worker's task has ended or was given up.
    private func end(of worker: WorkerGeneration, task: Task<Void, Never>) async -> Worker.End {
        let index = worker.worker
        if workers[index].generation != worker.generation { return .replaced }
        if let end = workers[index].end { return end }
        workers[index].task = task
        // The handler may have overrun its time, or the bus begun to shut down, before the task was known here.
        if workers[index].interruption != nil { task.cancel() }
        return await withCheckedContinuation { workers[index].supervisor = $0 }
    }

    /// The worker's task is about to return.
    func workerEnded(_ worker: WorkerGeneration) {
        guard workers[worker.worker].generation == worker.generation else { return }
        let isLast = lifecycle.phase == .closed || lifecycle.phase == .cancelling
        end(worker.worker, isLast ? .closed : .replaced)
    }

    private func end(_ index: Int, _ end: Worker.End) {
        workers[index].task = nil
        workers[index].end = end
        workers[index].supervisor.take()?.resume(returning: end)
    }

    // MARK: Interrupting

    /// Tells what a worker runs to stop: takes back the rest of its run, cancels its task and starts the clock on its patience.
    func interrupt(_ index: Int, _ interruption: Worker.Interruption, now: MonotonicTime) {
        guard workers[index].run != nil else { return }
        endQuickRun(of: index)
        takeBackRest(of: index)
        workers[index].progressCheck = nil
        workers[index].timeoutCheck = nil
        // Nothing of the run had begun, and now nothing will: the worker comes back by itself.
        guard workers[index].limit > 0 else { return }
        // The first reason stands: an attempt that overran its time has failed, also when a shutdown comes before it returns.
        if workers[index].interruption == nil { workers[index].interruption = interruption }
        if workers[index].abandonAt == nil { workers[index].abandonAt = now.advanced(by: configuration.grace) }
        workers[index].task?.cancel()
    }

    /// Gives up on a handler that ignores its cancellation: its late result will be ignored, and its worker is replaced.
    func abandon(_ index: Int, now: MonotonicTime) {
        guard let run = workers[index].run, let subscription = workers[index].subscription else { return }
        takeBackRest(of: index)
        let current = workers[index].limit - 1
        guard current >= 0 else { return }
        let delivery = run.deliveries[current]
        let worker = WorkerGeneration(worker: index, generation: workers[index].generation)
        abandoned[worker] = ShutdownReport.Abandoned(
            subscription: subscription.name, name: delivery.record.name, eventID: delivery.record.origin.id)
        observe(.abandoned, delivery, subscription, attempt: delivery.nextAttempt)
        let startedAt = run.lastStart
        if workers[index].interruption == .timeout, let limit = subscription.shared.options.timeout {
            fail(
                delivery, HandlerTimeout(limit: limit, ignoredCancellation: true), startedAt: startedAt,
                duration: startedAt.duration(to: now), of: subscription)
        } else {
            release(delivery, of: subscription, attempt: delivery.nextAttempt)
        }
        workers[index].settled = workers[index].limit
        afterSettling(subscription)
        leaveRun(of: index, subscription)
        workers[index].generation += 1
        let isLast = lifecycle.phase == .closed || lifecycle.phase == .cancelling
        end(index, isLast ? .closed : .replaced)
    }

    // MARK: Time

    /// Waits for the bus's one alarm and acts on what is due, until the bus closes.
    nonisolated func keepTime() async {
        while await alarm.ring() { await timePassed() }
    }

    /// Sets the alarm to the earliest thing that is due. It only moves forward here: what was due earlier and is no more costs one
    /// ring that finds nothing.
    func setAlarm() {
        guard let next = nextDeadline, next < alarmTime ?? .distantFuture else { return }
        alarmTime = next
        alarm.set(next)
    }

    /// Sets the alarm to the earliest thing that is due, or to nothing.
    private func resetAlarm() {
        alarmTime = nextDeadline
        alarm.set(alarmTime)
    }

    /// Disarms an alarm that an idle bus does not need: a handler's timeout, say, that returned long before it.
    func disarmIfIdle() {
        guard idleWorkers.count == workers.count, let alarmTime, nextDeadline != alarmTime else { return }
        // One that rings in a moment is left to ring: setting it for every pause of a busy bus would cost more.
        guard environment.gatheringYields == 0 || environment.now().advanced(by: Self.progressInterval * 2) < alarmTime else {
            return
        }
        resetAlarm()
    }

    private var nextDeadline: MonotonicTime? {
        var next = retries.earliest
        func include(_ time: MonotonicTime?) {
            if let time, time < next ?? .distantFuture { next = time }
        }
        include(lifecycle.deadline)
        if journal != nil { includeDurable(include) }
        for index in workers.indices {
            include(workers[index].progressCheck)
            include(workers[index].timeoutCheck)
            include(workers[index].abandonAt)
        }
        return next
    }

    /// What a bus with a log waits for besides. While something is already being done about it, nothing is waited for.
    private func includeDurable(_ include: (MonotonicTime?) -> Void) {
        guard lifecycle.phase == .running else { return }
        if !durable.isReleasing { include(durable.nextLook) }
        if durable.prunings.isEmpty { include(durable.nextPruning) }
        guard !durable.isRecovering else { return }
        for subscription in subscriptionsInOrder {
            guard let own = subscription.durable, !subscription.isCancelled, !own.isLoadingRetries, room(of: subscription) > 0
            else { continue }
            include(own.nextRetry)
        }
    }

    private func timePassed() {
        let now = environment.now()
        while let retry = retries.popDue(at: now) {
            retry.subscription.statistics.retrying -= 1
            retry.subscription.queue.resume(retry.delivery)
            getInLine(retry.subscription)
        }
        for index in workers.indices { check(index, now: now) }
        if journal != nil {
            releaseScheduled(now: now)
            prune(now: now)
            for subscription in subscriptionsInOrder { feed(subscription) }
        }
        perform(lifecycle.timePassed(now: now))
        checkDrained()
        wakeWorker()
        // Whatever was set on the way here may be set again: what counts is the earliest deadline there is now.
        if lifecycle.phase != .closed { resetAlarm() }
    }

    /// Looks after a worker whose handler is slow, runs too long, or ignores its cancellation.
    private func check(_ index: Int, now: MonotonicTime) {
        guard let run = workers[index].run else { return }
        if let abandonAt = workers[index].abandonAt, abandonAt <= now {
            abandon(index, now: now)
            return
        }
        if let timeoutCheck = workers[index].timeoutCheck, timeoutCheck <= now, workers[index].interruption == nil,
            let subscription = workers[index].subscription, let limit = subscription.shared.options.timeout
        {
            // Close first: then no other delivery can begin, and the start that is read is that of the one running.
            takeBackRest(of: index)
            let overrunAt = run.lastStart.advanced(by: limit)
            if workers[index].limit == 0 {
                workers[index].timeoutCheck = nil
            } else if overrunAt <= now {
                subscription.statistics.timedOut += 1
                let delivery = run.deliveries[workers[index].limit - 1]
                observe(.timedOut, delivery, subscription, attempt: delivery.nextAttempt)
                interrupt(index, .timeout, now: now)
            } else {
                workers[index].timeoutCheck = overrunAt
            }
        }
        if let progressCheck = workers[index].progressCheck, progressCheck <= now {
            workers[index].progressCheck = nil
            takeBackRest(of: index)
            endQuickRun(of: index)
        }
    }
}
