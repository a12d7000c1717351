//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Counts what happens on the bus, as it happens. It is the bus's observer, so it must be quick.
final class BusActivity: Sendable {
    struct Counts: Sendable, Hashable {
        /// Published events, each once, however often it is tried.
        var events = EventCounts()
        /// Attempts that failed and were to be repeated.
        var retries = 0
        /// Deliveries that are dead letters now, or were when the bus let go of them for want of room.
        var deadLetters = 0
    }

    private let state = Guarded(Counts())

    var counts: Counts { state.withLock { $0 } }

    func note(_ signal: Signal) {
        switch signal.kind {
        case .published: state.withLock { $0.events.count(name: signal.eventName) }
        case .retried: state.withLock { $0.retries += 1 }
        case .deadLettered: state.withLock { $0.deadLetters += 1 }
        case .redriven: state.withLock { $0.deadLetters -= 1 }
        default: break
        }
    }
}
