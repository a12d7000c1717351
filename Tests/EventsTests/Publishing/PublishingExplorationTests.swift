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

private struct Sized: Event {
    static let name = "test.sized"
    var bytes: Int
    var depth: Int
    var orderingKey: String? { bytes % 3 == 0 ? nil : "\(bytes % 3)" }
    var payloadByteCount: Int { bytes }
}

private struct Spread: Command {
    var count: Int
}

/// Publishers, batches, commands, handlers that publish, cancellations and subscriptions that come and go, all at once and on queues
/// of every kind, in an order that the seed decides.
@Suite("publishing, everything at once", .timeLimit(.minutes(10)))
struct PublishingExplorationTests {
    /// The test's own chance, drawn from the schedule's so that the seed repeats it.
    private static func pick(_ schedule: SeededSchedule, below bound: Int) -> Int {
        Int(schedule.environment.random() % UInt64(bound))
    }

    private static func policy(_ schedule: SeededSchedule) -> QueuePolicy {
        QueuePolicy(
            capacity: 1 + pick(schedule, below: 4),
            byteCapacity: pick(schedule, below: 2) == 0 ? nil : 200 + pick(schedule, below: 400),
            overflow: [.suspend, .suspend, .reject, .dropOldest, .dropNewest][pick(schedule, below: 5)])
    }

    @Sendable private static func handle(_ event: Sized, _ context: EventContext, on schedule: SeededSchedule) async throws {
        for _ in 0..<pick(schedule, below: 3) { await Task.yield() }
        guard event.depth < 2 else { return }
        switch pick(schedule, below: 8) {
        case 0: try context.emit(Sized(bytes: pick(schedule, below: 100), depth: event.depth + 1))
        case 1: try await context.publish(Sized(bytes: pick(schedule, below: 100), depth: event.depth + 1))
        case 2: try await context.send(Spread(count: 2))
        case 3: throw TestFault()
        case 4: throw Disposition.discard("by chance")
        default: break
        }
    }

    /// One publisher's life; what it published is in `receipts`.
    private static func publish(_ bus: EventBus, _ receipts: Journal<Receipt>, on schedule: SeededSchedule) async {
        for _ in 0..<6 {
            let bytes = pick(schedule, below: 300)
            switch pick(schedule, below: 4) {
            case 0:
                let batch = (0..<pick(schedule, below: 4)).map { Sized(bytes: bytes / 4 + $0, depth: 0) }
                for receipt in (try? await bus.publish(contentsOf: batch)) ?? [] { receipts.append(receipt) }
            case 1:
                _ = try? await bus.send(Spread(count: pick(schedule, below: 3)))
            case 2:
                let task = Task(executorPreference: schedule.executor) {
                    receipts.append(try await bus.publish(Sized(bytes: bytes, depth: 0)))
                }
                for _ in 0..<pick(schedule, below: 10) { await Task.yield() }
                task.cancel()
                _ = await task.result
            default:
                if let receipt = try? await bus.publish(Sized(bytes: bytes, depth: 0)) { receipts.append(receipt) }
            }
        }
    }

    @Test("every publish ends, every delivery comes to one end, and the books balance")
    func balance() async throws {
        let exploration = try await exploreSchedules(seeds: 0..<300) { schedule in
            let receipts = Journal<Receipt>()
            let fates = Journal<Signal>()
            try await withRunningBus(on: schedule) {
                $0.workers = 1 + Self.pick(schedule, below: 4)
                $0.handlerHeadroom = 2 + Self.pick(schedule, below: 20)
                $0.hooks.observe = { fates.append($0) }
            } handlers: { handlers in
                for name in ["a", "b"] {
                    try handlers.subscribe(
                        name, to: Sized.self, retry: .constant(.zero, maxAttempts: 2), onDeadLetter: .continue,
                        queue: Self.policy(schedule)
                    ) { try await Self.handle($0, $1, on: schedule) }
                }
                try handlers.handle(Spread.self) { command, context in
                    for index in 0..<command.count { try context.emit(Sized(bytes: index, depth: 2)) }
                }
            } _: { bus in
                await schedule.idle()
                let probe = EventProbe(bus)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { await Self.publish(bus, receipts, on: schedule) } }
                    for index in 0..<2 {
                        let policy = Self.policy(schedule)
                        group.addTask {
                            let handle = try? await bus.subscribe(
                                "late \(index)", to: Sized.self, options: SubscriptionOptions(retry: .none, queue: policy)
                            ) { try await Self.handle($0, $1, on: schedule) }
                            for _ in 0..<Self.pick(schedule, below: 60) { await Task.yield() }
                            await handle?.cancel()
                        }
                    }
                }
                try await probe.settle()
                // The worker that did the last of it may still be on its way to rest.
                await schedule.idle()
                let statistics = await bus.statistics()
                #expect(statistics.waitingPublishers == 0)
                #expect(statistics.runningCommands == 0)
                #expect(statistics.published == probe.events.count)
                #expect(probe.events.map(\.metadata.offset.rawValue) == Array(0..<probe.events.count).map { Int64($0) + 1 })
                for (name, own) in statistics.subscriptions {
                    #expect(own.unfinished == 0 && own.ready == 0 && own.retrying == 0 && own.workers == 0)
                    #expect(
                        own.completed + own.discarded + own.dropped + own.deadLettered == statistics.published,
                        "\(name), seed \(schedule.seed)")
                }
                #expect(statistics.idleWorkers == statistics.workers)
                let published = Set(probe.events.map(\.metadata.id))
                for receipt in receipts.entries {
                    #expect(published.contains(receipt.id))
                    let outcome = try await bus.outcome(of: receipt, including: .descendants)
                    #expect(outcome.completed + outcome.dead + outcome.discarded + outcome.dropped >= 2)
                }
                // One end for each delivery: no signal of an end comes twice.
                let ends = fates.entries.filter { [.completed, .discarded, .dropped, .deadLettered].contains($0.kind) }
                #expect(Set(ends.map { "\($0.subscription ?? "") \($0.offset?.rawValue ?? 0)" }).count == ends.count)
            }
        }
        #expect(exploration.distinctSchedules == 300)
    }

    @Test("publishers that only wait for handlers never wait for the time")
    func noStall() async throws {
        try await exploreSchedules(seeds: 0..<300) { schedule in
            try await withRunningBus(on: schedule) {
                $0.workers = 1 + Self.pick(schedule, below: 3)
            } handlers: { handlers in
                for name in ["a", "b", "c"] {
                    var policy = Self.policy(schedule)
                    policy.overflow = .suspend
                    try handlers.subscribe(name, to: Sized.self, order: name == "a" ? .serial : .perKey, queue: policy) { _, _ in
                        for _ in 0..<Self.pick(schedule, below: 4) { await Task.yield() }
                    }
                }
            } _: { bus in
                await schedule.idle()
                // A pending deadline, so that a stall is a step of the time and not the end of the schedule.
                let alarm = Task(executorPreference: schedule.executor) { try await schedule.clock.sleep(for: .seconds(60)) }
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<5 { group.addTask { await Self.publish(bus, Journal(), on: schedule) } }
                }
                try await EventProbe(bus).settle()
                #expect(schedule.clock.now < MonotonicTime(nanoseconds: 1_000_000_000), "seed \(schedule.seed)")
                alarm.cancel()
            }
        }
    }
}
