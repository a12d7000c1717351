//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation

@testable import EventsSQLite

/// What the workload publishes.
struct Step: Event {
    static let name = "work.step"
    let number: Int
    var orderingKey: String? { "key-\(number % 3)" }
}

/// What a handler of it emits.
struct Consequence: Event {
    static let name = "work.consequence"
    let number: Int
    var orderingKey: String? { "key-\(number % 3)" }
}

/// A bus on a log, with subscriptions that retry, emit and give up, and a row in `effects` for each completed delivery. Of its tests
/// one takes the power away, one makes calls fail, and one fills the disk.
final class BusWorkload: Sendable {
    struct Failure: Error {}

    private let path: String
    private let vfs: String?
    private let options: SQLiteLogOptions
    private let adjust: @Sendable (inout LogSettings) -> Void
    /// Before, each fourth number becomes a dead letter.
    let isMended = Guarded(false)
    /// How often a handler got to its end, by delivery.
    let runs = Guarded<[LogImage.Delivery: Int]>([:])

    init(
        path: String, vfs: String? = nil, options: SQLiteLogOptions = SQLiteLogOptions(),
        adjust: @escaping @Sendable (inout LogSettings) -> Void = { _ in }
    ) {
        self.path = path
        self.vfs = vfs
        self.options = options
        self.adjust = adjust
    }

    func open() async throws -> EventBus {
        var configuration = EventBusConfiguration(workers: 2)
        configuration.shutdownDeadline = .milliseconds(50)
        configuration.grace = .milliseconds(50)
        var options = options
        options.migrate = { transaction in
            try transaction.execute(
                """
                CREATE TABLE IF NOT EXISTS effects (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, subscription TEXT NOT NULL, offset INTEGER NOT NULL,
                    ordering_key TEXT NOT NULL)
                """)
        }
        return try await EventBus(
            log: SQLiteEventLog(path: path, options: options, vfs: vfs, adjust: adjust), configuration: configuration,
            handlers: { try self.register(&$0) })
    }

    /// Runs a bus until `body` is done. Throws what either throws; the bus is closed in any case.
    func withBus(_ body: @escaping @Sendable (EventBus) async throws -> Void) async throws {
        let bus = try await open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            group.addTask {
                defer { bus.beginShutdown() }
                try await body(bus)
            }
            var failure: (any Error)?
            while let result = await group.nextResult() {
                if case .failure(let error) = result { failure = failure ?? error }
            }
            if let failure { throw failure }
        }
    }

    private func register(_ handlers: inout HandlerRegistry) throws {
        let retry = RetryPolicy.constant(.milliseconds(1), maxAttempts: 2)
        try handlers.subscribe("steady", options: SubscriptionOptions(retry: retry, maxCrashes: nil)) {
            On(Step.self) { event, context in
                if event.number % 3 == 0 { try context.emit(Consequence(number: event.number)) }
                if event.number % 5 == 0, context.attempt == 1 { throw Failure() }
                try self.finish(event.orderingKey, context)
            }
            On(Consequence.self) { event, context in try self.finish(event.orderingKey, context) }
        }
        try handlers.subscribe(
            "fragile", options: SubscriptionOptions(retry: retry, onDeadLetter: .continue, maxCrashes: nil)
        ) {
            On(Step.self) { event, context in
                if event.number % 4 == 0, !self.isMended.withLock({ $0 }) { throw Failure() }
                try self.finish(event.orderingKey, context)
            }
        }
    }

    private func finish(_ key: String?, _ context: EventContext) throws {
        let delivery = LogImage.Delivery(subscription: context.subscription, offset: context.metadata.offset.rawValue)
        try context.onCommit { transaction in
            try transaction.execute(
                "INSERT INTO effects (subscription, offset, ordering_key) VALUES (?, ?, ?)",
                .text(delivery.subscription), .integer(delivery.offset), .text(key ?? ""))
        }
        runs.withLock { $0[delivery, default: 0] += 1 }
    }

    /// Publishes a number under its idempotency key.
    func publish(_ number: Int, on bus: EventBus) async throws -> Receipt {
        try await bus.publish(Step(number: number), idempotencyKey: "step-\(number)")
    }

    /// Waits until everything is done that the log has, dead letters included.
    func finishAll(_ numbers: some Sequence<Int>) async throws {
        isMended.withLock { $0 = true }
        try await withBus { [self, numbers = Array(numbers)] bus in
            try await bus.deadLetters.redrive(matching: .all)
            for number in numbers {
                _ = try await bus.outcome(of: publish(number, on: bus), including: .descendants)
            }
        }
    }
}
