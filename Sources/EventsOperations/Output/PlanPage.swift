//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A redrive plan for people.
struct PlanPage {
    let plan: PlanRecord
    let now: Date
    let style: Style

    var lines: [String] {
        var block = KeyValueBlock()
        block.add("plan", "\(plan.plan)")
        block.add("state", plan.endedBecause.map { "\(plan.state): \($0)".printable } ?? plan.state.printable)
        block.add("letters", "\(plan.total.grouped): \(plan.filter.printable)")
        block.add("made", "\(plan.createdAt.secondsText), \(plan.createdAt.ageText(now: now))")
        block.add("applied", plan.appliedAt.map { "\($0.secondsText), \($0.ageText(now: now))" })
        block.add("ended", plan.endedAt.map { "\($0.secondsText), \($0.ageText(now: now))" })
        if plan.appliedAt != nil {
            let canary = plan.canary > 0 ? "\(plan.canary.grouped) first, then " : ""
            let rate =
                plan.intervalSeconds > 0 ? "one each \(Duration.seconds(plan.intervalSeconds).compactText)" : "as fast as it goes"
            let abort = plan.abortAfter.map { "; ends after \($0.counting("failure"))" } ?? ""
            block.add("pace", canary + rate + abort)
        }
        for (name, count) in [
            ("pending", plan.pending), ("under way", plan.sent - plan.parked), ("parked", plan.parked),
            ("completed", plan.completed), ("dead again", plan.dead), ("given up", plan.discarded), ("gone before", plan.gone),
            ("no handler", plan.unhandled),
        ] where count > 0 { block.add(name, count.grouped) }
        return block.lines(style: style)
    }
}
