//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting

/// A random piece of work for a bus, made from a seed: subscriptions, publishers and what every attempt will come to.
struct Scenario: Sendable {
    /// What an attempt does.
    enum Act: Sendable, Equatable {
        case succeed
        case fail
        case failPermanently
        case retryLater
        case discard
    }

    struct Subscriber: Sendable {
        let name: String
        let options: SubscriptionOptions
        let order: DeliveryOrder
        let maxAttempts: Int
        let onDeadLetter: DeadLetterPolicy
        /// Whether its handler emits an event for every delivery that it completes.
        let emits: Bool
    }

    let seed: UInt64
    let workers: Int
    let capacity: Int
    let publishers: Int
    let eventsPerPublisher: Int
    let keys: Int
    let subscribers: [Subscriber]
    /// When to begin the shutdown, in milliseconds of virtual time, and how; `nil` when all is done.
    let shutdown: (after: Int, isImmediate: Bool)?

    init(seed: UInt64, isDisturbed: Bool) {
        var random = SplitMix64(seed: seed, purpose: 10)
        self.seed = seed
        workers = 1 + random.next(below: 4)
        capacity = 2 + random.next(below: 8)
        publishers = 1 + random.next(below: 3)
        eventsPerPublisher = 2 + random.next(below: 6)
        keys = 1 + random.next(below: 3)
        var subscribers: [Subscriber] = []
        for number in 0..<1 + random.next(below: 3) {
            let order: DeliveryOrder = [.perKey, .perKey, .serial, .unordered][random.next(below: 4)]
            let policy: DeadLetterPolicy = [.automatic, .park, .continue][random.next(below: 3)]
            let maxAttempts = 1 + random.next(below: 3)
            let concurrency = [nil, nil, 1, 2][random.next(below: 4)]
            let retry: RetryPolicy =
                random.next(below: 2) == 0
                ? .constant(.milliseconds(random.next(below: 20)), maxAttempts: maxAttempts)
                : .exponential(base: .milliseconds(5), maxAttempts: maxAttempts)
            subscribers.append(
                Subscriber(
                    name: "subscriber-\(number)",
                    options: SubscriptionOptions(retry: retry, order: order, maxConcurrency: concurrency, onDeadLetter: policy),
                    order: order, maxAttempts: maxAttempts, onDeadLetter: policy, emits: random.next(below: 2) == 0))
        }
        self.subscribers = subscribers
        shutdown = isDisturbed ? (random.next(below: 60), random.next(below: 2) == 0) : nil
    }

    /// What the given attempt of a delivery comes to. It depends on nothing but the arguments and the seed, so that the bus and the
    /// reference model agree on it without talking to each other. After a redrive everything succeeds.
    func act(_ subscriber: Int, _ number: Int, attempt: Int, isRedriven: Bool) -> Act {
        if isRedriven { return .succeed }
        var random = SplitMix64(seed: seed, purpose: UInt64(subscriber * 1_000_000 + number * 100 + attempt))
        switch random.next(below: 20) {
        case 0..<4: return .fail
        case 4: return .failPermanently
        case 5: return attempt < 20 ? .retryLater : .succeed
        case 6: return .discard
        default: return .succeed
        }
    }
}

/// What the publishers publish.
struct Worked: Event {
    static let name = "exploration.worked"
    var number: Int
    var key: String?
    var orderingKey: String? { key }
}

/// What handlers emit; nobody handles it.
struct Noted: Event {
    static let name = "exploration.noted"
    var subscriber: Int
    var number: Int
}
