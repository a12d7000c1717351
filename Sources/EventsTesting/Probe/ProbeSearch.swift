//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// One expectation's way through a probe's record: it looks at each event once and goes on where it stopped.
final class ProbeSearch<E: Event>: Sendable {
    private struct State {
        var found: Envelope<E>?
        var next = 0
        var refused = 0
        var answered = 0
    }

    private let record: ProbeRecord
    private let condition: @Sendable (E) throws -> Bool
    private let state = Guarded(State())

    init(_ record: ProbeRecord, for condition: @escaping @Sendable (E) throws -> Bool) {
        self.record = record
        self.condition = condition
    }

    /// The position up to which this has searched.
    var seen: Int { state.withLock { $0.next } }
    /// How many events of the type the condition did not want.
    var refused: Int { state.withLock { $0.refused } }
    /// How many events of the type had answered another expectation.
    var answered: Int { state.withLock { $0.answered } }

    /// Looks at what has come since and returns the event that answers the expectation, again if it was found before. It is called
    /// by one task at a time.
    func resume() throws -> Envelope<E>? {
        if let found = state.withLock({ $0.found }) { return found }
        while let (entry, position) = record.entry(from: seen) {
            state.withLock { $0.next = position + 1 }
            guard let envelope = Envelope<E>(entry.envelope) else { continue }
            if entry.isTaken {
                state.withLock { $0.answered += 1 }
            } else if try !condition(envelope.event) {
                state.withLock { $0.refused += 1 }
            } else if record.take(position) {
                state.withLock { $0.found = envelope }
                return envelope
            } else {
                state.withLock { $0.answered += 1 }
            }
        }
        return nil
    }
}
