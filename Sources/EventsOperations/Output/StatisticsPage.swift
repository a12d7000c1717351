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

/// How a log and its subscriptions do, for people.
struct StatisticsPage {
    let statistics: LogStatistics
    let now: Date
    let width: Int?
    let style: Style

    var lines: [String] {
        var head = [
            "events \(statistics.lastOffset.grouped)", "dead letters \(statistics.deadLetters.grouped)",
            "scheduled \(statistics.scheduled.grouped)", "opened \(statistics.epoch.grouped)x",
            "file \(statistics.databaseBytes.bytesText) + \(statistics.writeAheadBytes.bytesText)",
        ]
        if statistics.plans > 0 { head.append("plans under way \(statistics.plans.grouped)") }
        var lines = TextLayout.wrap(head.joined(separator: ", "), first: "\(now.secondsText)  ") + [""]
        var table = TextTable([
            .left("SUBSCRIPTION", least: 8), .right("BACKLOG"), .right("LAG"), .right("WAIT"), .right("RETRY"), .right("PARKED"),
            .right("DEAD"), .right("/MIN"), .right("P50"), .right("P99"),
        ])
        for subscription in statistics.subscriptions {
            table.add([
                subscription.subscription.printable + (subscription.isRegistered ? "" : " (absent)"),
                subscription.backlog.grouped + (subscription.backlogIsAtLeast ? "+" : ""),
                subscription.lagSeconds.map { Duration.seconds($0).compactText } ?? "-", subscription.waiting.grouped,
                subscription.retrying.grouped, subscription.parked.grouped, subscription.deadLetters.grouped,
                subscription.completedLastMinute.grouped, time(subscription.latency?.p50), time(subscription.latency?.p99),
            ])
        }
        lines += table.lines(width: width, style: style)
        for subscription in statistics.subscriptions {
            if let workers = subscription.workers, let limit = subscription.workerLimit, workers >= limit {
                lines.append("\(subscription.subscription.printable): all \(limit) workers that it may have are busy")
            }
            if let next = subscription.nextRetry {
                lines.append("\(subscription.subscription.printable): next retry \(next.ageText(now: now))")
            }
        }
        return lines
    }

    private func time(_ seconds: Double?) -> String { seconds.map { Duration.seconds($0).compactText } ?? "-" }
}
