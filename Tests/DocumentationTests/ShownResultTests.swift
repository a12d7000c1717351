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

/// What a page says that a snippet prints, it prints.
@Suite("Shown results", .timeLimit(.minutes(10)))
struct ShownResultTests {
    @Test("the README's ten lines print what stands below them")
    func readme() async throws {
        let printed = try await Transcript.of(ReadmeSnippets.tenLines)
        try Self.expect(printed, in: "README.md")
    }

    @Test("each program of the tutorial prints what the tutorial shows")
    func tutorial() async throws {
        for main in [FirstShop.main, SecondShop.main, ThirdShop.main] {
            let printed = try await Transcript.of(main)
            try Self.expect(["$ swift run"] + printed, in: "docs/getting-started.md")
        }
    }

    @Test("the tutorial's service reports what the tutorial shows")
    func service() async throws {
        let printed = try await Transcript.of {
            try await withSeededSchedule(seed: 1) { schedule in
                let bus = try EventBus(configuration: .on(schedule), handlers: { try ThirdShop.Shop().register(in: &$0) })
                try await bus.publish(FirstShop.OrderPlaced(orderID: "10248", customer: "VINET"))
                bus.beginShutdown()
                // The terminal shows the key before the report.
                print("^C\(try await bus.run())")
            }
        }
        try Self.expect(["$ swift run"] + printed, in: "docs/getting-started.md")
    }

    @Test("the dead letters are listed as the page on failure shows them")
    func letters() async throws {
        let faults = ["server busy", "server busy", "no such mailbox"].map(FailureSnippets.MailFault.init)
        let printed = try await Transcript.of {
            try await withSeededSchedule(seed: 1) { schedule in
                let mail = FailureSnippets.MailServer(faults: faults)
                let register: @Sendable (inout HandlerRegistry) throws -> Void = { handlers in
                    try handlers.subscribe(
                        "confirm-by-mail", to: FailureSnippets.OrderPlaced.self,
                        retry: .constant(.seconds(1), maxAttempts: 3)
                    ) { order, _ in
                        try await mail.send(to: order.customer, about: order.orderID)
                    }
                }
                try await withEventBus(configuration: .on(schedule), handlers: register) { bus in
                    let order = FailureSnippets.OrderPlaced(orderID: "10248", customer: "VINET")
                    let receipt = try await bus.publish(order)
                    _ = try await bus.outcome(of: receipt)
                    try await FailureSnippets.list(bus)
                }
            }
        }
        try Self.expect(printed, in: "docs/handling-failure.md")
    }

    @Test("run() returns the report that the page on publishing shows")
    func report() async throws {
        let printed = try await Transcript.of {
            let bus = try PublishingSnippets.makeBus()
            async let run: Void = PublishingSnippets.run(bus)
            let placed = try await bus.publish(PublishingSnippets.order)
            let cancelled = try await bus.publish(PublishingSnippets.OrderCancelled(orderID: "10248"))
            // In real time and on a busy machine, a shutdown's deadline may come before the handlers do.
            for receipt in [placed, cancelled] { _ = try await bus.outcome(of: receipt) }
            bus.beginShutdown()
            try await run
        }
        let shown = try Documentation.text("docs/publishing.md")
        #expect(shown.contains("print(report)  // \(printed[0])\n"))
    }

    /// Records an issue unless a block of the page shows exactly these lines.
    private static func expect(
        _ lines: [String], in page: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let shown = try Documentation.page(page).blocks
            .filter { $0.language == "text" || $0.language == "console" }
        #expect(
            shown.contains { $0.lines == lines }, "\(page) shows no block with these lines: \(lines)",
            sourceLocation: sourceLocation)
    }
}

extension EventBusConfiguration {
    /// The defaults, in the time and the order of a schedule.
    static func on(_ schedule: SeededSchedule) -> EventBusConfiguration {
        var configuration = EventBusConfiguration()
        configuration.environment = schedule.environment
        return configuration
    }
}
