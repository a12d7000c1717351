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

extension Scenario {
    /// Runs the scenario on a bus and compares what happened with the reference model.
    func run(on schedule: SeededSchedule) async throws {
        let history = History()
        var configuration = EventBusConfiguration(workers: workers)
        configuration.environment = schedule.environment
        // Workers that let events gather take other paths than those that do not.
        configuration.environment.gatheringYields = seed % 2 == 0 ? 0 : 4
        configuration.queue.capacity = capacity
        configuration.shutdownDeadline = .milliseconds(20)
        configuration.grace = .milliseconds(10)
        let bus = try makeBus(configuration, history, schedule)
        let probe = EventProbe(bus)

        async let running = run(bus, on: schedule)
        let receipts = try await publishAll(bus, on: schedule)
        if shutdown == nil {
            try await checkPrediction(bus, receipts, history, probe)
            try await redriveAll(bus, receipts, history, probe)
            bus.beginShutdown()
        }
        let report = try await running

        let verdict = Verdict(scenario: self, history: history.entries, probe: probe)
        try verdict.checkOrder()
        try verdict.checkEmissions()
        try verdict.checkAccounts(report: report, statistics: await bus.statistics())
    }

    private func makeBus(
        _ configuration: EventBusConfiguration, _ history: History, _ schedule: SeededSchedule
    ) throws -> EventBus {
        try EventBus(configuration: configuration) { handlers in
            for (index, subscriber) in subscribers.enumerated() {
                try handlers.subscribe(subscriber.name, options: subscriber.options) {
                    On(Worked.self) { event, context in
                        let run = history.begin(index, event, context)
                        do {
                            try await pause(index, event.number, on: schedule)
                        } catch {
                            history.end(run, .cancelled)
                            throw error
                        }
                        let act = act(index, event.number, attempt: context.attempt, isRedriven: run.isRedriven)
                        if subscriber.emits { try context.emit(Noted(subscriber: index, number: event.number)) }
                        // Of an error that comes out of a cancelled handler nobody can say what it comes of.
                        let isExcused = act == .fail && Task.isCancelled
                        history.end(run, isExcused ? .cancelled : .acted(act))
                        try act.perform()
                    }
                }
            }
        }
    }

    /// Lets others go first, for no, a little or some time.
    private func pause(_ subscriber: Int, _ number: Int, on schedule: SeededSchedule) async throws {
        var random = SplitMix64(seed: seed, purpose: UInt64(900_000_000 + subscriber * 1_000 + number))
        switch random.next(below: 3) {
        case 0: break
        case 1: await Task.yield()
        default: try await schedule.clock.sleep(for: .milliseconds(1 + random.next(below: 5)))
        }
    }

    private func run(_ bus: EventBus, on schedule: SeededSchedule) async throws -> ShutdownReport {
        guard let shutdown else { return try await bus.run() }
        return try await withThrowingTaskGroup(of: ShutdownReport?.self) { group in
            group.addTask { try await bus.run() }
            group.addTask {
                try await schedule.clock.sleep(for: .milliseconds(shutdown.after))
                return nil
            }
            while let ended = try await group.next() {
                if let report = ended { return report }
                if shutdown.isImmediate { group.cancelAll() } else { bus.beginShutdown() }
            }
            throw Disagreement("run() never returned")
        }
    }

    /// Publishes everything, and returns the receipts of what was accepted. A bus that shuts down may refuse, and only then.
    private func publishAll(_ bus: EventBus, on schedule: SeededSchedule) async throws -> [Receipt] {
        try await withThrowingTaskGroup(of: [Receipt].self) { group in
            for publisher in 0..<publishers {
                group.addTask { try await publish(as: publisher, bus, on: schedule) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func publish(as publisher: Int, _ bus: EventBus, on schedule: SeededSchedule) async throws -> [Receipt] {
        var random = SplitMix64(seed: seed, purpose: UInt64(500 + publisher))
        var receipts: [Receipt] = []
        var next = publisher * eventsPerPublisher
        let end = next + eventsPerPublisher
        while next < end {
            let size = min(end - next, 1 + random.next(below: min(3, capacity)))
            let batch = (next..<next + size).map { number in
                Worked(number: number, key: random.next(below: 4) == 0 ? nil : "key-\(random.next(below: keys))")
            }
            next += size
            do {
                if batch.count == 1 {
                    receipts.append(try await bus.publish(batch[0]))
                } else {
                    receipts += try await bus.publish(contentsOf: batch)
                }
            } catch let error as PublishError where error.reason == .wouldWaitBeforeRun {
                // The bus has not begun to run; let it, and publish the same again.
                next -= size
                await Task.yield()
            } catch let error as PublishError where shutdown != nil && [.shuttingDown, .closed].contains(error.reason) {
                return receipts
            }
            if random.next(below: 3) == 0 { try await schedule.clock.sleep(for: .milliseconds(random.next(below: 4))) }
        }
        return receipts
    }

    private func checkPrediction(
        _ bus: EventBus, _ receipts: [Receipt], _ history: History, _ probe: EventProbe
    ) async throws {
        let model = ReferenceModel(scenario: self, log: probe.events(of: Worked.self))
        for receipt in receipts {
            let outcome = try await bus.outcome(of: receipt, including: .descendants)
            let predicted = model.outcome(of: receipt.offset)
            // A follower may still have been waiting when its letter's fate was not yet known, so only resolved counts compare.
            guard outcome == predicted else {
                throw Disagreement("offset \(receipt.offset) came to \(outcome), but the model says \(predicted)")
            }
        }
        let dead = try await bus.deadLetters.list(limit: 10_000).letters.map(\.id.description).sorted()
        guard dead == model.deadLetters else {
            throw Disagreement("the dead letters are \(dead), but the model says \(model.deadLetters)")
        }
        try Verdict(scenario: self, history: history.entries, probe: probe).checkAttempts(model)
    }

    private func redriveAll(
        _ bus: EventBus, _ receipts: [Receipt], _ history: History, _ probe: EventProbe
    ) async throws {
        history.beginRedrive()
        try await bus.deadLetters.redrive(matching: .all)
        try await probe.settle()
        for receipt in receipts {
            let outcome = try await bus.outcome(of: receipt)
            guard outcome.dead == 0, outcome.parked == 0, outcome.completed + outcome.discarded == subscribers.count else {
                throw Disagreement("after the redrive, offset \(receipt.offset) came to \(outcome)")
            }
        }
    }
}

extension Scenario.Act {
    func perform() throws {
        switch self {
        case .succeed: return
        case .fail: throw Disagreement("planned failure")
        case .failPermanently: throw Disposition.permanentFailure("planned")
        case .retryLater: throw Disposition.retry(after: .milliseconds(3))
        case .discard: throw Disposition.discard("planned")
        }
    }
}
