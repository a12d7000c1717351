//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// One task's wait for one answer, which is decided exactly once: by the answer or by the task's cancellation, whichever is first.
///
/// The decision does not need the bus's actor, so a cancelled wait ends at once and without a task of its own; the bus learns of it
/// when it next looks at the waiter.
final class Waiter<Value: Sendable>: Sendable {
    private enum State {
        case undecided(CheckedContinuation<Value, any Error>?)
        case decided(Result<Value, any Error>)
        case delivered
    }

    private let state = Guarded<State>(.undecided(nil))

    /// Decides the wait. Returns whether this call was the one that decided it.
    @discardableResult
    func decide(_ result: Result<Value, any Error>) -> Bool {
        let (decided, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            guard case .undecided(let continuation) = state else { return (false, nil) }
            state = continuation == nil ? .decided(result) : .delivered
            return (true, continuation)
        }
        continuation?.resume(with: result)
        return decided
    }

    var isDecided: Bool {
        state.withLock { state in
            if case .undecided = state { return false }
            return true
        }
    }

    /// Waits for the decision; to be called once. When the task is cancelled first, the decision is `CancellationError`.
    func value(isolation: isolated (any Actor)? = #isolation) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Value, any Error>? in
                    switch state {
                    case .undecided:
                        state = .undecided(continuation)
                        return nil
                    case .decided(let result):
                        state = .delivered
                        return result
                    case .delivered:
                        return .failure(CancellationError())
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            decide(.failure(CancellationError()))
        }
    }
}
