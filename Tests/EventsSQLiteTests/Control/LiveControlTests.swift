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
import Testing

@testable import EventsSQLite

@Suite("Steering a running bus by its socket", .timeLimit(.minutes(15)))
struct LiveControlTests {
    private let service: LetterService

    init() throws {
        service = try LetterService()
    }

    @Test("a letter is sent back through the bus, and who did it is kept")
    func retry() async throws {
        let service = service
        try await service.leaveLetters(2)
        try await service.run { bus in
            let result = try await service.caller.ask(.retry(.one("mail/2")), reason: "the server is back")
            #expect(result == .letters(count: 1, ids: ["mail/2"]))
            try await service.wait(for: "SELECT 1 FROM bus_settlements", on: bus)
            #expect(service.handled == [2])
        }
        #expect(
            try service.column("SELECT action || ' ' || subject || ' ' || affected || ' ' || reason FROM bus_audit") == [
                "redrive mail/2 1 the server is back"
            ])
        let actor = try service.column("SELECT actor FROM bus_audit")[0].string
        #expect(actor == "tester (uid \(geteuid()))")
        #expect(try service.column("SELECT number FROM bus_redrives WHERE offset = 2") == [1])
    }

    @Test("letters that a filter matches are sent back or given up together")
    func bulk() async throws {
        let service = service
        try await service.leaveLetters(4) { $0 < 3 ? "a" : "b" }
        try await service.run { bus in
            let caller = try service.caller
            let given = try await caller.ask(.discard(.matching(DeadLetterFilter(orderingKey: "b"))), reason: "void")
            // The fourth was parked behind the third, and goes on.
            #expect(given == .letters(count: 1, ids: ["mail/3"]))
            let sent = try await caller.ask(.retry(.matching(DeadLetterFilter(orderingKey: "a"))))
            #expect(sent == .letters(count: 1, ids: ["mail/1"]))
            // The second of the key was parked behind the first and goes on with it.
            while !service.handled.contains(2) { await Task.yield() }
            #expect(service.handled.filter { $0 < 3 } == [1, 2])
        }
    }

    @Test("what cannot be is refused with the reason, and nothing is kept of it")
    func refusals() async throws {
        let service = service
        try await service.leaveLetters(1)
        try await service.run(subscriptions: ["other"]) { _ in
            let caller = try service.caller
            func code(_ change: ControlChange) async -> ControlError.Code? {
                do {
                    _ = try await caller.ask(change)
                    return nil
                } catch { return (error as? ControlError)?.code }
            }
            #expect(await code(.retry(.one("mail/1"))) == .refused, "nobody handles it")
            #expect(await code(.retry(.one("mail/9"))) == .unknown)
            #expect(await code(.discard(.one("mail/9"))) == .unknown)
            #expect(await code(.retry(.one("nonsense"))) == .invalid)
            #expect(await code(.edit(letter: "mail/9", values: [ControlEdit(pointer: "/a", value: "1")])) == .unknown)
            #expect(await code(.apply(plan: 7, pace: PlanPace())) == .invalid)
            #expect(await code(.cancel(plan: 7)) == .invalid)
        }
        #expect(try service.column("SELECT count(*) FROM bus_audit") == [0])
        #expect(try service.column("SELECT count(*) FROM bus_dead_letters") == [1])
    }

    @Test("the bus says what it has in memory")
    func status() async throws {
        let service = service
        try await service.run(subscriptions: ["mail", "stock"]) { bus in
            try await bus.publish(LetterService.Ordered(key: nil, quantity: 1))
            guard case .status(let status) = try await service.caller.ask(.status) else {
                Issue.record("no status")
                return
            }
            #expect(status.processID == ProcessInfo.processInfo.processIdentifier)
            #expect(status.phase == "running")
            #expect(status.subscriptions.map(\.name) == ["mail", "stock"])
            #expect(status.subscriptions.map(\.workerLimit) == [3, 3])
        }
    }

    @Test(
        "whatever is said, the answer is an error and the bus goes on",
        arguments: [
            "", "{", "null", "[]", "{\"version\":1}",
            "{\"version\":2,\"change\":{\"status\":{}},\"actor\":\"a\",\"reason\":\"\"}",
            "{\"version\":1,\"change\":{\"explode\":{}},\"actor\":\"a\",\"reason\":\"\"}", "\u{0}\u{1}\u{2}",
            String(repeating: "[", count: 10_000),
        ])
    func nonsense(line: String) async throws {
        let service = service
        try await service.run { _ in
            let caller = try service.caller
            let reply = try await caller.say(Array(line.utf8) + [10])
            #expect(reply.result == nil && reply.error != nil)
            guard case .status = try await caller.ask(.status) else {
                Issue.record("the bus does not answer any more")
                return
            }
        }
    }

    @Test("bytes that are no text are refused as well")
    func invalidText() async throws {
        let service = service
        try await service.run { _ in
            let reply = try await service.caller.say([0xFF, 0xFE, 0x80, 10])
            #expect(reply.error?.code == .invalid)
        }
    }

    @Test("an edit is what the letter is handled with, and the event stays as it was")
    func edit() async throws {
        let service = service
        try await service.leaveLetters(1)
        try await service.run(subscriptions: ["mail", "audit"]) { bus in
            let caller = try service.caller
            let edits = [ControlEdit(pointer: "/quantity", value: "70")]
            #expect(try await caller.ask(.edit(letter: "mail/1", values: edits), reason: "typing error") == .edited(number: 1))
            let letter = try await bus.deadLetters.show(DeadLetter.ID(subscription: "mail", offset: Offset(rawValue: 1)))
            #expect((letter.event as? LetterService.Ordered)?.quantity == 70)
            _ = try await caller.ask(.retry(.one("mail/1")))
            while service.handled.isEmpty { await Task.yield() }
            #expect(service.handled == [70])
        }
        #expect(try service.column("SELECT payload FROM bus_events") == ["{\"quantity\":1}"])
        #expect(try service.column("SELECT subject FROM bus_audit WHERE action = 'edit'") == ["mail/1 /quantity"])
    }

    @Test("an edit that the service could not read is refused")
    func unreadableEdit() async throws {
        let service = service
        try await service.leaveLetters(1)
        try await service.run { _ in
            let caller = try service.caller
            await #expect {
                try await caller.ask(.edit(letter: "mail/1", values: [ControlEdit(pointer: "/quantity", value: "\"two\"")]))
            } throws: { error in
                (error as? ControlError)?.code == .invalid && "\(error)".contains("quantity")
            }
        }
        #expect(try service.column("SELECT count(*) FROM bus_edits") == [0])
    }

    @Test("a bus that is not served has no socket")
    func unserved() async throws {
        let service = service
        try await service.run(served: false) { _ in
            let caller = Caller(ControlAddress(database: try DatabasePath(service.path).path), isExpected: false)
            await #expect(throws: ControlError.self) { try await caller.ask(.status) }
        }
    }

    @Test("a bus whose run is cancelled ends, socket and all, also while clients are connected")
    func cancelled() async throws {
        let service = service
        let bus = try await EventBus(log: .sqlite(service.path)) { handlers in
            try handlers.subscribe("mail", to: LetterService.Ordered.self) { _, _ in }
        }
        let run = Task { try await bus.run() }
        let caller = try service.caller
        _ = try await caller.ask(.status)
        let idle = try await caller.perform {
            try RawPeer(ControlAddress(database: try DatabasePath(service.path).path)).descriptor
        }
        #expect(idle > 0)
        run.cancel()
        _ = try await run.value
        #expect(!FileManager.default.fileExists(atPath: service.path + "-socket"))
    }

    @Test("the socket goes with the bus")
    func gone() async throws {
        let service = service
        try await service.run { _ in
            _ = try await service.caller.ask(.status)
            #expect(FileManager.default.fileExists(atPath: service.path + "-socket"))
        }
        #expect(!FileManager.default.fileExists(atPath: service.path + "-socket"))
    }
}
