//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite

/// Which use case answers to which event: all that connects the service with the bus.
struct AllocationWiring: Sendable {
    /// Everything that changes products. One subscription, so that the events of one SKU are in one order, whatever their type.
    static let allocation = "allocation"
    /// The mails to the buyers.
    static let outOfStockMail = "out-of-stock-mail"

    /// A mail server that is busy for a moment is asked again soon, and not for long: the next line of the SKU waits for it.
    ///
    /// | failed attempts | delay |
    /// |---|---|
    /// | 1 | 20 ms |
    /// | 2 | 40 ms |
    /// | 3 | 80 ms |
    /// | 4 | none: it becomes a dead letter |
    static let mailRetry = RetryPolicy.exponential(base: .milliseconds(20), maxAttempts: 4, jitter: .none)

    let notifications: NotificationService

    /// Registers every handler.
    ///
    /// Dead letters do not park their key here: a wrong event says nothing about the events behind it, and a mail that cannot be sent
    /// is no reason to hold the others back. There is no limit to crashes, because this program is made to be killed: a delivery that
    /// ran when that happened is no suspect.
    ///
    /// - Throws: `EventBusError` if one of the names is taken already.
    func register(in handlers: inout HandlerRegistry) throws {
        let notifications = notifications

        // Each handler does its work in the commit that records the event as handled: both happen, or neither, so that a process that
        // is killed at any moment has done nothing twice. It needs neither retries nor timeouts: a use case needs nothing but the
        // transaction, so whatever it throws it would throw again.
        let options = SubscriptionOptions(retry: .none, onDeadLetter: .continue, maxCrashes: nil)
        try handlers.subscribe(Self.allocation, options: options) {
            On(BatchCreated.self) { event, context in
                try context.onCommit { try Self.handle(in: $0) { try $0.addBatch(event) } }
            }
            On(AllocationRequired.self) { event, context in
                try context.onCommit { try Self.handle(in: $0) { _ = try $0.allocate(event.line) } }
            }
            On(BatchQuantityChanged.self) { event, context in
                try context.onCommit { try Self.handle(in: $0) { try $0.changeBatchQuantity(event) } }
            }
        }

        // Mails need no order. So a mail that waits for its next attempt holds up no other, not even about the same SKU.
        let mailOptions = SubscriptionOptions(
            retry: Self.mailRetry, order: .unordered, onDeadLetter: .continue, maxCrashes: nil)
        try handlers.subscribe(Self.outOfStockMail, options: mailOptions) {
            On(OutOfStock.self) { event, context in
                let number = try Self.mailNumber(context)
                let attempt = context.attempt
                // The mail server is not part of the commit: it may get the mail twice, by the same number. The book counts it once.
                try notifications.sendOutOfStockNotification(event, number: number, attempt: attempt)
                try context.onCommit { try MailBook($0).noteSent(number, withAttempt: attempt) }
            }
        }

        try handlers.handle(Allocate.self) { command, context in
            try await context.commit { try AllocationService(in: SQLiteUnitOfWork($0)).allocate(command.line) }
        }
    }

    /// Handles an event that changes products.
    ///
    /// An ``AllocationError`` is the event's own fault, and the bus is told so, to not try again.
    private static func handle(
        in transaction: SQLiteTransaction, _ useCase: (AllocationService<SQLiteUnitOfWork>) throws -> Void
    ) throws {
        do {
            try useCase(AllocationService(in: SQLiteUnitOfWork(transaction)))
        } catch let error as AllocationError {
            throw Disposition.permanentFailure(error.description)
        }
        try transaction.execute("UPDATE allocation_progress SET handled = handled + 1")
    }

    private static func mailNumber(_ context: EventContext) throws -> Int {
        guard let number = context.metadata.headers[MailBook.numberHeader].flatMap({ Int($0) }) else {
            throw Disposition.permanentFailure("the event has no header '\(MailBook.numberHeader)' with the number of its mail")
        }
        return number
    }
}
