//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

extension EventBusConfiguration {
    /// How the service's bus works.
    ///
    /// - Parameters:
    ///   - workers: How many handlers run at the same time at most.
    ///   - activity: What counts along.
    static func allocation(workers: Int, activity: BusActivity) -> EventBusConfiguration {
        var configuration = EventBusConfiguration(workers: workers)
        // A batch that shrinks gives back all its lines at once, as many as the stream likes. They must always fit: past the
        // headroom the attempt would be repeated, but its unit of work is committed and would not give them back again. This is the
        // largest headroom there is; no machine's memory holds as many lines.
        configuration.handlerHeadroom = 1 << 30
        // Enough to look into. The bus lets go of older ones; they are counted all the same (`BusActivity`).
        configuration.deadLetterCapacity = 1_000
        configuration.hooks.observe = { activity.note($0) }
        return configuration
    }
}
