//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension Benchmark {
    /// How fast the bus is with a log that survives a power loss, each beside a loop that only inserts the same rows.
    static let durableThroughput: [Benchmark] = [
        Benchmark(name: "durable-fsync", summary: "what the disk takes to keep 4 KiB") { effort in
            let samples = try SyncProbe.samples(effort.syncs, in: ScratchDirectory())
            return [("p50", 50), ("p99", 99)].map { label, percent in
                Measurement(name: "durable-fsync/\(label)", value: samples.percentile(percent), unit: "µs")
            }
        },
        durable(
            "append-1000", "1,000 events at a time, beside a raw loop", rawBatch: 1_000, atLeast: 0.5
        ) { Load(events: $0.durableEvents * 2, batchSize: 1_000) },
        durable("publish-1", "1 publisher that awaits each commit", rawBatch: 1) { Load(events: $0.durableEvents / 20) },
        durable("publish-256", "256 publishers, each awaits each commit", rawBatch: 256, atLeast: 0.35) {
            Load(events: $0.durableEvents, producers: 256)
        },
        durable(
            "cycle-256", "the same, until handled and settled", rawBatch: 256, handles: true, atLeast: 0.25
        ) { Load(events: $0.durableEvents, producers: 256) },
    ]

    private static func durable(
        _ name: String, _ summary: String, rawBatch: Int, handles: Bool = false, atLeast expected: Double? = nil,
        load: @escaping @Sendable (Effort) -> Load
    ) -> Benchmark {
        Benchmark(name: "durable-\(name)", summary: summary) { effort in
            let load = load(effort)
            var raw = load
            raw.batchSize = rawBatch
            let rates = try await measureRates(
                of: [(DurableBusContender(handles: handles), load), (RawLogContender(settles: handles), raw)],
                repetitions: effort.repetitions)
            return [
                Measurement(
                    name: "durable-\(name)", value: rates[0], unit: "events/s", baseline: rates[1],
                    budget: expected.map { .expected(.ratioAtLeast($0)) })
            ]
        }
    }
}
