//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

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

    let service: AllocationService
    let notifications: NotificationService

    /// Registers every handler.
    ///
    /// Dead letters do not park their key here: a wrong event says nothing about the events behind it, and a mail that cannot be sent
    /// is no reason to hold the others back.
    ///
    /// - Throws: `EventBusError` if one of the names is taken already.
    func register(in handlers: inout HandlerRegistry) throws {
        let service = service
        let notifications = notifications

        // Neither retries nor timeouts: the use cases need nothing but memory, so whatever they throw they would throw again.
        try handlers.subscribe(Self.allocation, options: SubscriptionOptions(retry: .none, onDeadLetter: .continue)) {
            On(BatchCreated.self) { event, context in
                try Self.steering { try service.addBatch(event) { try context.emit($0.event) } }
            }
            On(AllocationRequired.self) { event, context in
                try Self.steering { _ = try service.allocate(event.line) { try context.emit($0.event) } }
            }
            On(BatchQuantityChanged.self) { event, context in
                try Self.steering { try service.changeBatchQuantity(event) { try context.emit($0.event) } }
            }
        }

        // Mails need no order. So a mail that waits for its next attempt holds up no other, not even about the same SKU.
        try handlers.subscribe(
            Self.outOfStockMail, to: OutOfStock.self, retry: Self.mailRetry, order: .unordered, onDeadLetter: .continue
        ) { event, context in
            try notifications.sendOutOfStockNotification(event, cause: MailCause(context))
        }

        try handlers.handle(Allocate.self) { command, context in
            try service.allocate(command.line) { try context.emit($0.event) }
        }
    }

    /// Tells the bus that an ``AllocationError`` is the event's own fault, so that it does not try again.
    private static func steering(_ useCase: () throws -> Void) throws {
        do {
            try useCase()
        } catch let error as AllocationError {
            throw Disposition.permanentFailure(error.description)
        }
    }
}
