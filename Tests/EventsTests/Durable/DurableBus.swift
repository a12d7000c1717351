//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting

extension SeededSchedule {
    /// A log in memory that commits in tasks of this schedule, so that the seed decides when.
    func makeLog() -> MemoryEventLog {
        let spawn = environment.spawn
        return MemoryEventLog(commits: .spawned(by: { operation in _ = spawn("log", operation) }))
    }
}

/// Runs a bus on a log until `body` is done, then shuts it down.
@discardableResult
func withDurableBus<Value: Sendable>(
    _ log: any EventLog, on schedule: SeededSchedule,
    configure: (inout EventBusConfiguration) -> Void = { _ in },
    handlers: @Sendable (inout HandlerRegistry) throws -> Void,
    _ body: @escaping @Sendable (EventBus) async throws -> Value
) async throws -> RunResult<Value> {
    let bus = try await makeDurableBus(log, on: schedule, configure: configure, handlers: handlers)
    return try await run(bus, until: body)
}

func makeDurableBus(
    _ log: any EventLog, on schedule: SeededSchedule,
    configure: (inout EventBusConfiguration) -> Void = { _ in },
    handlers: @Sendable (inout HandlerRegistry) throws -> Void
) async throws -> EventBus {
    try await EventBus(log: log, configuration: schedule.configuration(configure), handlers: handlers)
}
