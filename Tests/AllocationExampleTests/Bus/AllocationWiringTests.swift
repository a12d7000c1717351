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
import Testing

@testable import AllocationExample

@Suite("The service on the bus")
struct AllocationWiringTests {
    private static func created(_ reference: String, _ quantity: Int, sku: String = "LAMP") -> BatchCreated {
        BatchCreated(reference: reference, sku: sku, quantity: quantity, eta: nil)
    }

    /// Runs the service in virtual time, once for each of some seeds.
    private static func explore(
        _ body: @escaping @Sendable (AllocationApplication, EventBus) async throws -> Void
    ) async throws {
        try await exploreSchedules(seeds: 0..<20) { schedule in
            let application = AllocationApplication(mailFaults: .none)
            try await application.withBus(workers: 4, environment: schedule.environment) { bus in
                try await body(application, bus)
            }
        }
    }

    /// Publishes an event and waits for all that it leads to.
    @discardableResult
    private static func settle(_ event: some Event, on bus: EventBus) async throws -> Outcome {
        try await bus.outcome(of: bus.publish(event), including: .descendants)
    }

    // MARK: - Events

    @Test("a shrunk batch gives lines back, which find another batch or are out of stock, which is mailed")
    func reallocation() async throws {
        try await Self.explore { application, bus in
            try await Self.settle(Self.created("b1", 10), on: bus)
            try await Self.settle(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: 4), on: bus)
            try await Self.settle(AllocationRequired(orderID: "o2", sku: "LAMP", quantity: 4), on: bus)
            try await Self.settle(Self.created("b2", 4), on: bus)
            // One line for b2, one for nobody, and the mail about that.
            let outcome = try await Self.settle(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 1), on: bus)

            #expect(outcome == Outcome(completed: 4))
            let summary = application.summary(rejectedLines: 0)
            #expect(summary.events.allocationRequired == 4)
            #expect(summary.deallocated == 2)
            #expect(summary.allocatedLines == 1)
            #expect(summary.outOfStockSKUs == 1)
            #expect(application.mailer.sent == 1)
        }
    }

    @Test("an event with an unknown SKU is a dead letter after one attempt, and its key goes on")
    func unknownSKU() async throws {
        try await Self.explore { application, bus in
            let wrong = try await bus.publish(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: 1))
            let right = try await bus.publish(Self.created("b1", 10))
            #expect(try await bus.outcome(of: wrong) == Outcome(dead: 1))
            #expect(try await bus.outcome(of: right) == Outcome(completed: 1))

            let letters = try await bus.deadLetters.list().letters
            #expect(letters.map(\.reason) == [.permanent])
            #expect(letters.first?.attempts.count == 1)
            #expect(letters.first?.errorText == "permanent failure: SKU \"LAMP\" is unknown: no batch of it was ever created")
            #expect(letters.first?.parksKey == false)
            #expect(application.summary(rejectedLines: 0).deadLettered == 1)
        }
    }

    @Test("a batch created twice with the same facts counts once; with other facts it is a dead letter")
    func duplicates() async throws {
        try await Self.explore { application, bus in
            var outcomes: [Outcome] = []
            for quantity in [10, 10, 11] { outcomes.append(try await Self.settle(Self.created("b1", quantity), on: bus)) }
            #expect(outcomes == [Outcome(completed: 1), Outcome(completed: 1), Outcome(dead: 1)])
            #expect(application.summary(rejectedLines: 0).availableUnits == 10)
        }
    }

    @Test("a batch may give back more lines than the queues have room for", .timeLimit(.minutes(10)))
    func manyLinesGivenBack() async throws {
        let lines = 5_000
        let application = AllocationApplication(mailFaults: .none)
        try await application.withBus(workers: 4) { bus in
            try await Self.settle(Self.created("b1", lines), on: bus)
            for number in 0..<lines {
                try await bus.publish(AllocationRequired(orderID: "o\(number)", sku: "LAMP", quantity: 1))
            }
            let outcome = try await Self.settle(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 0), on: bus)
            #expect(outcome == Outcome(completed: 1 + 2 * lines))
        }
        let summary = application.summary(rejectedLines: 0)
        #expect(summary.deallocated == lines)
        #expect(summary.events.outOfStock == lines)
        #expect(application.mailer.sent == lines)
    }

    // MARK: - The command

    @Test("the command Allocate returns the reference of the batch")
    func commandResult() async throws {
        try await Self.explore { application, bus in
            try await Self.settle(Self.created("b1", 10), on: bus)
            let reference = try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 10))
            #expect(reference == "b1")
            #expect(application.unitOfWork.totals.availableUnits == 0)
        }
    }

    @Test("the command Allocate returns nothing when no batch has enough, and that is mailed")
    func commandOutOfStock() async throws {
        try await Self.explore { application, bus in
            try await Self.settle(Self.created("b1", 10), on: bus)
            var stream = bus.events(of: OutOfStock.self).makeAsyncIterator()
            let reference = try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 11))
            #expect(reference == nil)

            let published = await stream.next()
            #expect(published?.event == OutOfStock(sku: "LAMP"))
            #expect(application.summary(rejectedLines: 0).events.outOfStock == 1)
        }
    }

    @Test("the command Allocate throws the error of the domain to its sender, and publishes nothing")
    func commandError() async throws {
        try await Self.explore { application, bus in
            await #expect(throws: AllocationError.unknownSKU("LAMP")) {
                try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 1))
            }
            await #expect(throws: AllocationError.unknownSKU("LAMP")) {
                try await bus.send(Allocate(orderID: "o1", sku: "LAMP", quantity: 0))
            }
            #expect(await bus.statistics().published == 0)
            #expect(application.summary(rejectedLines: 0).deadLettered == 0)
        }
    }

    // MARK: - Mails

    @Test("a mail that is refused for a moment is retried after 20 and 40 milliseconds, and sent once")
    func retriedMail() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let application = AllocationApplication(mailFaults: .some)
            try await application.withBus(workers: 4, environment: schedule.environment) { bus in
                for _ in 1...23 { try await bus.publish(OutOfStock(sku: "LAMP")) }
                await schedule.advance(by: .seconds(1))
                let start = schedule.clock.now
                // The 24th mail is refused twice.
                #expect(try await Self.settle(OutOfStock(sku: "DESK"), on: bus) == Outcome(completed: 1))
                #expect(start.duration(to: schedule.clock.now) == .milliseconds(60))
                let refused = application.mailer.refused.last
                #expect(refused?.mail.sku == "DESK")
                #expect(refused?.cause.attempt == 3)
                #expect(refused?.isSent == true)
            }
            #expect(application.mailer.mails == 24)
            #expect(application.mailer.sent == 23)
        }
    }

    @Test("a mail that is always refused is a dead letter with its history, and is sent by a redrive after the repair")
    func redrivenMail() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let application = AllocationApplication(mailFaults: .some)
            try await application.withBus(workers: 4, environment: schedule.environment) { bus in
                let receipt = try await bus.publish(OutOfStock(sku: "LAMP"))
                #expect(try await bus.outcome(of: receipt) == Outcome(dead: 1))
                #expect(application.summary(rejectedLines: 0).deadLettered == 1)

                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.reason == .exhausted)
                #expect(letter.attempts.map(\.number) == [1, 2, 3, 4])
                #expect(letter.attempts.allSatisfy { $0.errorText == "452 spool damaged (injected fault)" })

                application.mailer.repair()
                try await bus.deadLetters.redrive(letter.id)
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1))
                #expect(application.mailer.stuck?.cause.attempt == 5)
                #expect(application.mailer.stuck?.isSent == true)
            }
            #expect(application.summary(rejectedLines: 0).deadLettered == 0)
        }
    }

    @Test("a mail that waits for its next attempt does not hold up another, not even about the same SKU")
    func mailsDoNotWait() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let application = AllocationApplication(mailFaults: .some)
            try await application.withBus(workers: 4, environment: schedule.environment) { bus in
                try await bus.publish(OutOfStock(sku: "LAMP"))
                await schedule.idle()
                let start = schedule.clock.now
                #expect(try await Self.settle(OutOfStock(sku: "LAMP"), on: bus).isSuccess)
                #expect(schedule.clock.now == start)
            }
        }
    }
}
