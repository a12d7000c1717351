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

/// What the probe's tests publish.
struct Ping: Event {
    static let name = "probe.ping"
    var number: Int

    init(_ number: Int) { self.number = number }
}

/// What the probe's tests have handlers publish in answer.
struct Pong: Event {
    static let name = "probe.pong"
    var number: Int

    init(_ number: Int) { self.number = number }
}

/// A command whose handler emits a ``Pong``.
struct Serve: Command {
    var number: Int
}

/// Runs a bus on a schedule with a probe attached before anything is published.
func withProbedBus(
    on schedule: SeededSchedule,
    handlers: @Sendable (inout HandlerRegistry) throws -> Void = { _ in },
    _ body: @escaping @Sendable (EventBus, EventProbe) async throws -> Void
) async throws {
    var configuration = EventBusConfiguration()
    configuration.environment = schedule.environment
    try await withEventBus(configuration: configuration, handlers: handlers) { bus in
        try await body(bus, EventProbe(bus))
    }
}
