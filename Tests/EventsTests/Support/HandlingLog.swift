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

/// What handlers did and when: which attempts began and ended, and whether any of one key overlapped.
final class HandlingLog: Sendable {
    struct Start: Sendable, Equatable {
        var number: Int
        var key: String?
        var attempt: Int
        var time: MonotonicTime
    }

    private struct State {
        var starts: [Start] = []
        var running: [String: Int] = [:]
        var runningTotal = 0
        var mostRunning = 0
        var overlaps: [String] = []
    }

    private let state = Guarded(State())
    private let clock: ManualClock

    init(_ schedule: SeededSchedule) {
        clock = schedule.clock
    }

    /// Runs the body of a handler and records its start, its end, and what ran at the same time.
    func handle(_ event: Numbered, _ context: EventContext, _ body: () async throws -> Void = {}) async throws {
        let start = Start(number: event.number, key: event.key, attempt: context.attempt, time: clock.now)
        state.withLock { state in
            state.starts.append(start)
            state.runningTotal += 1
            state.mostRunning = max(state.mostRunning, state.runningTotal)
            guard let key = event.key else { return }
            state.running[key, default: 0] += 1
            if state.running[key] != 1 { state.overlaps.append("\(key): \(event.number)") }
        }
        defer {
            state.withLock { state in
                state.runningTotal -= 1
                if let key = event.key { state.running[key, default: 0] -= 1 }
            }
        }
        try await body()
    }

    /// All starts, in order.
    var starts: [Start] { state.withLock { $0.starts } }
    /// The numbers of the events whose handling began, in order; an event tried twice comes twice.
    var numbers: [Int] { starts.map(\.number) }
    /// The deliveries that began while another of their key was running.
    var overlaps: [String] { state.withLock { $0.overlaps } }
    /// The most handlers that ran at the same time.
    var mostRunning: Int { state.withLock { $0.mostRunning } }
    /// How many run now.
    var running: Int { state.withLock { $0.runningTotal } }

    /// The numbers of one key's events in the order in which they began.
    func numbers(of key: String) -> [Int] {
        starts.filter { $0.key == key }.map(\.number)
    }
}

extension SeededSchedule {
    /// Waits a seeded while of virtual time, up to `longest` milliseconds, so that handlers end in all sorts of orders.
    func pause(_ number: Int, upTo longest: Int) async throws {
        var random = SplitMix64(seed: seed, purpose: UInt64(truncatingIfNeeded: number) &+ 1_000)
        try await clock.sleep(for: .milliseconds(random.next(below: longest + 1)))
    }
}
