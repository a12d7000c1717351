//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bus with a log, small queues, failing handlers and processes that end at any moment, held to what is promised: nothing lost,
/// nothing stuck, order within a key, effects once.
@Suite("Explorations of a bus with a log", .timeLimit(.minutes(10)))
struct DurableExplorationTests {
    static let seeds: Range<UInt64> =
        0..<(ProcessInfo.processInfo.environment["EVENTS_TEST_SEEDS"].flatMap { UInt64($0) } ?? 1_000)

    @Test("every delivery is finished once, in order, over retries, dead letters, restarts and crashes")
    func lives() async throws {
        try await exploreSchedules(seeds: Self.seeds) { schedule in
            try await Lives(schedule).run()
        }
    }
}

/// One history of a log: several processes, one after the other, which end by shutdown or by crash.
private struct Lives: Sendable {
    let schedule: SeededSchedule
    let ledger = Ledger()

    init(_ schedule: SeededSchedule) {
        self.schedule = schedule
    }

    func random(_ purpose: Int) -> SplitMix64 {
        SplitMix64(seed: schedule.seed, purpose: UInt64(truncatingIfNeeded: purpose))
    }

    func run() async throws {
        var log = schedule.makeLog()
        var random = random(1)
        let lives = 1 + random.next(below: 4)
        for life in 0..<lives {
            let isLast = life == lives - 1
            let ends = isLast || random.next(below: 2) == 0
            let alive = log
            if ends {
                _ = try await withDurableBus(alive, on: schedule, configure: configure, handlers: register) { bus in
                    try await live(bus, life: life)
                    if isLast { try await settle(bus) }
                }
            } else {
                let bus = try await makeDurableBus(alive, on: schedule, configure: configure, handlers: register)
                let running = schedule.environment.spawn("run") { _ = try? await bus.run() }
                let living = schedule.environment.spawn("live") { try? await live(bus, life: life) }
                try await schedule.clock.sleep(for: .milliseconds(random.next(below: 300)))
                log = alive.crash()
                ledger.crash()
                running.cancel()
                living.cancel()
                await running.value
                await living.value
            }
        }
        try check(log)
    }

    private func configure(_ configuration: inout EventBusConfiguration) {
        var random = random(2)
        configuration.workers = 1 + random.next(below: 4)
        configuration.queue.capacity = 1 + random.next(below: 12)
    }

    /// What a process does while it lives.
    private func live(_ bus: EventBus, life: Int) async throws {
        var random = random(100 + life)
        for step in 0..<random.next(below: 25) {
            let number = life * 10_000 + step * 100
            switch random.next(below: 8) {
            case 0:
                let count = 1 + random.next(below: 20)
                let events = (0..<count).map { Numbered(number + $0, key: key(&random)) }
                ledger.published(try await bus.publish(contentsOf: events))
            case 1, 2, 3:
                ledger.published([try await bus.publish(Numbered(number, key: key(&random)))])
            case 4:
                try await bus.publish(Numbered(number, key: key(&random)), after: .milliseconds(random.next(below: 100)))
            case 5: try await bus.deadLetters.redrive(matching: .all)
            case 6:
                if let letter = try await bus.deadLetters.list(limit: 1).letters.first {
                    // Whether it happens is not known when the process ends first.
                    ledger.mayBeDiscarded(letter.id)
                    try? await bus.deadLetters.discard(letter.id, reason: "to see what follows")
                }
            default: try await schedule.clock.sleep(for: .milliseconds(random.next(below: 60)))
            }
        }
    }

    private func key(_ random: inout SplitMix64) -> String? {
        let number = random.next(below: 6)
        return number == 5 ? nil : "k\(number)"
    }

    private func register(_ handlers: inout HandlerRegistry) throws {
        let retry = RetryPolicy.exponential(base: .milliseconds(20), maxAttempts: 2)
        for (name, order) in [("keyed", DeliveryOrder.perKey), ("serial", .serial), ("free", .unordered)] {
            let options = SubscriptionOptions(retry: retry, order: order, onDeadLetter: .park, maxCrashes: nil)
            try handlers.subscribe(name, options: options) {
                On(Numbered.self) { event, context in
                    try await handle(event.number, lane: lane(event.key, order, context), context)
                }
                On(Lettered.self) { event, context in
                    try await handle(event.letter.count, lane: lane(event.key, order, context), context)
                }
            }
        }
    }

    private func lane(_ key: String?, _ order: DeliveryOrder, _ context: EventContext) -> String? {
        switch order {
        case .perKey: key.map { "\(context.subscription)/\($0)" }
        case .serial: context.subscription
        case .unordered: nil
        }
    }

    private func handle(_ number: Int, lane: String?, _ context: EventContext) async throws {
        let attempt = ledger.begin(context.deliveryID, lane: lane)
        defer { ledger.end(lane: lane) }
        var random = random(number &* 31 &+ attempt &* 7_919 &+ context.subscription.count)
        if random.next(below: 3) == 0 { try await schedule.clock.sleep(for: .milliseconds(random.next(below: 30))) }
        if random.next(below: 4) == 0, attempt < 6 { throw TestFault() }
        if context.metadata.depth == 0, number % 5 == 0, context.subscription == "keyed" {
            try context.emit(Lettered("x", key: context.metadata.orderingKey))
        }
        let id = context.deliveryID
        try context.addCommitAction { transaction, _ in
            guard let transaction = transaction as? MemoryTransaction else { throw TestFault("another kind of log") }
            let count = try transaction.value(for: id.description).flatMap { Int($0) } ?? 0
            try transaction.setValue(String(count + 1), for: id.description)
        }
        ledger.succeed(id, lane: lane)
    }

    /// Works off everything, dead letters included.
    private func settle(_ bus: EventBus) async throws {
        for _ in 0..<1_000 {
            await schedule.idle()
            try await schedule.clock.sleep(for: .seconds(40))
            await schedule.idle()
            if try await bus.deadLetters.redrive(matching: .all).isEmpty {
                await schedule.idle()
                let statistics = await bus.statistics()
                for (name, subscription) in statistics.subscriptions {
                    guard subscription.unfinished == 0, subscription.stored == 0, subscription.lag == 0 else {
                        throw TestFault("\(name) is stuck: \(subscription)")
                    }
                }
                return
            }
        }
        throw TestFault("there are dead letters that do not complete")
    }

    private func check(_ log: MemoryEventLog) throws {
        if let problem = ledger.problem { throw TestFault(problem) }
        let effects = log.values
        for offset in ledger.offsets {
            for name in ["keyed", "serial", "free"] {
                let id = DeadLetter.ID(subscription: name, offset: offset)
                let count = effects[id.description]
                guard count == "1" || (count == nil && ledger.discards.contains(id)) else {
                    throw TestFault("\(id) has had its effect \(count ?? "0") times")
                }
            }
        }
        for (id, count) in effects where count != "1" { throw TestFault("\(id) has had its effect \(count) times") }
    }
}

/// What was seen of a history, and what is wrong with it.
private final class Ledger: Sendable {
    private struct State {
        var offsets: [Offset] = []
        var running: [String: Int] = [:]
        var attempts: [DeadLetter.ID: Int] = [:]
        var latest: [String: Offset] = [:]
        var discards: Set<DeadLetter.ID> = []
        var problem: String?
    }

    private let state = Guarded(State())

    var problem: String? { state.withLock { $0.problem } }
    var offsets: [Offset] { state.withLock { $0.offsets } }
    /// Deliveries that were perhaps given up, and may have had no effect.
    var discards: Set<DeadLetter.ID> { state.withLock { $0.discards } }

    func mayBeDiscarded(_ id: DeadLetter.ID) {
        state.withLock { _ = $0.discards.insert(id) }
    }

    func published(_ receipts: [Receipt]) {
        state.withLock { $0.offsets += receipts.map(\.offset) }
    }

    func crash() {
        state.withLock { $0.running = [:] }
    }

    func begin(_ id: DeadLetter.ID, lane: String?) -> Int {
        state.withLock { state in
            state.attempts[id, default: 0] += 1
            if let lane {
                state.running[lane, default: 0] += 1
                if state.running[lane] != 1 { state.problem = state.problem ?? "\(id) overlaps with another of its lane" }
                if let latest = state.latest[lane], id.offset < latest {
                    state.problem = state.problem ?? "\(id) begins after \(latest) of its lane has succeeded"
                }
            }
            return state.attempts[id] ?? 0
        }
    }

    func end(lane: String?) {
        guard let lane else { return }
        state.withLock { $0.running[lane] = max(0, ($0.running[lane] ?? 0) - 1) }
    }

    func succeed(_ id: DeadLetter.ID, lane: String?) {
        guard let lane else { return }
        state.withLock { $0.latest[lane] = id.offset }
    }
}
