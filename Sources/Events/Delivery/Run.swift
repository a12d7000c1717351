//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// The batch of deliveries a worker took from one subscription in one hop to the bus.
///
/// The worker claims its deliveries one by one through a shared counter. The bus may at any moment take back the ones not yet
/// claimed, and read which of the claimed ones are done, without asking the worker: so nothing waits behind a slow handler, and
/// results are not lost when a handler never returns.
///
/// Results are kept by exception: a claimed delivery that is not running any more and is not among `exceptions` completed plainly.
final class Run: Sendable {
    let bus: EventBus
    let handlers: SubscriptionHandlers
    let deliveries: [Delivery]
    /// What the log calls the subscription; `nil` on a bus in memory.
    let logKey: SubscriptionKey?
    /// How many deliveries were claimed; at the end of `deliveries` or past it when none is left to claim.
    private let claimed = Atomic<Int>(0)
    /// When the delivery claimed last, or to be claimed next, started; 0 when the subscription has no need to know.
    private let attemptStart = Atomic<Int64>(0)
    /// What the handler of the delivery that runs now emits.
    let emissions = EmissionBuffer()
    private let exceptions = Guarded<[Int: AttemptResult]>([:])
    private let hasExceptions = Atomic<Bool>(false)

    init(bus: EventBus, handlers: SubscriptionHandlers, deliveries: [Delivery], logKey: SubscriptionKey? = nil) {
        self.logKey = logKey
        self.bus = bus
        self.handlers = handlers
        self.deliveries = deliveries
    }

    // MARK: The worker's side

    /// Claims the next delivery, or `nil` when there is none left. The claim publishes the results of all earlier deliveries.
    func claim() -> Int? {
        let index = claimed.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        return index < deliveries.count ? index : nil
    }

    /// Says when the next delivery starts. It comes before the claim, so that whoever sees the claim sees the time.
    func noteStart(_ time: MonotonicTime) {
        attemptStart.store(time.nanoseconds, ordering: .relaxed)
    }

    /// Records that a delivery did not simply complete.
    func record(_ result: AttemptResult, for index: Int) {
        exceptions.withLock { $0[index] = result }
        hasExceptions.store(true, ordering: .releasing)
    }

    // MARK: The bus's side

    /// How many deliveries were claimed so far.
    var claimedCount: Int { min(claimed.load(ordering: .acquiring), deliveries.count) }

    /// Ends the handing out: returns how many deliveries were claimed before; the rest is the caller's.
    func close() -> Int {
        min(claimed.exchange(deliveries.count, ordering: .acquiringAndReleasing), deliveries.count)
    }

    /// When the delivery claimed last started.
    var lastStart: MonotonicTime { MonotonicTime(nanoseconds: attemptStart.load(ordering: .relaxed)) }

    /// Takes the recorded result of a delivery, if it did not simply complete.
    func takeException(_ index: Int) -> AttemptResult? {
        guard hasExceptions.load(ordering: .acquiring) else { return nil }
        return exceptions.withLock { $0.removeValue(forKey: index) }
    }
}

/// What an attempt came to, when it did not simply complete.
struct AttemptResult: Sendable {
    enum End: Sendable {
        case completed
        /// Whether the worker's task was cancelled by then: it is only when the attempt was told to stop.
        case failed(any Error, wasCancelled: Bool)
    }

    var end: End
    /// What the handler emitted; it counts only when the attempt completed.
    var emissions = Emissions()
    var startedAt: MonotonicTime
    var endedAt: MonotonicTime
}
