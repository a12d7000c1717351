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

@Suite("Redrive plans", .timeLimit(.minutes(15)))
struct PlanTests {
    private let service: LetterService

    init() throws {
        service = try LetterService()
    }

    private func stopped(_ change: ControlChange) async throws -> ControlResult {
        try await StoppedLog.perform(
            ControlRequest(change, actor: "tester"), on: service.path, at: Date(timeIntervalSince1970: 1_800_000_000))
    }

    private func pace(canary: Int = 0, abortAfter: Int? = nil, interval: Int64 = 0) -> PlanPace {
        var pace = PlanPace()
        pace.canary = canary
        pace.abortAfter = abortAfter
        pace.interval = interval
        return pace
    }

    private func end(of plan: Int64 = 1) throws -> [SQLiteValue] {
        try service.column("SELECT state || ': ' || ended_because FROM bus_plans WHERE id = \(plan)")
    }

    private static let ended = "SELECT 1 FROM bus_plans WHERE ended_at IS NOT NULL"

    @Test("a plan is a fixed set: what fails later, or again, is none of it")
    func frozen() async throws {
        let service = service
        try await service.leaveLetters(2)
        #expect(try await stopped(.plan(.all)) == .plan(id: 1, letters: 2))
        service.fail([3])
        try await service.run { bus in
            let late = try await bus.publish(LetterService.Ordered(key: nil, quantity: 3))
            _ = try await bus.outcome(of: late)
            let caller = try service.caller
            // One of the plan is redriven by hand, and dies again: another letter than the plan's.
            service.fail([2, 3])
            _ = try await caller.ask(.retry(.one("mail/2")))
            try await service.wait(for: "SELECT 1 FROM bus_dead_letters WHERE offset = 2 AND redrives = 1", on: bus)
            service.fail([])
            _ = try await caller.ask(.apply(plan: 1, pace: pace()))
            try await service.wait(for: Self.ended, on: bus)
        }
        #expect(service.handled == [1])
        #expect(try service.column("SELECT state FROM bus_plan_items ORDER BY position") == ["completed", "gone"])
        #expect(try service.column("SELECT offset FROM bus_dead_letters ORDER BY offset") == [2, 3])
    }

    @Test("a plan that is applied to a stopped bus is carried out by the next owner")
    func stored() async throws {
        let service = service
        try await service.leaveLetters(300)
        _ = try await stopped(.plan(.all))
        _ = try await stopped(.apply(plan: 1, pace: pace()))
        #expect(try service.column("SELECT count(*) FROM bus_dead_letters") == [300])
        try await service.run { bus in try await service.wait(for: Self.ended, on: bus) }
        #expect(service.handled.count == 300)
        #expect(try end() == ["done: every letter came to something"])
        #expect(try service.column("SELECT sum(affected) FROM bus_audit WHERE action = 'send'") == [300])
    }

    @Test("a plan goes on where it was when its bus ended half-way, and sends nothing twice")
    func resumed() async throws {
        let service = service
        try await service.leaveLetters(20)
        _ = try await stopped(.plan(.all))
        _ = try await stopped(.apply(plan: 1, pace: pace(interval: 1)))
        var runs = 0
        while try service.column("SELECT state FROM bus_plans") == ["applying"] {
            runs += 1
            // A bus that ends as soon as a little more was sent.
            let before = try service.column("SELECT count(*) FROM bus_plan_items WHERE sent_at IS NOT NULL")[0].int ?? 0
            try await service.run { bus in
                try await service.wait(
                    for: "SELECT 1 FROM bus_plans WHERE ended_at IS NOT NULL OR \(min(before + 3, 20)) <= "
                        + "(SELECT count(*) FROM bus_plan_items WHERE sent_at IS NOT NULL) AND \(before) < 20", on: bus)
            }
            try #require(runs < 100)
        }
        #expect(service.handled.sorted() == Array(1...20))
        #expect(try service.column("SELECT count(*) FROM bus_redrives") == [20])
    }

    @Test("a canary that fails keeps the rest where it is")
    func canary() async throws {
        let service = service
        try await service.leaveLetters(10)
        service.fail([2])
        try await service.run { bus in
            let caller = try service.caller
            _ = try await caller.ask(.plan(.all))
            _ = try await caller.ask(.apply(plan: 1, pace: pace(canary: 3)))
            try await service.wait(for: Self.ended, on: bus)
        }
        #expect(try end()[0].string?.hasPrefix("aborted: 1 of the first") == true)
        #expect(service.handled.allSatisfy { $0 <= 3 })
        #expect(try service.column("SELECT count(*) FROM bus_plan_items WHERE state = 'pending'")[0].int ?? 0 >= 7)
    }

    @Test("too many failures end a plan")
    func abort() async throws {
        let service = service
        try await service.leaveLetters(40)
        service.fail(Set(1...40))
        try await service.run { bus in
            let caller = try service.caller
            _ = try await caller.ask(.plan(.all))
            _ = try await caller.ask(.apply(plan: 1, pace: pace(abortAfter: 3, interval: 1_000_000_000)))
            // At that rate the second letter would come in a quarter of an hour, so they are sent by hand, as the plan would.
            _ = try await caller.ask(.cancel(plan: 1))
            _ = try await caller.ask(.plan(.all))
            _ = try await caller.ask(.apply(plan: 2, pace: pace(abortAfter: 3)))
            try await service.wait(for: "SELECT 1 FROM bus_plans WHERE id = 2 AND ended_at IS NOT NULL", on: bus)
        }
        #expect(try end(of: 2)[0].string?.hasPrefix("aborted: ") == true)
        #expect(service.handled.isEmpty)
        #expect(try end(of: 1) == ["cancelled: by hand"])
    }

    @Test("what waits behind a letter that failed again does not keep a plan open")
    func parked() async throws {
        let service = service
        service.fail([1, 2])
        try await service.run { bus in
            let caller = try service.caller
            for quantity in 1...2 {
                let receipt = try await bus.publish(LetterService.Ordered(key: quantity == 1 ? "a" : "b", quantity: quantity))
                _ = try await bus.outcome(of: receipt)
            }
            let follower = try await bus.publish(LetterService.Ordered(key: "a", quantity: 3))
            _ = try await bus.outcome(of: follower)
            _ = try await caller.ask(.plan(.all))
            _ = try await caller.ask(.apply(plan: 1, pace: pace()))
            try await service.wait(for: Self.ended, on: bus)
        }
        #expect(try end() == ["done: every letter came to something"])
        #expect(try service.column("SELECT state FROM bus_plan_items") == ["dead", "dead"])
    }

    @Test("a letter whose type nobody handles stays, and the plan says so")
    func unhandled() async throws {
        let service = service
        try await service.leaveLetters(2)
        _ = try await stopped(.plan(.all))
        _ = try await stopped(.apply(plan: 1, pace: pace()))
        try await service.run(subscriptions: ["other"]) { bus in try await service.wait(for: Self.ended, on: bus) }
        #expect(try service.column("SELECT state FROM bus_plan_items") == ["no handler", "no handler"])
        #expect(try service.column("SELECT count(*) FROM bus_dead_letters") == [2])
    }

    @Test("a bus ends at once although a plan waits for its rate, and the plan goes on with the next")
    func patience() async throws {
        let service = service
        try await service.leaveLetters(2)
        _ = try await stopped(.plan(.all))
        _ = try await stopped(.apply(plan: 1, pace: pace(interval: 3_600_000_000)))
        try await withEventBus(
            log: .sqlite(service.path),
            handlers: { try $0.subscribe("mail", to: LetterService.Ordered.self) { _, _ in } }
        ) { bus in
            try await service.wait(for: "SELECT 1 FROM bus_plan_items WHERE state = 'sent' OR state = 'completed'", on: bus)
        }
        #expect(try service.column("SELECT state FROM bus_plans") == ["applying"])
        #expect(try service.column("SELECT count(*) FROM bus_dead_letters") == [1])
    }

    @Test("a plan that was cancelled, or is over, cannot be applied again")
    func states() async throws {
        try await service.leaveLetters(1)
        _ = try await stopped(.plan(.all))
        _ = try await stopped(.cancel(plan: 1))
        await #expect(throws: LogFailure.self) { try await stopped(.apply(plan: 1, pace: pace())) }
        await #expect(throws: LogFailure.self) { try await stopped(.cancel(plan: 1)) }
        #expect(try await stopped(.plan(DeadLetterFilter(subscription: "none"))) == .plan(id: 0, letters: 0))
        #expect(try service.column("SELECT count(*) FROM bus_plans") == [1])
    }
}
