//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Commits events of any types, all or none: at once where there is room, else as the queues' overflow policies say. Every type
    /// has a route.
    func admit(_ records: [EventRecord], isFromCommand: Bool = false) async throws {
        let demands = demands(of: records)
        if demands.allSatisfy({ $0.isMet && $0.subscription.waitingPublishers.isEmpty }) {
            commit(records)
            return
        }
        if HandlerScope.current?.isInsideDelivery(of: self) == true {
            try useHeadroom(for: records, demands)
            return
        }
        try refuseWhatCannotFit(records, demands)
        guard let full = demands.first(where: mustWait(for:))?.subscription else {
            commit(records)
            return
        }
        try refuseToWaitInVain(records, for: full)
        let waiter = Waiter<Void>()
        enqueue(WaitingPublish(records: records, demands: demands, isFromCommand: isFromCommand, waiter: waiter), on: full)
        do {
            try await waiter.value()
        } catch is CancellationError {
            // Those behind this one may find room where it did not.
            for demand in demands { admitWaitingPublishers(to: demand.subscription) }
            wakeWorker()
            throw PublishError(
                .rejected, .cancelled, "\(records[0].name) was not published: its task was cancelled while it waited for room.")
        }
    }

    /// The room that events need in the queues that hold up or refuse publishers.
    private func demands(of records: [EventRecord]) -> [Demand] {
        // In an array and not in a dictionary, whose order would differ from process to process: one seed must give one run.
        var types: [(typeID: ObjectIdentifier, count: Int, bytes: Int)] = []
        for record in records {
            var index = types.count - 1
            while index >= 0, types[index].typeID != record.typeID { index -= 1 }
            if index < 0 {
                types.append((record.typeID, 0, 0))
                index = types.count - 1
            }
            types[index].count += 1
            types[index].bytes += record.byteCount
        }
        var demands: [Demand] = []
        for entering in types {
            for subscriber in routes[entering.typeID]?.subscribers ?? [] where subscriber.subscription.policy.limitsPublishers {
                if let index = demands.firstIndex(where: { $0.subscription === subscriber.subscription }) {
                    demands[index].count += entering.count
                    demands[index].bytes += entering.bytes
                } else {
                    demands.append(
                        Demand(subscription: subscriber.subscription, count: entering.count, bytes: entering.bytes))
                }
            }
        }
        return demands
    }

    /// Whether a publish must wait for a queue: it is full, or others wait for it already.
    private func mustWait(for demand: Demand) -> Bool {
        demand.subscription.policy.overflow == .suspend
            && (!demand.subscription.waitingPublishers.isEmpty || !demand.isMet)
    }

    /// Commits what a handler publishes past full queues, as far as the headroom goes: it cannot wait for room that it may have to
    /// make itself.
    private func useHeadroom(for records: [EventRecord], _ demands: [Demand]) throws {
        let headroom = configuration.handlerHeadroom
        for demand in demands {
            let subscription = demand.subscription
            guard !subscription.hasRoom(for: demand.count, bytes: demand.bytes, headroom: headroom) else { continue }
            throw PublishError(
                .rejected, .headroomExhausted,
                "\(records[0].name) was published by a handler while the queue of '\(subscription.name)' is \(headroom) past its "
                    + "capacity of \(subscription.policy.capacity). Slow down, or raise handlerHeadroom.")
        }
        commit(records)
    }

    /// Refuses what some queue can never hold, or is too full for and does not let wait.
    private func refuseWhatCannotFit(_ records: [EventRecord], _ demands: [Demand]) throws {
        for demand in demands {
            let policy = demand.subscription.policy
            guard !policy.canEverHold(demand.count, bytes: demand.bytes) else { continue }
            let bound = policy.byteCapacity.map { " and \($0) bytes" } ?? ""
            throw PublishError(
                .rejected, .batchTooLarge,
                "a batch with \(demand.count) events for '\(demand.subscription.name)', the first \(records[0].name), can never enter "
                    + "its queue whole: it holds \(policy.capacity) deliveries\(bound). Publish smaller batches.")
        }
        for demand in demands where demand.subscription.policy.overflow == .reject && !demand.isMet {
            throw Self.queueFull(records, demand.subscription)
        }
    }

    /// Refuses to wait for room that nothing will make.
    private func refuseToWaitInVain(_ records: [EventRecord], for full: SubscriptionState) throws {
        switch lifecycle.phase {
        case .running, .draining: break
        case .idle:
            throw PublishError(
                .rejected, .wouldWaitBeforeRun,
                "\(records[0].name) found the queue of '\(full.name)' full before the bus runs, so it would wait for ever. Call "
                    + "run() first.")
        case .cancelling, .closed:
            throw PublishError(
                .rejected, .shuttingDown,
                "\(records[0].name) found the queue of '\(full.name)' full while the bus shuts down.")
        }
    }

    private static func queueFull(_ records: [EventRecord], _ subscription: SubscriptionState) -> PublishError {
        PublishError(
            .rejected, .queueFull,
            "\(records[0].name) was rejected: the queue of '\(subscription.name)' is full at \(subscription.queue.unfinished) of "
                + "\(subscription.policy.capacity) deliveries. Publish again later.")
    }

    // MARK: The line of waiting publishers

    private func enqueue(_ publish: WaitingPublish, on subscription: SubscriptionState) {
        // Cancelled waits leave when they come to the front. Where the front does not move, they are swept out before the line
        // doubles, so that publishers which give up and try again do not pile up.
        if subscription.waitingPublishers.count >= subscription.nextSweep {
            var waiting = RingBuffer<WaitingPublish>()
            while let publish = subscription.waitingPublishers.popFirst() {
                if !publish.waiter.isDecided { waiting.append(publish) }
            }
            subscription.waitingPublishers = waiting
            subscription.nextSweep = max(64, 2 * waiting.count)
        }
        subscription.waitingPublishers.append(publish)
    }

    /// Lets waiting publishers in, in order, as far as there is room.
    func admitWaitingPublishers(to subscription: SubscriptionState) {
        while let publish = subscription.waitingPublishers.first {
            if publish.waiter.isDecided {
                _ = subscription.waitingPublishers.popFirst()
                continue
            }
            guard publish.demands.allSatisfy({ $0.subscription !== subscription || $0.isMet }) else { return }
            _ = subscription.waitingPublishers.popFirst()
            // Room here may still mean waiting for another queue of the same publish.
            if let other = publish.demands.first(where: { $0.subscription !== subscription && mustWait(for: $0) }) {
                enqueue(publish, on: other.subscription)
                continue
            }
            if let full = publish.demands.first(where: { $0.subscription.policy.overflow == .reject && !$0.isMet }) {
                publish.waiter.decide(.failure(Self.queueFull(publish.records, full.subscription)))
                continue
            }
            if publish.waiter.decide(.success(())) { commit(publish.records) }
        }
    }

    /// Turns away those who wait for room, because the bus takes nothing new; running commands may be spared.
    func rejectWaitingPublishers(sparingCommands: Bool) {
        for subscription in subscriptionsInOrder {
            var spared = RingBuffer<WaitingPublish>()
            defer { subscription.waitingPublishers = spared }
            while let publish = subscription.waitingPublishers.popFirst() {
                if publish.isFromCommand, sparingCommands {
                    spared.append(publish)
                    continue
                }
                publish.waiter.decide(
                    .failure(
                        PublishError(
                            .rejected, .shuttingDown,
                            "\(publish.records[0].name) was still waiting for room when the bus began to shut down.")))
            }
        }
    }
}
