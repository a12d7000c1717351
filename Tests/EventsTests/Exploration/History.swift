//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Why a schedule disagrees with the reference model.
struct Disagreement: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Everything the handlers of a scenario did, in the order in which it happened.
final class History: Sendable {
    /// One run of a handler.
    struct Run: Sendable {
        let id: Int
        let subscriber: Int
        let number: Int
        let key: String?
        let offset: Offset
        let attempt: Int
        let isRedriven: Bool
    }

    enum End: Sendable, Equatable {
        case acted(Scenario.Act)
        case cancelled
    }

    enum Entry: Sendable {
        case began(Run)
        case ended(Run, End)
    }

    private struct State {
        var entries: [Entry] = []
        var runs = 0
        var isRedriven = false
    }

    private let state = Guarded(State())

    func begin(_ subscriber: Int, _ event: Worked, _ context: EventContext) -> Run {
        state.withLock { state in
            state.runs += 1
            let run = Run(
                id: state.runs, subscriber: subscriber, number: event.number, key: event.key, offset: context.metadata.offset,
                attempt: context.attempt, isRedriven: state.isRedriven)
            state.entries.append(.began(run))
            return run
        }
    }

    func end(_ run: Run, _ end: End) {
        state.withLock { $0.entries.append(.ended(run, end)) }
    }

    /// From here on handlers succeed.
    func beginRedrive() {
        state.withLock { $0.isRedriven = true }
    }

    var entries: [Entry] { state.withLock { $0.entries } }
}
