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

/// What a test that ran a bus got from it.
struct RunResult<Value: Sendable>: Sendable {
    let value: Value
    let report: ShutdownReport
}

/// Runs a bus on a seeded schedule for the duration of `body`, then shuts it down, and returns the report as well.
///
/// - Parameters:
///   - schedule: Supplies the time and the order of everything.
///   - configure: Changes the configuration; it begins with the defaults and four workers.
///   - handlers: Registers the handlers.
///   - body: What to do with the running bus. When it throws, the bus's run is cancelled.
@discardableResult
func withRunningBus<Value: Sendable>(
    on schedule: SeededSchedule,
    configure: (inout EventBusConfiguration) -> Void = { _ in },
    handlers: @Sendable (inout HandlerRegistry) throws -> Void,
    _ body: @escaping @Sendable (EventBus) async throws -> Value
) async throws -> RunResult<Value> {
    let bus = try makeBus(on: schedule, configure: configure, handlers: handlers)
    return try await run(bus, until: body)
}

/// Runs a bus until `body` is done, then shuts it down.
func run<Value: Sendable>(
    _ bus: EventBus, until body: @escaping @Sendable (EventBus) async throws -> Value
) async throws -> RunResult<Value> {
    try await withThrowingTaskGroup(of: ShutdownReport.self) { group in
        group.addTask { try await bus.run() }
        do {
            let value = try await body(bus)
            bus.beginShutdown()
            guard let report = try await group.next() else { throw TestFault("run() gave no report") }
            return RunResult(value: value, report: report)
        } catch {
            group.cancelAll()
            while let ended = await group.nextResult() { _ = ended }
            throw error
        }
    }
}

/// Makes a bus in a schedule's world: its time, chance, identifiers and tasks.
func makeBus(
    on schedule: SeededSchedule,
    configure: (inout EventBusConfiguration) -> Void = { _ in },
    handlers: @Sendable (inout HandlerRegistry) throws -> Void
) throws -> EventBus {
    try EventBus(configuration: schedule.configuration(configure), handlers: handlers)
}

/// Makes a bus without handlers in a schedule's world.
func makeBus(on schedule: SeededSchedule) throws -> EventBus {
    try makeBus(on: schedule) { _ in }
}

extension SeededSchedule {
    /// The configuration of a bus in this schedule's world.
    func configuration(_ configure: (inout EventBusConfiguration) -> Void) -> EventBusConfiguration {
        var configuration = EventBusConfiguration()
        configuration.environment = environment
        // Real buses let events gather for quick workers; half of the seeds do, so that both ways are tested.
        configuration.environment.gatheringYields = seed.isMultiple(of: 2) ? 0 : 4
        configure(&configuration)
        return configuration
    }
}

extension EventBus {
    /// The statistics of one subscription; all zero when there is none of that name.
    func statistics(of subscription: String) -> EventBusStatistics.Subscription {
        statistics().subscriptions[subscription] ?? EventBusStatistics.Subscription()
    }
}

/// The seeds that tests try where the order of things matters.
let fewSeeds: Range<UInt64> = 0..<20
