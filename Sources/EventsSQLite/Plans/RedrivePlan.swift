//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Where a redrive plan is.
package enum PlanState: String, Codable, Sendable, Hashable {
    /// Made, and nothing of it sent.
    case planned
    /// Under way, or waiting for a bus that does it.
    case applying
    /// Every letter was sent, and came to something.
    case done
    /// Too much of it failed.
    case aborted
    /// Somebody stopped it.
    case cancelled
}

/// What became of one letter of a plan.
package enum PlanItemState: String, Codable, Sendable, Hashable, CaseIterable {
    /// Not sent yet.
    case pending
    /// Sent back, and under way.
    case sent
    /// Finished: its handler succeeded.
    case completed
    /// A dead letter again.
    case dead
    /// Given up by its handler or by hand.
    case discarded
    /// Not the letter any more that it was when the plan was made, so it was left alone.
    case gone
    /// Left alone, because nobody handles its type.
    case noHandler = "no handler"
}

/// How fast a plan goes, and what stops it.
package struct PlanPace: Codable, Sendable, Hashable {
    /// So many letters go first, one after the other as the rate says, and the rest only if all of them succeed. The default is none.
    package var canary = 0
    /// The least time between two letters, in microseconds. The default is 100,000: ten letters a second.
    package var interval: Int64 = 100_000
    /// After so many failures nothing more is sent; `nil` is never. The default is 10.
    package var abortAfter: Int? = 10

    /// The defaults; set what should be otherwise.
    package init() {}
}

/// How far a plan is.
package struct PlanProgress: Codable, Sendable, Hashable {
    package var pending = 0
    package var sent = 0
    /// Of those that were sent: how many wait behind a dead letter of their key, so that nothing moves them on for now.
    package var parked = 0
    package var completed = 0
    package var dead = 0
    package var discarded = 0
    package var gone = 0
    package var noHandler = 0

    package init() {}

    /// All letters of the plan.
    package var total: Int { pending + sent + completed + dead + discarded + gone + noHandler }
    /// Letters that were sent back.
    package var dispatched: Int { sent + completed + dead + discarded }
    /// Letters whose handler is still to say what becomes of them.
    package var open: Int { sent - parked }
}
