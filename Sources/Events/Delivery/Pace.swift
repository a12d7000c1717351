//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How long a subscription's handlers take, as a moving average over runs.
struct Pace {
    /// Handlers that take less than this are quick: sharing their work out costs more than doing it. In nanoseconds.
    private static let quick: Int64 = 20_000

    /// Nanoseconds a delivery; `nil` before the first run ended.
    private var average: Int64?

    /// Takes a finished run into account. The newest run has a quarter of the weight, so that a change shows within a few runs.
    mutating func note(_ deliveries: Int, took duration: Duration) {
        guard deliveries > 0 else { return }
        let latest = max(1, duration.saturatingNanoseconds / Int64(deliveries))
        average = average.map { $0 - $0 / 4 + latest / 4 } ?? latest
    }

    var isQuick: Bool { average.map { $0 < Self.quick } ?? false }

    /// How many deliveries fit into a time; 0 when nothing is known yet.
    func deliveries(in duration: Duration) -> Int {
        average.map { Int(duration.saturatingNanoseconds / max(1, $0)) } ?? 0
    }
}
