//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// What the module `EventsTesting` needs to look into a bus.

/// Someone who is told of every published event, for as long as this object lives.
package final class PublicationTap: Sendable {
    private let remove: @Sendable () -> Void

    init(remove: @escaping @Sendable () -> Void) {
        self.remove = remove
    }

    deinit {
        remove()
    }
}

extension EventBus {
    /// Calls `receive` for every event that is published from now on, in offset order, while the bus commits it, so it must be
    /// quick; and `closed` when no more will come, at once if the bus is closed already.
    package nonisolated func tap(
        _ receive: @escaping @Sendable (AnyEnvelope) -> Void, closed: @escaping @Sendable () -> Void
    ) -> PublicationTap {
        let number = allTaps.add(
            0,
            receive: {
                AnyEnvelope($0).map(receive); return true
            }, finish: closed)
        return PublicationTap { [allTaps] in
            if let number { allTaps.remove(number, key: 0) }
        }
    }

    /// Waits until the bus has nothing left to do: no unfinished delivery and no running command. Parked deliveries and dead
    /// letters are not work. Returns at once when the bus is closed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; ``EventBusError`` with `wouldDeadlock` inside a handler.
    package func idle() async throws {
        if HandlerScope.current?.isInsideDelivery(of: self) == true {
            throw EventBusError(
                .wouldDeadlock, "a handler waited for its bus to be idle, which it is not while the handler runs.")
        }
        if isIdle || lifecycle.phase == .closed { return }
        let waiter = Waiter<Void>()
        idleWaiters.removeAll { $0.isDecided }
        idleWaiters.append(waiter)
        try await waiter.value()
    }

    private var isIdle: Bool {
        runningCommands.isEmpty && !durable.isSettling && !durable.isReleasing
            && durable.appliedNotices == journal?.mailbox.posted ?? 0
            && subscriptions.values.allSatisfy { $0.queue.unfinished == 0 && isLogWorkedOff(for: $0) }
    }

    /// Whether the log has nothing that a subscription could do now or later: parked deliveries are not work.
    private func isLogWorkedOff(for subscription: SubscriptionState) -> Bool {
        guard let own = subscription.durable else { return journal == nil }
        return own.isLive && !own.stored.isHolding && own.nextRetry == nil && own.stored.count() == parkedCount(of: subscription)
    }

    /// Wakes those who wait for the bus to be idle, if it is.
    func checkIdle() {
        guard !idleWaiters.isEmpty, isIdle || lifecycle.phase == .closed else { return }
        for waiter in idleWaiters { waiter.decide(.success(())) }
        idleWaiters.removeAll()
    }
}
