//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

extension EventBus {
    /// How long a worker may hold finished deliveries unsettled, and unstarted ones to itself, before the bus looks after it.
    static let progressInterval: Duration = .milliseconds(2)
    /// How long a run of quick handlers should take, so that the trip to the bus and back is small beside it.
    static let worthwhileRun: Duration = .microseconds(100)
    /// The most deliveries a worker takes at once.
    static let longestRun = 1_024
    /// How much work must wait for each worker with quick handlers before another one is called to help.
    static let worthwhileHelp: Duration = .milliseconds(1)
    /// How long a worker lets events gather at most; within one turn of the pool, if those take longer.
    static let longestGathering: Duration = .microseconds(50)
    /// How many deliveries are worth a trip to the bus when handlers are quick.
    static let worthwhileGathering = 128

    // MARK: The worker's task

    /// What a worker's task does until it is told to end: take a run, handle it, come back for more.
    nonisolated func work(as worker: WorkerGeneration) async {
        var spent: Duration = .zero
        working: while true {
            switch await nextStep(of: worker, spent: spent) {
            case .run(let run): spent = await handle(run, slot: slot(of: worker))
            case .gather: await gather()
            case .park(let spot): await spot.park()
            case .end: break working
            }
        }
        await workerEnded(worker)
    }

    /// Handles the deliveries of a run, one after the other, until none is left to claim. Returns how long that took.
    private nonisolated func handle(_ run: Run, slot: Int) async -> Duration {
        let now = environment.now
        // Nothing of a bus in memory is noted, and looking for that anew for each event is felt there.
        let log = run.logKey == nil ? nil : journal?.log
        let observe = hooks.observe
        let begin = now()
        var start = begin
        run.noteStart(start)
        var next = run.claim()
        while let first = next {
            // The handler is looked up anew only where it changes: all workers would otherwise count references to it for every event.
            let handlerIndex = run.deliveries[first].handler
            let handler = run.handlers.handlers[handlerIndex].intercepted(by: hooks.intercept)
            var index = first
            while true {
                run.emissions.open(for: index)
                let context = EventContext(run, index: index)
                if let observe {
                    observe(
                        Signal(.started, run.deliveries[index], subscription: run.handlers.name, attempt: context.attempt))
                }
                if let log, let key = run.logKey {
                    log.noteStart(slot: slot, subscription: key, offset: run.deliveries[index].offset)
                }
                do {
                    try await HandlerScope.$current.withValue(.delivery(run, index: index)) {
                        try await handler(run.deliveries[index].record, context)
                    }
                    let end = now()
                    let hasEmitted = run.emissions.close()
                    if hasEmitted || observe != nil {
                        let emissions = hasEmitted ? run.emissions.take() : Emissions()
                        run.record(
                            AttemptResult(end: .completed, emissions: emissions, startedAt: start, endedAt: end), for: index)
                    }
                    start = end
                } catch {
                    let end = now()
                    if run.emissions.close() { _ = run.emissions.take() }
                    run.record(
                        AttemptResult(
                            end: .failed(error, wasCancelled: Task.isCancelled), startedAt: start, endedAt: end), for: index)
                    start = end
                }
                log?.noteEnd(slot: slot)
                run.noteStart(start)
                next = run.claim()
                guard let following = next, run.deliveries[following].handler == handlerIndex else { break }
                index = following
            }
        }
        return begin.duration(to: start)
    }

    /// Where the log's flight notes have a place for a worker. A worker that replaces another has one of its own, because the other
    /// may still be running.
    private nonisolated func slot(of worker: WorkerGeneration) -> Int {
        worker.worker * Self.slotsPerWorker + worker.generation % Self.slotsPerWorker
    }

    /// Lets a few events gather before the worker asks for them. Quick handlers and a busy publisher would otherwise meet on the
    /// bus for every single event, and each meeting costs more than the event.
    private nonisolated func gather() async {
        var patience = environment.gatheringYields
        // Where others use the pool too, a single turn given up may take long; the time says so, and that was enough then.
        let end = environment.now().advanced(by: Self.longestGathering)
        while patience > 0, recentCommits.load(ordering: .relaxed) < Self.worthwhileGathering, environment.now() < end {
            patience -= 1
            await Task.yield()
        }
    }

    // MARK: Runs

    /// What a worker does next.
    enum Step: Sendable {
        case run(Run)
        /// Little is to be done, and more is likely to come at once: come back in a moment.
        case gather
        /// Nothing is to be done; the worker is counted as idle until it is woken.
        case park(ParkingSpot)
        case end
    }

    /// Settles the run a worker has finished and gives it the next.
    func nextStep(of worker: WorkerGeneration, spent: Duration) -> Step {
        guard workers[worker.worker].generation == worker.generation else {
            lateReturn(of: worker)
            return .end
        }
        let index = worker.worker
        if workers[index].isWaking {
            workers[index].isWaking = false
            isWaking = false
        }
        var shouldGather = false
        if let subscription = workers[index].subscription {
            subscription.pace.note(workers[index].limit, took: spent)
            shouldGather = workers[index].isQuickRun && !isWaking
            finishRun(of: index)
            checkDrained()
            shouldGather = shouldGather && !hasEnoughToDo(subscription)
        }
        if workers[index].interruption != nil || lifecycle.phase == .closed || lifecycle.phase == .cancelling { return .end }
        if shouldGather {
            isWaking = true
            workers[index].isWaking = true
            recentCommits.store(0, ordering: .relaxed)
            return .gather
        }
        if let run = takeRun(for: index) ?? reclaimRun(for: index) {
            wakeWorker()
            return .run(run)
        }
        workers[index].isIdle = true
        idleWorkers.append(index)
        disarmIfIdle()
        return .park(workers[index].parkingSpot)
    }

    /// Whether a worker should not wait for more: much is there already, others need it too, or nothing more comes before it acts.
    private func hasEnoughToDo(_ subscription: SubscriptionState) -> Bool {
        if let next = line.first, line.count > 1 || next !== subscription { return true }
        return subscription.queue.unfinished >= Self.worthwhileGathering || !subscription.waitingPublishers.isEmpty
    }

    /// Settles all that a worker did and forgets its run.
    private func finishRun(of index: Int) {
        guard let subscription = workers[index].subscription else { return }
        settle(index, upTo: workers[index].limit)
        leaveRun(of: index, subscription)
    }

    /// The worker holds no run any more.
    func leaveRun(of index: Int, _ subscription: SubscriptionState) {
        endQuickRun(of: index)
        workers[index].forgetRun()
        subscription.workers -= 1
        getInLine(subscription)
        removeIfDone(subscription)
    }

    /// The worker is not, or no longer, expected back in a moment.
    func endQuickRun(of index: Int) {
        guard workers[index].isQuickRun, let subscription = workers[index].subscription else { return }
        workers[index].isQuickRun = false
        subscription.quickWorkers -= 1
        getInLine(subscription)
    }

    /// Takes the next run from the subscription whose turn it is.
    private func takeRun(for index: Int) -> Run? {
        guard journal == nil || lifecycle.phase == .running else { return nil }
        if durable.isRecovering { return durable.isSuspectOut ? nil : takeSuspect(for: index) }
        while let subscription = line.popFirst() {
            subscription.isInLine = false
            guard subscription.canStart else { continue }
            let now = environment.now()
            var deliveries = subscription.queue.takeRun(limit: runLength(for: subscription))
            if journal != nil {
                deliveries = claimLanes(buryDoomed(deliveries, of: subscription), of: subscription)
                guard !deliveries.isEmpty else {
                    getInLine(subscription)
                    continue
                }
            }
            return hold(deliveries, of: subscription, by: index, now: now)
        }
        return nil
    }

    /// Gives a worker a run.
    private func hold(_ deliveries: [Delivery], of subscription: SubscriptionState, by index: Int, now: MonotonicTime) -> Run {
        subscription.workers += 1
        let isQuick = environment.gatheringYields > 0 && subscription.pace.isQuick
        let run = Run(bus: self, handlers: subscription.shared, deliveries: deliveries, logKey: subscription.durable?.key)
        workers[index].run = run
        workers[index].subscription = subscription
        workers[index].settled = 0
        workers[index].limit = deliveries.count
        if isQuick { subscription.quickWorkers += 1 }
        workers[index].isQuickRun = isQuick
        getInLine(subscription)
        if isQuick || deliveries.count > 1 { workers[index].progressCheck = now.advanced(by: Self.progressInterval) }
        if let timeout = subscription.shared.options.timeout { workers[index].timeoutCheck = now.advanced(by: timeout) }
        setAlarm()
        return run
    }

    /// Takes the next delivery that may have ended a process, when nothing else runs or is being settled.
    private func takeSuspect(for index: Int) -> Run? {
        guard durable.awaitedSuspects == 0, durable.pendingSettlements == 0, workers.allSatisfy({ $0.run == nil }) else {
            return nil
        }
        guard !durable.suspects.isEmpty else { return nil }
        let suspect = durable.suspects.removeFirst()
        durable.isSuspectOut = true
        let left = buryDoomed([suspect.delivery], of: suspect.subscription)
        // If it is buried, the next one comes when that is settled.
        return left.isEmpty ? nil : hold(left, of: suspect.subscription, by: index, now: environment.now())
    }

    /// Makes dead letters of the deliveries that no handler may see, now that it is their turn. Returns the others.
    private func buryDoomed(_ deliveries: [Delivery], of subscription: SubscriptionState) -> [Delivery] {
        var pending = PendingSettlement(subscription: subscription.id)
        var left: [Delivery] = []
        for delivery in deliveries {
            guard let doom = doom(of: delivery, subscription) else {
                left.append(delivery)
                continue
            }
            let parksKey = parks(doom.reason, delivery, of: subscription)
            pending.items.append(
                PendingSettlement.Item(delivery: delivery, end: .dead(doom.reason, doom.text, parksKey: parksKey)))
        }
        if !pending.isEmpty { handIn(pending, of: subscription) }
        return left
    }

    /// Why no handler may see a delivery; `nil` for nearly all.
    private func doom(of delivery: Delivery, _ subscription: SubscriptionState) -> (reason: DeadLetter.Reason, text: ErrorText?)?
    {
        if let problem = (delivery.record as? StoredEventRecord)?.problem {
            return (problem.reason, ErrorText(type: problem.errorType, text: problem.errorText))
        }
        if delivery.depth > configuration.maxDepth { return (.tooDeep, nil) }
        if let limit = subscription.shared.options.maxCrashes, delivery.crashes >= limit {
            return (
                .crashed,
                ErrorText(
                    type: "ProcessEnded",
                    text: "the process ended \(delivery.crashes) times while the handler ran, which is the limit")
            )
        }
        return nil
    }

    /// How many deliveries a worker takes: its share of what is there, or, where handlers are quick, as many as take about as long
    /// as is worth a trip to the bus.
    private func runLength(for subscription: SubscriptionState) -> Int {
        let share = subscription.queue.readyCount / configuration.workers
        let worthwhile = subscription.pace.isQuick ? subscription.pace.deliveries(in: Self.worthwhileRun) : 0
        return max(1, min(Self.longestRun, max(share, worthwhile)))
    }

    /// Takes over, for a worker that has nothing to do, what another one took but has not started: so nothing waits behind a slow
    /// handler while a worker is free.
    private func reclaimRun(for index: Int) -> Run? {
        // A suspect is one worker's alone.
        guard !durable.isRecovering else { return nil }
        var victim: Int?
        var most = 0
        for other in workers.indices where other != index {
            guard !workers[other].isQuickRun, let run = workers[other].run, let subscription = workers[other].subscription,
                subscription.workers < subscription.workerLimit
            else { continue }
            let unstarted = workers[other].limit - run.claimedCount
            if unstarted > most {
                most = unstarted
                victim = other
            }
        }
        guard let victim else { return nil }
        takeBackRest(of: victim)
        return takeRun(for: index)
    }

    /// Puts a subscription in the line for workers, if it has something to start and room to start it.
    ///
    /// While a worker with quick handlers is about to come back for more, the line is spared a short queue: a second worker would
    /// only be in its way. Should that worker be held up after all, the progress check finds out.
    func getInLine(_ subscription: SubscriptionState) {
        guard !subscription.isInLine, subscription.canStart else { return }
        if subscription.quickWorkers > 0,
            subscription.queue.readyCount < subscription.quickWorkers * subscription.pace.deliveries(in: Self.worthwhileHelp)
        {
            return
        }
        subscription.isInLine = true
        line.append(subscription)
    }

    /// Wakes a worker if there is work and one is idle. One at a time: each, when it comes, takes its share of what has gathered
    /// meanwhile and wakes the next if more is left. Waking all at once would cost more than the work.
    func wakeWorker() {
        guard !isWaking, !line.isEmpty, let index = idleWorkers.popLast() else { return }
        isWaking = true
        workers[index].isWaking = true
        wake(index)
    }

    /// Wakes every idle worker, for them to see that the bus's phase has changed.
    func wakeAllWorkers() {
        while let index = idleWorkers.popLast() { wake(index) }
    }

    func wake(_ index: Int) {
        workers[index].isIdle = false
        workers[index].parkingSpot.wake()
    }

    /// An abandoned handler has returned after all; nobody waits for it any more.
    private func lateReturn(of worker: WorkerGeneration) {
        guard let handler = abandoned.removeValue(forKey: worker) else { return }
        hooks.observe?(
            Signal(.lateResult, eventName: handler.name, subscription: handler.subscription, eventID: handler.eventID))
    }
}
