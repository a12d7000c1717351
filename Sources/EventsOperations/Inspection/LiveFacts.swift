//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What is known beyond the log's tables.
package struct LiveFacts: Sendable {
    package var owner = LogOwner.none
    /// What the bus has in memory, if it said so.
    package var status: BusStatus?
    /// What runs now: subscriptions' numbers and offsets.
    package var running: Set<RunningDelivery> = []
    package var now: Date

    package init(now: Date) {
        self.now = now
    }

    var isOwned: Bool { owner != .none }
}

/// A delivery whose handler runs.
package struct RunningDelivery: Sendable, Hashable {
    let subscription: Int64
    let offset: Int64
}
