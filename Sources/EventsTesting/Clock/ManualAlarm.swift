//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// The ``Alarm`` of a ``ManualClock``: a handle on state that the clock keeps, because setting an alarm and moving the time
/// must see each other.
///
/// A ring that is remembered survives a later `set(nil)`: what became due has become due, and one look too many at an empty list
/// of deadlines is harmless where a lost one is not. Waiting in `ring()` is not ended by cancellation, only by `stop()`: a bus that
/// shuts down because it was cancelled still has deadlines to keep.
final class ManualAlarm: Alarm {
    private let clock: ManualClock
    private let id: ManualClockState.ID

    init(clock: ManualClock, id: ManualClockState.ID) {
        self.clock = clock
        self.id = id
    }

    deinit {
        clock.removeAlarm(id)
    }

    func set(_ time: MonotonicTime?) {
        clock.setAlarm(id, to: time)
    }

    func ring() async -> Bool {
        await withCheckedContinuation { clock.ringAlarm(id, $0) }
    }

    func stop() {
        clock.stopAlarm(id)
    }
}
