//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Dispatch
internal import Events

/// Waits by a timer of Dispatch: neither a thread nor a sleeping task waits with it.
package final class DispatchPause: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, any Error>)
        case over(Result<Void, any Error>)
    }

    private let state = Guarded(State.idle)

    private init() {}

    /// Returns after this long.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    package static func wait(for duration: Duration) async throws {
        let pause = DispatchPause()
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler { pause.end(.success(())) }
        let nanoseconds = Int(clamping: max(0, duration.saturatingNanoseconds))
        timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .milliseconds(1))
        timer.activate()
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { pause.begin($0) }
        } onCancel: {
            pause.end(.failure(CancellationError()))
        }
    }

    private func begin(_ continuation: CheckedContinuation<Void, any Error>) {
        let result = state.withLock { state -> Result<Void, any Error>? in
            if case .over(let result) = state { return result }
            state = .waiting(continuation)
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    private func end(_ result: Result<Void, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            switch state {
            case .idle:
                state = .over(result)
                return nil
            case .waiting(let continuation):
                state = .over(result)
                return continuation
            case .over: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
