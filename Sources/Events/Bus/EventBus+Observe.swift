//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// The events of one type that are published from now on, live. The stream exists when this returns.
    ///
    /// A stream is for looking on: it has no retries and no dead letters, and a reader that falls behind loses events as `buffering`
    /// says. What must be handled is handled by a subscription.
    ///
    /// - Parameters:
    ///   - eventType: The type of event.
    ///   - buffering: What happens to events its reader has not taken yet. The default keeps the newest 1,000.
    /// - Returns: A stream that ends when the bus closes or its reader's task is cancelled.
    public nonisolated func events<E: Event>(
        of eventType: E.Type, buffering: StreamBuffering = .newest(1_000)
    ) -> EventStream<Envelope<E>> {
        taps.makeStream(ObjectIdentifier(eventType), buffering: buffering) { record in
            (record as? TypedEventRecord<E>).map(Envelope.init)
        }
    }

    /// All events that are published from now on, of whatever type, live. The stream exists when this returns.
    ///
    /// - Parameter buffering: What happens to events its reader has not taken yet. The default keeps the newest 1,000.
    public nonisolated func allEvents(buffering: StreamBuffering = .newest(1_000)) -> EventStream<AnyEnvelope> {
        allTaps.makeStream(0, buffering: buffering, element: AnyEnvelope.init)
    }

    /// What the bus did so far and what it has before it.
    public func statistics() -> EventBusStatistics {
        var statistics = EventBusStatistics()
        statistics.published = Int(lastOffset)
        statistics.absentSubscriptions = Set(durable.absent.keys)
        statistics.idleWorkers = workers.count { $0.isIdle }
        statistics.workers = workers.count
        statistics.abandonedHandlers = abandoned.count
        statistics.runningCommands = runningCommands.count
        statistics.droppedByStreams = taps.dropped + allTaps.dropped + letterTaps.dropped
        for subscription in subscriptions.values {
            var own = subscription.statistics
            own.ready = subscription.queue.readyCount
            own.unfinished = subscription.queue.unfinished
            own.parked = parkedCount(of: subscription)
            own.deadLetters = subscription.durable?.deadLetters ?? deadLetterStore.count(of: subscription.name)
            if let durable = subscription.durable {
                own.lag = durable.isLive ? 0 : Int(lastOffset - durable.readThrough.rawValue)
                own.stored = durable.stored.count()
            }
            own.workers = subscription.workers
            statistics.subscriptions[subscription.name] = own
            for position in 0..<subscription.waitingPublishers.count
            where subscription.waitingPublishers[position]?.waiter.isDecided == false {
                statistics.waitingPublishers += 1
            }
        }
        return statistics
    }
}
