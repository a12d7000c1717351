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
import Testing

@testable import AllocationExample

@Suite("The service on the bus")
struct AllocationWiringTests {
    fileprivate static func created(_ reference: String, _ quantity: Int, sku: String = "LAMP") -> BatchCreated {
        BatchCreated(reference: reference, sku: sku, quantity: quantity, eta: nil)
    }

    /// Runs the service on a new log.
    private static func run(
        mailFaults: MailFaults = .none, _ body: @escaping @Sendable (Service) async throws -> Void
    ) async throws {
        try await withTemporaryLog { log in
            let application = AllocationApplication(path: log, mailFaults: mailFaults)
            try await application.withBus(workers: 4) { bus, start in
                try await body(Service(application: application, bus: bus, start: start))
            }
        }
    }

    /// The running service.
    private struct Service {
        let application: AllocationApplication
        let bus: EventBus
        let start: StartingPoint

        func summary() async throws -> Summary { try await application.summary(on: bus, rejectedLines: 0, since: start) }

        /// How many mails were sent, and with which attempts.
        func sentMails() async throws -> [Int: Int] {
            try await bus.read { database in
                try database.query("SELECT number, sent_with_attempt FROM allocation_mails WHERE sent_with_attempt NOT NULL")
                    .reduce(into: [:]) { $0[try $1.integer(0)] = try $1.integer(1) }
            }
        }

        /// Runs out of stock for so many lines of one SKU, one after the other.
        func runOutOfStock(_ count: Int) async throws -> [Outcome] {
            try await settle(AllocationWiringTests.created("b1", 0), on: bus)
            var outcomes: [Outcome] = []
            for number in 1...count {
                outcomes.append(
                    try await settle(AllocationRequired(orderID: "o\(number)", sku: "LAMP", quantity: 1), on: bus))
            }
            return outcomes
        }
    }

    /// Publishes an event and waits for all that it leads to.
    @discardableResult
    fileprivate static func settle(_ event: some Event, on bus: EventBus) async throws -> Outcome {
        try await bus.outcome(of: bus.publish(event), including: .descendants)
    }

    // MARK: - Events

    @Test("a shrunk batch gives lines back, which find another batch or are out of stock, which is mailed")
    func reallocation() async throws {
        try await Self.run { service in
            let bus = service.bus
            try await Self.settle(Self.created("b1", 10), on: bus)
            try await Self.settle(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: 4), on: bus)
            try await Self.settle(AllocationRequired(orderID: "o2", sku: "LAMP", quantity: 4), on: bus)
            try await Self.settle(Self.created("b2", 4), on: bus)
            // One line for b2, one for nobody, and the mail about that.
            let outcome = try await Self.settle(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 1), on: bus)

            #expect(outcome == Outcome(completed: 4))
            let summary = try await service.summary()
            #expect(summary.events.allocationRequired == 4)
            #expect(summary.deallocated == 2)
            #expect(summary.allocatedLines == 1)
            #expect(summary.outOfStockSKUs == 1)
            #expect(try await service.sentMails() == [1: 1])
        }
    }

    @Test("an event with an unknown SKU is a dead letter after one attempt, and its key goes on")
    func unknownSKU() async throws {
        try await Self.run { service in
            let bus = service.bus
            let wrong = try await bus.publish(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: 1))
            let right = try await bus.publish(Self.created("b1", 10))
            #expect(try await bus.outcome(of: wrong) == Outcome(dead: 1))
            #expect(try await bus.outcome(of: right) == Outcome(completed: 1))

            let letters = try await bus.deadLetters.list().letters
            #expect(letters.map(\.reason) == [.permanent])
            #expect(letters.first?.attempts.count == 1)
            #expect(letters.first?.errorText == "permanent failure: SKU \"LAMP\" is unknown: no batch of it was ever created")
            #expect(letters.first?.parksKey == false)
            #expect(try await service.summary().deadLettered == 1)
        }
    }

    @Test("a batch created twice with the same facts counts once; with other facts it is a dead letter")
    func duplicates() async throws {
        try await Self.run { service in
            let bus = service.bus
            var outcomes: [Outcome] = []
            for quantity in [10, 10, 11] { outcomes.append(try await Self.settle(Self.created("b1", quantity), on: bus)) }
            #expect(outcomes == [Outcome(completed: 1), Outcome(completed: 1), Outcome(dead: 1)])
            #expect(try await service.summary().availableUnits == 10)
        }
    }

    @Test("a batch may give back more lines than the queues have room for", .timeLimit(.minutes(10)))
    func manyLinesGivenBack() async throws {
        let lines = 2_500
        try await Self.run { service in
            let bus = service.bus
            try await Self.settle(Self.created("b1", lines), on: bus)
            try await bus.publish(
                contentsOf: (0..<lines).map { AllocationRequired(orderID: "o\($0)", sku: "LAMP", quantity: 1) })
            let outcome = try await Self.settle(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 0), on: bus)
            #expect(outcome == Outcome(completed: 1 + 2 * lines))
            let summary = try await service.summary()
            #expect(summary.deallocated == lines)
            #expect(summary.events.outOfStock == lines)
            #expect(try await service.sentMails().count == lines)
        }
    }

    // MARK: - The command

    @Test("the command Allocate returns the reference of the batch")
    func commandResult() async throws {
        try await Self.run { service in
            let bus = service.bus
            try await Self.settle(Self.created("b1", 10), on: bus)
            let reference = try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 10))
            #expect(reference == "b1")
            #expect(try await service.summary().availableUnits == 0)
        }
    }

    @Test("the command Allocate returns nothing when no batch has enough, and that is mailed")
    func commandOutOfStock() async throws {
        try await Self.run { service in
            let bus = service.bus
            try await Self.settle(Self.created("b1", 10), on: bus)
            var stream = bus.events(of: OutOfStock.self).makeAsyncIterator()
            let reference = try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 11))
            #expect(reference == nil)

            let published = await stream.next()
            #expect(published?.event == OutOfStock(sku: "LAMP"))
            #expect(try await service.summary().events.outOfStock == 1)
        }
    }

    @Test("the command Allocate throws the error of the domain to its sender, and publishes nothing")
    func commandError() async throws {
        try await Self.run { service in
            let bus = service.bus
            await #expect(throws: AllocationError.unknownSKU("LAMP")) {
                try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 1))
            }
            await #expect(throws: AllocationError.unknownSKU("LAMP")) {
                try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 0))
            }
            #expect(await bus.statistics().published == 0)
            let summary = try await service.summary()
            #expect(summary.deadLettered == 0)
        }
    }

    // MARK: - Mails

    @Test("mails that are refused for a moment are tried again, and each is noted as sent once")
    func retriedMail() async throws {
        try await Self.run(mailFaults: .some) { service in
            let outcomes = try await service.runOutOfStock(24)
            #expect(outcomes == [Outcome(completed: 1, dead: 1)] + Array(repeating: Outcome(completed: 2), count: 23))
            let sent = try await service.sentMails()
            #expect(sent.count == 23)
            #expect(sent.filter { $0.value > 1 } == [12: 2, 24: 3])
        }
    }

    @Test("a mail that is always refused is a dead letter with its history, and is sent by a redrive after the repair")
    func redrivenMail() async throws {
        try await Self.run(mailFaults: .some) { service in
            _ = try await service.runOutOfStock(1)
            #expect(try await service.summary().deadLettered == 1)
            #expect(try await service.sentMails().isEmpty)

            let letter = try #require(try await service.bus.deadLetters.list().letters.first)
            #expect(letter.reason == .exhausted)
            #expect(letter.attempts.map(\.number) == [1, 2, 3, 4])
            #expect(letter.attempts.allSatisfy { $0.errorText == "452 spool damaged (injected fault)" })

            service.application.mailer.repair()
            let receipt = try await service.bus.deadLetters.redrive(letter.id)
            #expect(try await service.bus.outcome(of: receipt) == Outcome(completed: 1))
            #expect(try await service.sentMails() == [1: 5])
            #expect(try await service.summary().deadLettered == 0)
        }
    }

    @Test("an event without the number of its mail is a dead letter at once")
    func mailWithoutNumber() async throws {
        try await Self.run { service in
            let outcome = try await Self.settle(OutOfStock(sku: "LAMP"), on: service.bus)
            #expect(outcome == Outcome(dead: 1))
        }
    }
}
