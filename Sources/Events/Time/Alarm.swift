//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The one timer of a bus: it is set to the earliest deadline there is and rings once when that comes.
///
/// A bus waits for all retries, timeouts and shutdown deadlines with a single alarm, because a sleeping task a deadline costs
/// memory until the deadline passes even when it is cancelled. Setting an alarm replaces what it was set to before.
package protocol Alarm: AnyObject, Sendable {
    /// Rings at `time`, or at once when `time` has passed. With `nil` nothing is due: no timer stays armed.
    func set(_ time: MonotonicTime?)

    /// Returns `true` when the alarm rings; a ring that came while nobody waited is remembered.
    /// Returns `false` once `stop()` was called, however often it is asked. At most one task waits at a time.
    func ring() async -> Bool

    /// Ends the wait for good. Safe to call more than once.
    func stop()
}
