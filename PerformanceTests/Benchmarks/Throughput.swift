//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension Benchmark {
    /// How many events a second get through, one by one and in batches, for one or more producers and workers, each against both
    /// other ways to do the same.
    static let throughput: [Benchmark] = [
        throughput(batchSize: 1, producers: 1, workers: 1),
        throughput(batchSize: 1, producers: 1, workers: 4, timesAsyncStream: 3),
        throughput(batchSize: 1, producers: 4, workers: 1),
        throughput(batchSize: 1, producers: 4, workers: 4),
        throughput(batchSize: 64, producers: 1, workers: 1),
        throughput(batchSize: 64, producers: 1, workers: 4, timesAsyncStream: 5),
        throughput(batchSize: 64, producers: 4, workers: 1),
        throughput(batchSize: 64, producers: 4, workers: 4),
    ]

    private static func throughput(
        batchSize: Int, producers: Int, workers: Int, timesAsyncStream expected: Double? = nil
    ) -> Benchmark {
        let name = "\(batchSize == 1 ? "publish" : "batch\(batchSize)")-\(producers)p-\(workers)w"
        let way = batchSize == 1 ? "one by one" : "batches of \(batchSize)"
        let summary = "\(way), \(producers.counted("producer")), \(workers.counted("worker"))"
        return Benchmark(name: name, summary: summary) { effort in
            let load = Load(events: effort.events, producers: producers, workers: workers, batchSize: batchSize)
            let rates = try await measureRates(
                of: [EventBusContender(), AsyncStreamContender(), ActorQueueContender()],
                load, repetitions: effort.repetitions)
            return [
                Measurement(
                    name: "\(name)/async-stream", value: rates[0], unit: "events/s", baseline: rates[1],
                    budget: expected.map { .expected(.ratioAtLeast($0)) }),
                Measurement(name: "\(name)/actor-queue", value: rates[0], unit: "events/s", baseline: rates[2]),
            ]
        }
    }
}
