//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

// The same as for any log. A closure that is written behind `.sqlite(path)` in the call is only known to be `@Sendable` where the log's
// type is known, and not where it is any `EventLog`.

extension EventBus {
    /// Makes a bus on a SQLite log: ``EventBus/init(log:configuration:handlers:)``.
    ///
    /// ```swift
    /// let bus = try await EventBus(log: .sqlite("shop.db") { transaction in
    ///     try transaction.execute("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, pieces INTEGER)")
    /// })
    /// ```
    public init(
        log: SQLiteEventLog, configuration: EventBusConfiguration = EventBusConfiguration(),
        handlers register: @Sendable (inout HandlerRegistry) throws -> Void = { _ in }
    ) async throws {
        let log: any EventLog = log
        try await self.init(log: log, configuration: configuration, handlers: register)
    }
}

/// Runs a bus on a SQLite log for the duration of `body`: as `withEventBus(log:configuration:handlers:_:)` does with any log.
@discardableResult
public func withEventBus<Result: Sendable>(
    log: SQLiteEventLog, configuration: EventBusConfiguration = EventBusConfiguration(),
    handlers: @Sendable (inout HandlerRegistry) throws -> Void = { _ in },
    _ body: @escaping @Sendable (EventBus) async throws -> Result
) async throws -> Result {
    let log: any EventLog = log
    return try await withEventBus(log: log, configuration: configuration, handlers: handlers, body)
}
