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

/// Decides what a plan that is under way does next. A pure structure: it looks at how far the plan is, and says what to do.
///
/// ```
///                       failed as often as it may ──▶ aborted
///   canary: send so many, wait for all ── one failed ──▶ aborted
///                │ all succeeded
///                ▼
///   send the rest, as the rate says ── none left, all came to something ──▶ done
/// ```
struct PlanRun: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        /// Send so many letters back now.
        case send(Int)
        /// Look again after a while.
        case wait(Duration)
        /// End the plan.
        case finish(PlanState, because: String)
    }

    /// How often to look for what became of letters.
    static let lookInterval = Duration.milliseconds(100)
    /// What may be sent at once when the rate would allow more: a plan that was held up does not make good for that.
    static let longestBurst = 256

    let pace: PlanPace

    /// - Parameters:
    ///   - progress: How far the plan is.
    ///   - elapsed: How long ago the last letter was sent; `nil` when none was.
    func next(_ progress: PlanProgress, elapsed: Duration?) -> Step {
        if let limit = pace.abortAfter, progress.dead >= max(1, limit) {
            return .finish(.aborted, because: "\(Self.letters(progress.dead)) failed again")
        }
        let isCanary = pace.canary > 0 && progress.dispatched <= pace.canary
        if isCanary, progress.dead > 0 {
            return .finish(.aborted, because: "\(progress.dead) of the first \(progress.dispatched) failed again")
        }
        guard progress.pending > 0 else {
            if progress.open > 0 { return .wait(Self.lookInterval) }
            return .finish(.done, because: Self.summary(progress))
        }
        var limit = Self.longestBurst
        if isCanary {
            let left = pace.canary - progress.dispatched
            // All of them have to come to something before anything else is sent, and what is parked never will by itself.
            if left == 0, progress.parked > 0, progress.open == 0 {
                return .finish(
                    .aborted, because: "\(progress.parked) of the first \(progress.dispatched) wait behind a dead letter")
            }
            if left == 0, progress.sent > 0 { return .wait(Self.lookInterval) }
            if left > 0 { limit = min(limit, left) }
        }
        return paced(upTo: limit, elapsed: elapsed)
    }

    /// As many as the rate allows.
    private func paced(upTo limit: Int, elapsed: Duration?) -> Step {
        let interval = Duration.microseconds(max(0, pace.interval))
        guard interval > .zero else { return .send(limit) }
        guard let elapsed else { return .send(1) }
        // A clock that was set back makes nothing wait longer than it was to wait.
        let waited = max(.zero, elapsed)
        guard waited >= interval else { return .wait(min(interval - waited, interval)) }
        let due = Int(min(waited / interval, Double(limit)))
        // Half a second's worth at most, so that the rate holds after a pause as well.
        let burst = max(1, Int(min(Duration.milliseconds(500) / interval, Double(Self.longestBurst))))
        return .send(min(due, burst, limit))
    }

    private static func summary(_ progress: PlanProgress) -> String {
        progress.parked > 0 ? "\(letters(progress.parked)) wait behind a dead letter" : "every letter came to something"
    }

    private static func letters(_ count: Int) -> String { "\(count) letter\(count == 1 ? "" : "s")" }
}
