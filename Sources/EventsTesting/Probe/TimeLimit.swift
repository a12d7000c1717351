//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// How a race between work and a clock ended.
private enum Ending<Success: Sendable>: Sendable {
    case done(Success)
    case timeUp
}

/// Runs `operation`, which must listen to cancellation, until it ends or the time is up on an environment's clock.
///
/// - Returns: What the operation returned, or `nil` when the time was up first.
/// - Throws: What the operation throws; `CancellationError` when the task is cancelled.
func withTimeLimit<Success: Sendable>(
    _ limit: Duration, in environment: BusEnvironment, _ operation: @escaping @Sendable () async throws -> Success
) async throws -> Success? {
    let alarm = environment.makeAlarm()
    alarm.set(environment.now().advanced(by: limit))
    return try await withThrowingTaskGroup(of: Ending<Success>.self) { group in
        // The group waits for the child at the alarm, which knows no cancellation.
        defer { alarm.stop() }
        group.addTask { .done(try await operation()) }
        group.addTask {
            _ = await alarm.ring()
            return .timeUp
        }
        if case .done(let success) = try await group.next() { return success }
        group.cancelAll()
        do {
            // The operation may have come to its end at the same time.
            if case .done(let success) = try await group.next() { return success }
        } catch is CancellationError where !Task.isCancelled {}
        return nil
    }
}
