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

/// What a finished scenario must have kept to, judged by what its handlers saw.
struct Verdict {
    let scenario: Scenario
    let history: [History.Entry]
    let probe: EventProbe

    /// One key at a time, in offset order, retries included; and never more at once than is allowed.
    func checkOrder() throws {
        var running: [Int: [History.Run]] = [:]
        var latest: [String: History.Run] = [:]
        for entry in history {
            switch entry {
            case .began(let run):
                let subscriber = scenario.subscribers[run.subscriber]
                running[run.subscriber, default: []].append(run)
                let limit = subscriber.options.maxConcurrency ?? scenario.workers
                guard running[run.subscriber, default: []].count <= limit else {
                    throw Disagreement("\(subscriber.name) ran more than \(limit) handlers at once")
                }
                guard running.values.reduce(0, { $0 + $1.count }) <= scenario.workers else {
                    throw Disagreement("more handlers ran than there are workers")
                }
                guard let key = subscriber.key(of: Worked(number: run.number, key: run.key)) else { continue }
                let sameKey = running[run.subscriber, default: []].filter {
                    subscriber.key(of: Worked(number: $0.number, key: $0.key)) == key
                }
                guard sameKey.count == 1 else {
                    throw Disagreement("\(subscriber.name) ran two deliveries of \(key) at once: \(sameKey)")
                }
                let lane = "\(subscriber.name) \(key) \(run.isRedriven)"
                if let last = latest[lane] {
                    let isNext = run.offset == last.offset ? run.attempt > last.attempt : run.offset > last.offset
                    guard isNext else { throw Disagreement("\(lane): offset \(run.offset) came after \(last.offset)") }
                }
                latest[lane] = run
            case .ended(let run, _):
                running[run.subscriber]?.removeAll { $0.id == run.id }
            }
        }
    }

    /// Every delivery was attempted exactly as often as the model says.
    func checkAttempts(_ model: ReferenceModel) throws {
        var attempts: [Offset: [Int]] = [:]
        for offset in model.predictions.keys { attempts[offset] = scenario.subscribers.map { _ in 0 } }
        for case .began(let run) in history { attempts[run.offset]?[run.subscriber] += 1 }
        for (offset, predictions) in model.predictions where attempts[offset] != predictions.map(\.attempts) {
            throw Disagreement(
                "offset \(offset) had \(attempts[offset] ?? []) attempts, but the model says \(predictions.map(\.attempts))")
        }
    }

    /// What was emitted is what completed deliveries emitted, once each, with the right cause.
    func checkEmissions() throws {
        var expected: [String] = []
        for case .ended(let run, .acted(.succeed)) in history where scenario.subscribers[run.subscriber].emits {
            expected.append("\(run.subscriber)/\(run.number)")
        }
        let causes = Dictionary(uniqueKeysWithValues: probe.events(of: Worked.self).map { ($0.event.number, $0.metadata) })
        let emitted = probe.events(of: Noted.self)
        for envelope in emitted {
            let cause = causes[envelope.event.number]
            guard let cause, envelope.metadata.causationID == cause.id, envelope.metadata.correlationID == cause.correlationID,
                envelope.metadata.depth == 1, envelope.metadata.offset > cause.offset,
                envelope.metadata.emittedBy == scenario.subscribers[envelope.event.subscriber].name
            else { throw Disagreement("an emitted event does not know its cause: \(envelope.event)") }
        }
        let actual = emitted.map { "\($0.event.subscriber)/\($0.event.number)" }
        guard actual.sorted() == expected.sorted() else {
            throw Disagreement("emitted were \(actual.sorted()), expected \(expected.sorted())")
        }
    }

    /// Every delivery of every published event is somewhere, and only once.
    func checkAccounts(report: ShutdownReport, statistics: EventBusStatistics) throws {
        let published = probe.events(of: Worked.self).count
        let succeeded = history.count { entry in
            if case .ended(_, .acted(.succeed)) = entry { true } else { false }
        }
        guard report.completed == succeeded else {
            throw Disagreement("the report says \(report.completed) completed, but \(succeeded) handlers succeeded")
        }
        guard report.abandoned.isEmpty else { throw Disagreement("abandoned: \(report.abandoned)") }
        let subscriptions = statistics.subscriptions.values
        let failures = history.count { entry in
            guard case .ended(_, .acted(let act)) = entry else { return false }
            return act == .fail || act == .failPermanently
        }
        guard subscriptions.reduce(0, { $0 + $1.failedAttempts }) == failures else {
            throw Disagreement("\(failures) attempts failed, but others were counted: what a shutdown cancels has not failed")
        }
        let settled = subscriptions.reduce(0) { $0 + $1.completed + $1.discarded + $1.deadLetters + $1.parked + $1.dropped }
        guard settled + report.released == published * scenario.subscribers.count else {
            throw Disagreement(
                "\(published) events to \(scenario.subscribers.count) subscriptions, but \(settled) settled and "
                    + "\(report.released) released")
        }
        for subscription in subscriptions where subscription.workers != 0 || subscription.retrying != 0 {
            throw Disagreement("a closed bus still has \(subscription.workers) workers and \(subscription.retrying) retries")
        }
    }
}
