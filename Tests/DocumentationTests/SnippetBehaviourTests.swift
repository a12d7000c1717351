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

/// What the text around a snippet says about it, where the snippet prints nothing.
@Suite("What snippets do", .timeLimit(.minutes(10)))
struct SnippetBehaviourTests {
    private typealias Order = FailureSnippets.OrderPlaced

    // MARK: docs/publishing.md

    @Test("a handler that emits and publishes causes both events; one that is steered to fail only the published one")
    func emission() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            try await withEventBus(configuration: .on(schedule), handlers: PublishingSnippets.subscribeInvoicing) { bus in
                let probe = EventProbe(bus)
                try await bus.publish(PublishingSnippets.order)
                try await probe.expect(PublishingSnippets.InvoiceRequested.self)
                let sent = try await probe.expect(PublishingSnippets.InvoiceSent.self)
                #expect(sent.metadata.emittedBy == "invoicing")
            }
        }
    }

    @Test("a command returns its handler's result, and what it emits is published")
    func command() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            try await withEventBus(configuration: .on(schedule), handlers: PublishingSnippets.handleReserve) { bus in
                let probe = EventProbe(bus)
                let batch = try await PublishingSnippets.send(bus)
                #expect(batch == "batch-7")
                #expect(probe.events(of: PublishingSnippets.StockReserved.self).count == 1)
            }
        }
    }

    @Test("a later subscription says where it begins")
    func laterSubscription() async throws {
        let printed = try await Transcript.of {
            let bus = try EventBus()
            try await PublishingSnippets.publishBatch(bus)
            try await PublishingSnippets.subscribeLater(bus)
        }
        #expect(printed == ["sees everything after offset 3"])
    }

    @Test("a full lossy queue drops its oldest delivery and counts it")
    func lossyQueue() async throws {
        let bus = try EventBus(handlers: PublishingSnippets.subscribeDashboard)
        for _ in 1...501 { try await bus.publish(PublishingSnippets.order) }
        let statistics = await bus.statistics().subscriptions["dashboard"]
        #expect(statistics?.dropped == 1)
        #expect(statistics?.unfinished == 500)
    }

    @Test("publishing, looking on and awaiting an outcome work as shown")
    func publishAndLookOn() async throws {
        let printed = try await Transcript.of {
            try await withSeededSchedule(seed: 1) { schedule in
                let bus = try EventBus(configuration: .on(schedule))
                async let looked: Void = PublishingSnippets.lookOn(bus)
                await schedule.idle()
                try await PublishingSnippets.publish(bus)
                try await PublishingSnippets.awaitOutcome(bus)
                bus.beginShutdown()
                try await bus.run()
                await looked
            }
        }
        #expect(printed.contains { $0.hasSuffix(" is number 1") })
        #expect(printed.contains("1: 10248") && printed.contains("2: 10248"))
    }

    // MARK: docs/handling-failure.md

    @Test(
        "a handler that steers decides itself: charge, dead letter, discard",
        arguments: [("VINET", Outcome.Kind.completed), ("NOONE", .dead), ("TOMSP", .discarded)])
    func dispositions(customer: String, expected: Outcome.Kind) async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            try await withEventBus(configuration: .on(schedule), handlers: FailureSnippets.steer) { bus in
                let receipt = try await bus.publish(Order(orderID: "10248", customer: customer))
                let outcome = try await bus.outcome(of: receipt)
                #expect(outcome.kinds == [expected])
                #expect(try await bus.deadLetters.list().letters.allSatisfy { $0.reason == .permanent && !$0.parksKey })
            }
        }
    }

    @Test("an exhausted delivery parks its key; a redrive of the key sends the letter and what is behind it, in order")
    func parkedKey() async throws {
        try await withSeededSchedule(seed: 1) { schedule in
            let mail = FailureSnippets.MailServer(faults: (1...5).map { _ in FailureSnippets.MailFault("down") })
            try await withEventBus(configuration: .on(schedule), handlers: { try FailureSnippets.retry(&$0, mail) }) { bus in
                let probe = EventProbe(bus)
                let orders = ["10248", "10249", "10250"].map { Order(orderID: $0, customer: "VINET") }
                try await bus.publish(contentsOf: orders)
                try await probe.settle()
                #expect(await bus.statistics().subscriptions["confirm-by-mail"]?.parked == 2)
                #expect(try await FailureSnippets.redriveKey(bus).map(\.description) == ["confirm-by-mail/1"])
                try await probe.settle()
                #expect(await mail.sent == ["10248", "10249", "10250"])
            }
        }
    }

    @Test("letters are sent back one by one or by filter, and given up, as shown")
    func waysOut() async throws {
        let earlierAlerts = await FailureSnippets.pager.alerts.count
        let printed = try await Transcript.of {
            try await withSeededSchedule(seed: 1) { schedule in
                let mail = FailureSnippets.MailServer(faults: (1...15).map { _ in FailureSnippets.MailFault("down") })
                try await withEventBus(configuration: .on(schedule), handlers: { try FailureSnippets.retry(&$0, mail) }) { bus in
                    let probe = EventProbe(bus)
                    async let alerted: Void = FailureSnippets.alert(bus)
                    for customer in ["VINET", "TOMSP", "HANAR"] {
                        try await bus.publish(Order(orderID: "of \(customer)", customer: customer))
                    }
                    try await probe.settle()
                    let letters = try await bus.deadLetters.list().letters
                    #expect(letters.count == 3)
                    try await FailureSnippets.redrive(letters[0], bus)
                    try await FailureSnippets.discard(letters[1], bus)
                    #expect(try await FailureSnippets.redriveAll(bus) == [letters[2].id])
                    try await probe.settle()
                    #expect(try await bus.deadLetters.discards().map(\.reason) == ["customer called, order void"])
                    #expect(await mail.sent.count == 2)
                    bus.beginShutdown()
                    await alerted
                }
            }
        }
        #expect(printed == ["it worked"])
        #expect(await FailureSnippets.pager.alerts.count == earlierAlerts + 3)
    }
}

extension Outcome {
    enum Kind: Sendable {
        case completed, dead, discarded, parked, dropped
    }

    /// The kinds of which there are any.
    var kinds: Set<Kind> {
        let counts: [Kind: Int] = [
            .completed: completed, .dead: dead, .discarded: discarded, .parked: parked, .dropped: dropped,
        ]
        return Set(counts.filter { $0.value > 0 }.keys)
    }
}
