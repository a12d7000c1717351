//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// How a shutdown is asked for from synchronous code: remembered at once, and handed to the bus by the task that waits here.
final class ShutdownSignal: Sendable {
    enum Request: Int, Sendable {
        case none
        /// Finish what is there, within the deadline.
        case graceful
        /// Cancel what runs, now.
        case immediate
    }

    private struct State {
        var request = Request.none
        var isClosed = false
        var waiting: (beyond: Request, continuation: CheckedContinuation<Request?, Never>)?
    }

    private let state = Guarded(State())
    /// Read by every publish.
    private let requested = Atomic<Bool>(false)

    var isRequested: Bool { requested.load(ordering: .acquiring) }

    /// Whether the bus is closed.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Asks for a shutdown; a request weaker than an earlier one changes nothing.
    func request(_ request: Request) {
        requested.store(true, ordering: .releasing)
        let continuation = state.withLock { state -> CheckedContinuation<Request?, Never>? in
            guard request.rawValue > state.request.rawValue else { return nil }
            state.request = request
            guard let waiting = state.waiting, request.rawValue > waiting.beyond.rawValue else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        continuation?.resume(returning: request)
    }

    /// Waits for a request stronger than `known`, or returns `nil` when the bus is closed. One task waits at a time.
    func next(beyond known: Request) async -> Request? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Request?? in
                if state.isClosed { return .some(nil) }
                if state.request.rawValue > known.rawValue { return state.request }
                state.waiting = (known, continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends the wait for good.
    func close() {
        requested.store(true, ordering: .releasing)
        let continuation = state.withLock { state -> CheckedContinuation<Request?, Never>? in
            state.isClosed = true
            defer { state.waiting = nil }
            return state.waiting?.continuation
        }
        continuation?.resume(returning: nil)
    }
}
