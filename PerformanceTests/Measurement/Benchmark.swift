//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Something that can be measured.
struct Benchmark: Sendable {
    let name: String
    /// One line for `--list`.
    let summary: String
    let run: @Sendable (Effort) async throws -> [Measurement]

    /// All benchmarks in the order in which they run. The memory benchmark comes before those that leave much freed memory behind,
    /// which would hide growth from it.
    static let all: [Benchmark] =
        [.budget1000, .memoryGrowth, .backlogMemory] + latency + throughput + shapes + durableThroughput + [.recovery, .command]

    func isSelected(by filter: String?) -> Bool {
        filter.map { name.contains($0) } ?? true
    }

    var listing: String {
        name.padded(to: 20) + summary
    }
}
