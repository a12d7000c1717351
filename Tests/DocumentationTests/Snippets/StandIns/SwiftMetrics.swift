//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

// The shape of what the adapters in docs/observability.md use of swift-metrics (Metrics 2.x), and a record of how they use it.

final class MetricsRecord: Sendable {
    /// The record of the task, so that tests do not see each other's.
    @TaskLocal static var current = MetricsRecord()

    private let state = Guarded<[String: Int64]>([:])

    subscript(metric: String) -> Int64? { state.withLock { $0[metric] } }

    func add(_ amount: Int64, to label: String, _ dimensions: [(String, String)]) {
        let name = label + "{" + dimensions.map { "\($0)=\($1)" }.joined(separator: ",") + "}"
        state.withLock { $0[name, default: 0] += amount }
    }
}

class Counter {
    let label: String
    let dimensions: [(String, String)]

    init(label: String, dimensions: [(String, String)] = []) {
        self.label = label
        self.dimensions = dimensions
    }

    func increment<DataType: BinaryInteger>(by amount: DataType) {
        MetricsRecord.current.add(Int64(amount), to: label, dimensions)
    }
}

class Gauge {
    let label: String
    let dimensions: [(String, String)]

    init(label: String, dimensions: [(String, String)] = []) {
        self.label = label
        self.dimensions = dimensions
    }

    func record<DataType: BinaryInteger>(_ value: DataType) {
        MetricsRecord.current.add(Int64(value), to: label, dimensions)
    }
}

/// Stands for the module, by whose name its timer is told from Foundation's.
enum Metrics {
    class Timer {
        let label: String
        let dimensions: [(String, String)]

        init(label: String, dimensions: [(String, String)] = []) {
            self.label = label
            self.dimensions = dimensions
        }

        func recordNanoseconds(_ duration: Int64) {
            MetricsRecord.current.add(duration, to: label, dimensions)
        }
    }
}
