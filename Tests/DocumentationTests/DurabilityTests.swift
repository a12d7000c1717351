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
import EventsTesting
import Foundation
import Testing

/// What docs/durability.md says about its snippets, they do.
@Suite("Durability snippets", .timeLimit(.minutes(10)))
struct DurabilityTests {
    private typealias Snippets = DurabilitySnippets
    private typealias Order = DurabilitySnippets.OrderPlaced

    /// Runs a bus for the length of a closure; what it leaves stays in the log.
    private func running<Value: Sendable>(
        _ bus: EventBus, _ body: @escaping @Sendable (EventBus) async throws -> Value
    ) async throws -> Value {
        async let report = bus.run()
        let value: Value
        do {
            value = try await body(bus)
        } catch {
            bus.beginShutdown()
            _ = try? await report
            throw error
        }
        bus.beginShutdown()
        _ = try await report
        return value
    }

    private func rowCount(_ query: String, _ bus: EventBus) async throws -> Int {
        try await bus.read { try $0.query(query) }.count
    }

    @Test("the README's durable bus handles the order once, and says so when it is run again")
    func readme() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let first = try await Transcript.of { try await ReadmeSnippets.durable(path) }
            let second = try await Transcript.of { try await ReadmeSnippets.durable(path) }
            #expect(first == ["attempt 1 to confirm order 10248", "event 1: completed 1"])
            #expect(second == ["event 1: completed 1"])
            let shown = try Documentation.page("README.md").blocks.filter { $0.language == "text" }.map(\.lines)
            #expect(shown.contains(first + second))
        }
    }

    @Test("a handler's row and event are there when it succeeds; when the row cannot be, neither is")
    func oneCommit() async throws {
        try await withFolder { folder in
            let bus = try await Snippets.open(folder + "/shop.db", register: Snippets.subscribeStock)
            let printed = try await Transcript.of {
                try await running(bus) { bus in
                    try await Snippets.deliver(bus)
                    let receipts = try await Snippets.publishBatch(bus)
                    var outcomes: [Outcome] = []
                    for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
                    #expect(outcomes == [Outcome(completed: 1), Outcome(completed: 1), Outcome(dead: 1)])
                    let letters = try await bus.deadLetters.list().letters
                    #expect(letters.map(\.reason) == [.permanent])
                    #expect(letters.map(\.id.offset) == [receipts[2].offset])
                    #expect(letters.first?.errorText.contains("out of stock") == true)
                    #expect(try await rowCount("SELECT 1 FROM bus_events WHERE name = 'stock.reserved'", bus) == 2)
                    try await Snippets.list(bus)
                }
            }
            #expect(printed == ["CHAI 0"])
        }
    }

    @Test("a repeated publish returns the first publication, also on a later bus, and its outcome is known there")
    func repeats() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let bus = try await Snippets.open(path, register: Snippets.subscribeStock)
            let first = try await running(bus) { bus in
                try await Snippets.deliver(bus)
                let first = try await Snippets.publishBatch(bus)
                _ = try await bus.outcome(of: first[0])
                return first.map(\.id)
            }
            let later = try await Snippets.open(path, register: Snippets.subscribeStock)
            try await running(later) { bus in
                let again = try await Snippets.publishBatch(bus)
                #expect(again.map(\.id) == first)
                #expect(try await bus.outcome(of: again[0]) == Outcome(completed: 1))
                let undecided = Ledger()
                try await Snippets.publish(Snippets.orders[0], on: bus, undecided: undecided)
                #expect(await undecided.notes.isEmpty)
                #expect(try await rowCount("SELECT 1 FROM bus_events WHERE name = 'order.placed'", bus) == 3)
            }
        }
    }

    @Test("a scheduled event is in the log until it is cancelled")
    func scheduling() async throws {
        try await withFolder { folder in
            let bus = try await Snippets.open(folder + "/shop.db") { _ in }
            try await running(bus) { bus in
                #expect(try await Snippets.schedule(bus))
                try await bus.publish(Snippets.PaymentDue(orderID: "10249"), after: .seconds(86_400))
                #expect(try await rowCount("SELECT id FROM bus_scheduled", bus) == 1)
            }
        }
    }

    @Test("a new subscription begins where it says; one that is absent keeps its place until it is removed")
    func subscriptions() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let ledger = Ledger()
            let first = try await Snippets.open(path) { _ in }
            try await running(first) { _ = try await Snippets.publishBatch($0) }
            let second = try await Snippets.open(path) { try Snippets.subscribeFromTheBeginning(&$0, ledger) }
            try await running(second) { bus in
                let last = try #require(try await Snippets.publishBatch(bus).last)
                #expect(try await bus.outcome(of: last) == Outcome(completed: 1))
                await #expect(throws: EventBusError.self) { try await bus.removeSubscription("ledger") }
            }
            #expect(await ledger.notes == ["open 10248", "open 10249", "open 10250"])
            let third = try await Snippets.open(path) { _ in }
            let printed = try await Transcript.of {
                try await running(third) { bus in
                    let receipt = try await bus.publish(Order(orderID: "10251", sku: "CHANG"))
                    #expect(try await bus.outcome(of: receipt) == Outcome(absent: ["ledger": 1]))
                    try await Snippets.remove(bus)
                    #expect(try await bus.outcome(of: receipt) == Outcome())
                }
            }
            #expect(printed == ["gave up 1 deliveries, 0 dead letters"])
        }
    }

    @Test("an event of an older version is read through its upcaster; without one it is a dead letter that can be redriven")
    func upcasting() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let ledger = Ledger()
            let old = try await Snippets.open(path) { try Snippets.subscribeFromTheBeginning(&$0, ledger) }
            try await old.publish(Snippets.orders[0])
            old.beginShutdown()
            _ = try await old.run()
            let without = try await Snippets.open(path) { try LaterDurabilitySnippets.register(&$0, ledger) }
            try await running(without) { bus in
                for await letter in bus.deadLetters.arrivals() {
                    #expect(letter.reason == .undecodable)
                    #expect(letter.errorType == "MissingUpcaster")
                    break
                }
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                #expect(letter.payload.map { String(decoding: $0, as: UTF8.self) }?.contains("10248") == true)
            }
            let with = try await Snippets.open(path) { handlers in
                try LaterDurabilitySnippets.register(&handlers, ledger)
                try LaterDurabilitySnippets.upcast(&handlers)
            }
            try await running(with) { bus in
                let letter = try #require(try await bus.deadLetters.list().letters.first)
                let receipt = try await bus.deadLetters.redrive(letter.id)
                #expect(try await bus.outcome(of: receipt) == Outcome(completed: 1))
            }
            #expect(await ledger.notes == [#"note 10248: ["CHAI"]"#])
        }
    }

    @Test("a shutdown leaves what has not begun in the log, where the next bus finds it")
    func shutdown() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let ledger = Ledger()
            let idle = try await Snippets.open(path) { try Snippets.subscribeFromTheBeginning(&$0, ledger) }
            _ = try await Snippets.publishBatch(idle)
            idle.beginShutdown()
            let printed = try await Transcript.of { try await Snippets.run(idle) { _ in Issue.record("the log failed") } }
            #expect(printed == ["completed 0, released 0, abandoned 0, dead letters 0, parked 0"])
            let next = try await Snippets.open(path) { try Snippets.subscribeFromTheBeginning(&$0, ledger) }
            try await running(next) { bus in
                let last = try #require(try await Snippets.publishBatch(bus).last)
                _ = try await bus.outcome(of: last)
            }
            #expect(await ledger.notes.count == 3)
        }
    }

    @Test("when its file is gone, a log rejects what comes, and run() throws")
    func failedLog() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let bus = try await Snippets.open(path) { _ in }
            let undecided = Ledger()
            let printed = try await Transcript.of {
                try await withThrowingTaskGroup(of: Int32.self) { group in
                    group.addTask {
                        var status: Int32 = 0
                        try await Snippets.run(bus) { status = $0 }
                        return status
                    }
                    try FileManager.default.removeItem(atPath: path)
                    await #expect {
                        try await Snippets.publish(Snippets.orders[0], on: bus, undecided: undecided)
                    } throws: { error in
                        (error as? PublishError)?.reason == .logFailed && (error as? PublishError)?.result == .rejected
                    }
                    #expect(try await group.next() == 1)
                }
            }
            #expect(printed.count == 1)
            #expect(printed.first?.hasPrefix("the log failed: lost: ") == true)
            #expect(await undecided.notes.isEmpty)
        }
    }

    @Test("a second owner waits for the first, or is refused with its process")
    func owner() async throws {
        try await withFolder { folder in
            let path = folder + "/shop.db"
            let first = try await Snippets.open(path) { _ in }
            await #expect {
                _ = try await Snippets.open(path) { _ in }
            } throws: { error in
                guard let failure = error as? LogFailure else { return false }
                return failure.reason == .owned && failure.message.contains("pid \(ProcessInfo.processInfo.processIdentifier)")
            }
            async let second = Snippets.openInTurn(path) { _ in }
            first.beginShutdown()
            _ = try await first.run()
            let bus = try await second
            bus.beginShutdown()
            _ = try await bus.run()
        }
    }

    @Test("a backup is a log with the same events, and nothing but its owner can read the files")
    func backup() async throws {
        try await withFolder { folder in
            let (path, target) = (folder + "/shop.db", folder + "/backup.db")
            let bus = try await Snippets.open(path) { _ in }
            try await running(bus) { bus in
                _ = try await Snippets.publishBatch(bus)
                try await Snippets.backUp(bus, to: target)
                for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
                    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + file)
                    #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
                }
            }
            let copy = try await Snippets.open(target) { _ in }
            let count = try await running(copy) { try await rowCount("SELECT 1 FROM bus_events", $0) }
            #expect(count == 3)
        }
    }

    @Test("a publish past the backlog limit is rejected; options and bounds are taken as shown")
    func bounds() async throws {
        try await withFolder { folder in
            var configuration = Snippets.bounded
            #expect(configuration.backlog == BacklogPolicy(limit: 100_000, overflow: .reject))
            #expect(configuration.retention == RetentionPolicy(maxAge: .seconds(2_592_000)))
            configuration.backlog?.limit = 2
            let bus = try await EventBus(log: .sqlite(folder + "/shop.db"), configuration: configuration) { handlers in
                try Snippets.limitCrashes(&handlers, Warehouse())
            }
            try await bus.publish(Snippets.orders[0])
            try await bus.publish(Snippets.orders[1])
            await #expect {
                try await bus.publish(Snippets.orders[2])
            } throws: { error in
                (error as? PublishError)?.reason == .backlogFull && (error as? PublishError)?.result == .rejected
            }
            bus.beginShutdown()
            _ = try await bus.run()
        }
    }

    @Test("what needs a log is refused by a bus in memory")
    func inMemory() async throws {
        let bus = try EventBus()
        await #expect(throws: EventBusError.self) { try await Snippets.deliver(bus) }
        await #expect(throws: EventBusError.self) { try await Snippets.list(bus) }
        await #expect(throws: EventBusError.self) { try await Snippets.remove(bus) }
        await #expect(throws: PublishError.self) { try await Snippets.schedule(bus) }
        await #expect(throws: PublishError.self) { try await Snippets.publishBatch(bus) }
    }
}
