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

/// What should become of every delivery of a scenario: each subscription handles the log from front to back, one event at a time,
/// and nothing else ever happens. A bus that keeps its promises comes to the same result in every schedule.
struct ReferenceModel {
    enum Fate: Equatable {
        case completed
        case discarded
        case dead
        case parked
    }

    struct Prediction {
        let fate: Fate
        let attempts: Int
    }

    /// What becomes of an offset, per subscriber.
    private(set) var predictions: [Offset: [Prediction]] = [:]
    private let scenario: Scenario

    init(scenario: Scenario, log: [Envelope<Worked>]) {
        self.scenario = scenario
        for (index, subscriber) in scenario.subscribers.enumerated() {
            var parkedKeys: Set<String> = []
            for envelope in log.sorted(by: { $0.metadata.offset < $1.metadata.offset }) {
                let key = subscriber.key(of: envelope.event)
                let prediction: Prediction
                if let key, parkedKeys.contains(key) {
                    prediction = Prediction(fate: .parked, attempts: 0)
                } else {
                    let (handled, parks) = Self.handle(envelope.event.number, by: index, scenario)
                    prediction = handled
                    if parks, let key { parkedKeys.insert(key) }
                }
                predictions[envelope.metadata.offset, default: []].append(prediction)
            }
        }
    }

    private static func handle(_ number: Int, by index: Int, _ scenario: Scenario) -> (Prediction, parks: Bool) {
        let subscriber = scenario.subscribers[index]
        var attempt = 0
        var failures = 0
        while true {
            attempt += 1
            switch scenario.act(index, number, attempt: attempt, isRedriven: false) {
            case .succeed: return (Prediction(fate: .completed, attempts: attempt), false)
            case .discard: return (Prediction(fate: .discarded, attempts: attempt), false)
            case .failPermanently:
                return (Prediction(fate: .dead, attempts: attempt), subscriber.onDeadLetter == .park)
            case .retryLater: break
            case .fail:
                failures += 1
                if failures == subscriber.maxAttempts {
                    return (Prediction(fate: .dead, attempts: attempt), subscriber.onDeadLetter != .continue)
                }
            }
        }
    }

    func outcome(of offset: Offset) -> Outcome {
        let fates = (predictions[offset] ?? []).map(\.fate)
        func count(_ fate: Fate) -> Int { fates.count { $0 == fate } }
        return Outcome(
            completed: count(.completed), dead: count(.dead), discarded: count(.discarded), parked: count(.parked))
    }

    /// The identities of all dead letters, sorted.
    var deadLetters: [String] {
        predictions.flatMap { offset, predictions in
            predictions.enumerated().compactMap { index, prediction in
                prediction.fate == .dead ? "\(scenario.subscribers[index].name)/\(offset)" : nil
            }
        }.sorted()
    }
}

extension Scenario.Subscriber {
    /// The key within which this subscriber handles an event in order, if any.
    func key(of event: Worked) -> String? {
        switch order {
        case .perKey: event.key
        case .serial: "all"
        case .unordered: nil
        }
    }
}
