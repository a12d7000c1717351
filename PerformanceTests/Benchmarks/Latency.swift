//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

extension Benchmark {
    /// How long an event takes from its publisher to the start of its handler.
    static let latency: [Benchmark] = [
        Benchmark(name: "latency-idle", summary: "publish to handler start, idle bus") { effort in
            let recorder = LatencyRecorder(capacity: effort.idleSamples)
            try await withListener(recorder) { bus in
                for _ in 0..<effort.idleSamples {
                    try await bus.publish(Pinged())
                    // Long enough for all workers to fall asleep again, so that the next event has to wake one.
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            return percentiles("latency-idle", recorder.samples)
        },
        Benchmark(name: "latency-load", summary: "publish to handler start, 4 producers in bursts") { effort in
            let recorder = LatencyRecorder(capacity: effort.loadedSamples)
            let duration = try await withListener(recorder) { bus in
                try await ContinuousClock().measure {
                    try await Load(events: effort.loadedSamples, producers: 4, batchSize: 5).sendInBursts(to: bus)
                }
            }
            let rate = Double(effort.loadedSamples) / (duration / .seconds(1))
            return percentiles("latency-load", recorder.samples)
                + [Measurement(name: "latency-load/rate", value: rate, unit: "events/s")]
        },
    ]

    private static func withListener<Result: Sendable>(
        _ recorder: LatencyRecorder, _ body: @escaping @Sendable (EventBus) async throws -> Result
    ) async throws -> Result {
        try await withEventBus(
            handlers: { handlers in
                try handlers.subscribe("listener", to: Pinged.self) { ping, _ in recorder.record(since: ping.sentAt) }
            }, body)
    }

    private static func percentiles(_ name: String, _ samples: SortedSamples) -> [Measurement] {
        [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100)].map { label, percent in
            Measurement(name: "\(name)/\(label)", value: samples.percentile(percent), unit: "µs")
        }
    }
}

extension Load {
    /// Publishes each batch one by one and then pauses for a millisecond.
    fileprivate func sendInBursts(to bus: EventBus) async throws {
        try await withProducers { share in
            for burst in batches(of: share) {
                for _ in burst { try await bus.publish(Pinged()) }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }
}
