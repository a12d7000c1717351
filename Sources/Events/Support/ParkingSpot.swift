//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Where an idle worker waits for work, outside of the bus's actor.
///
/// A worker that waited on the actor would come back onto it the moment it is woken, and take one event at a time. From out here it
/// takes a thread's wake-up to come back, and what was published meanwhile is waiting for it as one run.
package final class ParkingSpot: Sendable {
    private enum State {
        case empty
        case parked(CheckedContinuation<Void, Never>)
        /// Woken before it parked.
        case permitted
    }

    private let state = Guarded<State>(.empty)

    package init() {}

    /// Waits until `wake()` is called, or returns at once if it was called since the last wait. One task waits at a time.
    package func park() async {
        await withCheckedContinuation { continuation in
            let isPermitted = state.withLock { state in
                if case .permitted = state {
                    state = .empty
                    return true
                }
                state = .parked(continuation)
                return false
            }
            if isPermitted { continuation.resume() }
        }
    }

    /// Lets the parked task go, or the next one that parks.
    package func wake() {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .parked(let continuation) = state {
                state = .empty
                return continuation
            }
            state = .permitted
            return nil
        }
        continuation?.resume()
    }
}
