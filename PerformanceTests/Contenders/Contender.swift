//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A way to get events from producers to handlers.
protocol Contender: Sendable {
    /// Sends the load and returns the time from the first event sent until the last one was handled.
    ///
    /// - Throws: What goes wrong on the way, and ``MiscountError``.
    func time(_ load: Load) async throws -> Duration
}

extension Contender {
    /// Handled events a second, the median of several repetitions.
    func rate(_ load: Load, repetitions: Int) async throws -> Double {
        try await measureRates(of: [self], load, repetitions: repetitions)[0]
    }
}

/// Events a second of contenders that do the same work, the median of several repetitions each, in the order of `contenders`.
///
/// They take turns (A B C, B C A, C A B, …), so that whatever else the machine does hits all of them, and none always runs in the
/// memory that the same other one has left behind. A first turn warms up and does not count.
func measureRates(of contenders: [any Contender], _ load: Load, repetitions: Int) async throws -> [Double] {
    try await measureRates(of: contenders.map { ($0, load) }, repetitions: repetitions)
}

/// The same where each contender has a load of its own.
func measureRates(of contenders: [(any Contender, Load)], repetitions: Int) async throws -> [Double] {
    var rates: [[Double]] = contenders.map { _ in [] }
    for turn in 0...repetitions {
        for position in contenders.indices {
            let index = (turn + position) % contenders.count
            let (contender, load) = contenders[index]
            let seconds = try await contender.time(load) / .seconds(1)
            if turn > 0 { rates[index].append(Double(load.events) / seconds) }
        }
    }
    return rates.map(\.median)
}
