//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The time of day by which a log's retries and scheduled events come due: the system's, but for its steps back. A pure structure.
///
/// When the system's clock is set back this one goes on beside it, so that nothing waits longer than it was to wait, and nothing that
/// is not due comes early either. When the system's clock is set forward, or has caught up, it follows.
struct ScheduleClock {
    /// A step back that is smaller, in seconds, is none: the two clocks cannot be read at the same moment.
    static let tolerance = 0.1

    private var last: (time: Date, moment: MonotonicTime)?

    /// The time, given what the two clocks say.
    mutating func time(wall: Date, moment: MonotonicTime) -> Date {
        guard let last else {
            self.last = (wall, moment)
            return wall
        }
        let steady = last.time.addingTimeInterval(last.moment.duration(to: moment).inSeconds)
        let time = steady.timeIntervalSince(wall) > Self.tolerance ? steady : wall
        if moment > last.moment { self.last = (time, moment) }
        return time
    }

    /// Goes on from a time that was it before: what was decided then must not seem to lie in the future.
    mutating func goOn(from time: Date, wall: Date, moment: MonotonicTime) {
        last = (max(time, wall), moment)
    }
}
