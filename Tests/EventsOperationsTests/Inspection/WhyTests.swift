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
import Foundation
import Testing

@testable import EventsOperations

/// Verdicts that need what no ordinary log has at the moment, or facts from beyond the log.
@Suite("Why an event has not been handled", .timeLimit(.minutes(15)))
struct WhyTests {
    private static let now = Date(timeIntervalSince1970: 1_900_000_000)

    private func verdict(
        _ id: String, _ folder: Folder, _ change: (inout LiveFacts) -> Void = { _ in }
    ) throws -> DeliveryVerdict {
        var live = LiveFacts(now: Self.now)
        change(&live)
        return try #require(try LogInspection(folder.log).why(id, live).deliveries.first)
    }

    private func status(suspects: Int = 0, workers: Int = 0, readThrough: Int64 = 99) -> BusStatus {
        BusStatus(
            processID: 1, phase: "running", workers: 4, idleWorkers: 0, suspects: suspects,
            subscriptions: [
                BusStatus.Subscription(
                    name: "mail", readThrough: readThrough, isLive: true, workers: workers, workerLimit: 3, ready: 0,
                    unfinished: 0,
                    completed: 0, failedAttempts: 0, isReplay: false)
            ])
    }

    @Test("a type that nobody handles any more is named")
    func noHandler() async throws {
        let folder = try await Shop.copy()
        try folder.damage("UPDATE bus_deliveries SET state = 'no handler' WHERE offset = 2")
        let verdict = try verdict("mail/2", folder)
        #expect(verdict.state == .noHandler && verdict.explanation.contains("does not handle order.placed any more"))
    }

    @Test("what ran when the process ended runs alone first")
    func suspect() async throws {
        let folder = try await Shop.copy()
        try folder.damage("UPDATE bus_deliveries SET is_suspect = 1, crashes = 2 WHERE offset = 2; DELETE FROM bus_dead_letters")
        let verdict = try verdict("mail/2", folder)
        #expect(verdict.state == .suspect && verdict.crashes == 2 && verdict.explanation.contains("Nobody has the log open now"))
    }

    @Test("others wait until what ran then came to something")
    func recovering() async throws {
        let folder = try await Shop.copy()
        try folder.damage("DELETE FROM bus_dead_letters; DELETE FROM bus_deliveries WHERE offset = 3")
        let verdict = try verdict("mail/2", folder) {
            $0.owner = .running(processID: 1)
            $0.status = status(suspects: 2)
        }
        #expect(verdict.state == .waiting && verdict.explanation.contains("2 deliveries that ran when the process ended before"))
    }

    @Test("a limit of concurrency is told, and a free worker as well")
    func workers() async throws {
        let folder = try await Shop.copy()
        try folder.damage("DELETE FROM bus_dead_letters")
        for (busy, text) in [(3, "its limit of concurrency"), (1, "is about to be handled")] {
            let verdict = try verdict("mail/2", folder) {
                $0.owner = .running(processID: 1)
                $0.status = status(workers: busy)
            }
            #expect(verdict.state == .waiting && verdict.explanation.contains(text))
        }
        let silent = try verdict("mail/2", folder) { $0.owner = .silent("pid 7") }
        #expect(silent.explanation.contains("does not say what it is at"))
    }

    @Test("what runs is running, whatever the tables say")
    func running() async throws {
        let folder = try await Shop.copy()
        let key = try #require(Int64(try folder.column("SELECT id FROM bus_subscriptions WHERE name = 'charge'")[0]))
        let verdict = try verdict("charge/8", folder) {
            $0.owner = .running(processID: 1)
            $0.running = [RunningDelivery(subscription: key, offset: 8)]
        }
        #expect(verdict.state == .running && verdict.explanation == "Its handler runs now, in attempt 2.")
    }

    @Test("a retry says when, and whether anybody is there to do it")
    func retry() async throws {
        let folder = try await Shop.copy()
        let stopped = try verdict("charge/8", folder)
        #expect(stopped.state == .retry && stopped.due != nil && stopped.explanation.contains("due since"))
        #expect(stopped.explanation.contains("Nobody has the log open now"))
        let owned = try verdict("charge/8", folder) {
            $0.owner = .running(processID: 1)
            $0.now = Date(timeIntervalSince1970: 1_700_000_000)
        }
        #expect(owned.explanation.contains("due at") && !owned.explanation.contains("Nobody"))
    }

    @Test("in a serial subscription anything waits behind anything")
    func serial() async throws {
        let folder = try await Shop.copy()
        try folder.damage(
            "DELETE FROM bus_settlements; UPDATE bus_subscriptions SET cursor = 0, ranges = '' WHERE name = 'ledger'")
        let verdict = try verdict("ledger/7", folder)
        #expect(verdict.state == .blocked && verdict.blockedBy == "ledger/5" && verdict.next == ["why", "ledger/5"])
    }

    @Test("a dead letter that waits for the rate of a plan says so")
    func planned() async throws {
        let folder = try await Shop.copy()
        let operations = BusOperations(database: folder.log, actor: "tester")
        let plan = try #require(try await operations.makePlan(.all))
        #expect(try verdict("mail/1", folder).explanation.contains("Plan 1 has it, and is not applied yet."))
        try await operations.applyPlan(plan.plan, interval: .seconds(60))
        #expect(
            try verdict("audit/10", folder).explanation.contains(
                "Plan 1 sends it back, after 1 other letter, at a rate of one each 1m."))
    }

    @Test("a scheduled event says when it is due, by its identity")
    func scheduled() async throws {
        let folder = try await Shop.copy()
        let id = try folder.column("SELECT id FROM bus_scheduled")[0]
        let report = try LogInspection(folder.log).why(id, LiveFacts(now: Self.now))
        #expect(
            report.scheduledFor != nil && report.deliveries.isEmpty
                && report.explanation.contains("is scheduled and not published yet"))
    }

    @Test("an event is found by its identity, its offset and each of its deliveries")
    func subjects() async throws {
        let folder = try await Shop.copy()
        let log = try LogInspection(folder.log)
        let live = LiveFacts(now: Self.now)
        for offset in 1...11 {
            let id = try folder.column("SELECT id FROM bus_events WHERE offset = \(offset)")[0]
            #expect(try log.why(id, live).event?.offset == Int64(offset))
            #expect(try log.why("\(offset)", live).event?.id == id)
            #expect(try log.trace(id, limit: 10, live)?.events.isEmpty == false)
        }
        try folder.damage("UPDATE bus_log SET last_offset = 11; DELETE FROM bus_events WHERE offset = 11")
        #expect(try log.why("11", live).explanation.contains("retention removed it"))
    }

    @Test("a damaged event may be anybody's, and says so")
    func damaged() async throws {
        let folder = try await Shop.copy()
        try folder.damage("UPDATE bus_events SET name = 'stock.reserved' WHERE offset = 10")
        let report = try LogInspection(folder.log).why("10", LiveFacts(now: Self.now))
        #expect(report.explanation.contains("is damaged") && report.deliveries.count == 6)
    }
}

@Suite("Causal trees")
struct CausalTreeTests {
    private func node(_ id: String, causedBy cause: String?) -> TraceNode {
        TraceNode(
            event: EventSummary(
                offset: 1, id: id, event: id, schemaVersion: 1, key: nil, publishedAt: Date(timeIntervalSince1970: 0),
                correlationID: "c",
                causationID: cause, depth: 0, emittedBy: nil, idempotencyKey: nil, isIntact: true, payloadBytes: 0),
            scheduledFor: nil, deliveries: [], level: 0)
    }

    private func order(_ nodes: [(String, String?)]) -> [String] {
        CausalTree(nodes.map { node($0.0, causedBy: $0.1) }).nodesInOrder.map { "\($0.event.id)\($0.level)" }
    }

    @Test("each event stands below the one that caused it")
    func tree() {
        #expect(order([("a", nil), ("b", "a"), ("c", "a"), ("d", "b")]) == ["a0", "b1", "d2", "c1"])
    }

    @Test("events that cause each other, themselves, or have lost their cause are all there, once")
    func damaged() {
        #expect(order([("a", "b"), ("b", "a")]) == ["a0", "b1"])
        #expect(order([("a", "a"), ("b", "x")]) == ["a0", "b0"])
        #expect(order([("a", nil), ("a", "a"), ("b", "a")]) == ["a0", "a1", "b1"])
    }

    @Test("a chain as long as a log is gone through")
    func long() {
        let chain = (0..<50_000).map { ("\($0)", $0 > 0 ? "\($0 - 1)" : nil) }
        let nodes = CausalTree(chain.map { node($0.0, causedBy: $0.1) }).nodesInOrder
        #expect(nodes.count == 50_000 && nodes.last?.level == 49_999)
    }
}
