//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension Benchmark {
    /// How soon a service is at work again whose log has a long history: from making the bus to the first handler.
    static let recovery = Benchmark(
        name: "recovery-1M", summary: "log of 1,000,000 settled events: open to first handler"
    ) { effort in
        let log = try await LongLog(settled: effort.memoryEvents, waiting: effort.memoryEvents / 100)
        var closed: [Double] = []
        var killed: [Double] = []
        for _ in 0..<effort.recoveries {
            closed.append(try await log.timeToFirstEvent())
            try log.leaveWriteAheadLog(mebibytes: 64)
            killed.append(try await log.timeToFirstEvent())
        }
        return [
            Measurement(name: "recovery-1M", value: closed.median, unit: "ms", budget: .expected(.valueAtMost(100))),
            // The largest write-ahead log that a bus lets there be. A killed process leaves it to the next one.
            Measurement(name: "recovery-1M/after-kill", value: killed.median, unit: "ms", budget: .expected(.valueAtMost(100))),
        ]
    }
}
