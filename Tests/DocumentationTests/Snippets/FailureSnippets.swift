//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

enum FailureSnippets {
    struct OrderPlaced: Event {
        static let name = "order.placed"
        var orderID: String
        var customer: String
        var orderingKey: String? { customer }
    }

    struct UnknownProduct: Error {}

    struct MailFault: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// Refuses mails with the faults it was given, one each, and takes them after that.
    actor MailServer {
        private var faults: [MailFault]
        private(set) var sent: [String] = []

        init(faults: [MailFault] = []) {
            self.faults = faults
        }

        func send(to customer: String, about orderID: String) throws {
            if !faults.isEmpty { throw faults.removeFirst() }
            sent.append(orderID)
        }
    }

    static let accounts = Accounts()
    static let pager = Pager()

    static func retry(_ handlers: inout HandlerRegistry, _ mail: MailServer) throws {
        // snippet: docs/handling-failure.md, a retry policy
        let patient = RetryPolicy.exponential(
            base: .milliseconds(100), factor: 2, cap: .seconds(30), maxAttempts: 5, jitter: .none)
        try handlers.subscribe("confirm-by-mail", to: OrderPlaced.self, retry: patient) {
            order, context in
            try await mail.send(to: order.customer, about: order.orderID)
        }
        // end snippet
    }

    static var policies: [String: RetryPolicy] {
        // snippet: docs/handling-failure.md, two more policies
        let constant = RetryPolicy.constant(.milliseconds(250))
        let quick = RetryPolicy.exponential(
            base: .milliseconds(20), factor: 3, cap: .milliseconds(100), jitter: .none)
        // end snippet
        let patient = RetryPolicy.exponential(
            base: .milliseconds(100), factor: 2, cap: .seconds(30), maxAttempts: 5, jitter: .none)
        return ["`constant`": constant, "`quick`": quick, "`patient`": patient]
    }

    static var picky: RetryPolicy {
        // snippet: docs/handling-failure.md, a predicate
        let picky = RetryPolicy.exponential(
            base: .milliseconds(100), retryIf: { error in !(error is UnknownProduct) })
        // end snippet
        return picky
    }

    static func steer(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/handling-failure.md, dispositions
        try handlers.subscribe("charge", to: OrderPlaced.self) { order, context in
            guard let account = await accounts.find(order.customer) else {
                throw Disposition.permanentFailure("no account")  // a dead letter now
            }
            if account.isClosed {
                throw Disposition.discard("account closed")  // nothing to do, nothing to keep
            }
            if let wait = await accounts.rateLimit {
                throw Disposition.retry(after: wait)  // not now; costs no attempt
            }
            try await accounts.charge(account, for: order.orderID)
        }
        // end snippet
    }

    static func limitTime(_ handlers: inout HandlerRegistry) throws {
        // snippet: docs/handling-failure.md, a timeout
        try handlers.subscribe("charge", to: OrderPlaced.self, timeout: .seconds(10)) {
            order, context in
            try await accounts.charge(order.customer, for: order.orderID)
        }
        // end snippet
    }

    static func list(_ bus: EventBus) async throws {
        // snippet: docs/handling-failure.md, listing letters
        let filter = DeadLetterFilter(subscription: "confirm-by-mail")
        let page = try await bus.deadLetters.list(filter)
        for letter in page.letters {
            print(letter.id, letter.reason.rawValue, letter.errorType, letter.errorText)
            for attempt in letter.attempts {
                print("  attempt \(attempt.number): \(attempt.errorText)")
            }
        }
        // end snippet
    }

    static func redrive(_ letter: DeadLetter, _ bus: EventBus) async throws {
        // snippet: docs/handling-failure.md, a redrive
        let receipt = try await bus.deadLetters.redrive(letter.id)
        print(try await bus.outcome(of: receipt).isSuccess ? "it worked" : "it failed again")
        // end snippet
    }

    static func discard(_ letter: DeadLetter, _ bus: EventBus) async throws {
        // snippet: docs/handling-failure.md, a discard
        try await bus.deadLetters.discard(letter.id, reason: "customer called, order void")
        // end snippet
    }

    static func redriveAll(_ bus: EventBus) async throws -> [DeadLetter.ID] {
        // snippet: docs/handling-failure.md, a redrive by filter
        let sent = try await bus.deadLetters.redrive(
            matching: DeadLetterFilter(subscription: "confirm-by-mail", errorType: "MailFault"))
        // end snippet
        return sent
    }

    static func redriveKey(_ bus: EventBus) async throws -> [DeadLetter.ID] {
        // snippet: docs/handling-failure.md, a redrive of a key
        let sent = try await bus.deadLetters.redrive(key: "VINET", of: "confirm-by-mail")
        // end snippet
        return sent
    }

    static func alert(_ bus: EventBus) async {
        // snippet: docs/handling-failure.md, alerts
        for await letter in bus.deadLetters.arrivals() {
            await pager.alert("\(letter.id): \(letter.errorType)")
        }
        // end snippet
    }
}
