//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsCommandLine

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension CommandRun {
    func why() async throws -> ExitCode {
        let report = try await operations.why(arguments.operands[0])
        if isJSON {
            try json("why", report)
        } else {
            try say(WhyPage(report: report, command: command.name, style: style).lines)
        }
        return report.event == nil ? .nothingMatched : .done
    }

    func trace() async throws -> ExitCode {
        let report = try await operations.trace(arguments.operands[0], limit: try count("limit", 1_000, in: 1...100_000))
        if isJSON {
            for node in report.events { try json("traceEvent", node) }
        } else if arguments.has("mermaid") {
            try say(Mermaid.trace(report))
        } else {
            try say(TracePage(report: report, width: terminal.width, style: style).lines)
        }
        if report.isTruncated { notice("there are more events; --limit N shows more") }
        return .done
    }

    func listEvents() async throws -> ExitCode {
        var query = try eventQuery()
        query.limit = try count("limit", 20)
        let list = try await operations.events(query)
        guard !list.events.isEmpty else {
            return nothing(list.isMore ? "nothing so far; look further with --after \(list.position)" : "no events")
        }
        try await show(list, payloads: arguments.has("payload"))
        if list.isMore, query.after != nil { notice("there is more: --after \(list.position)") }
        return .done
    }

    /// Writes events, as a table or as JSON, with payloads if they are wanted.
    private func show(_ list: EventList, payloads: Bool) async throws {
        if isJSON {
            for (event, payload) in zip(list.events, list.payloads) {
                try json("event", event, raw: payloads ? try await payloadFields(payload) : [])
            }
            return
        }
        var table = TextTable([
            .right("OFFSET"), .left("PUBLISHED"), .left("EVENT", least: 10), .left("KEY", least: 6), .left("BY", least: 6),
            .left("ID"),
        ])
        for event in list.events { table.add(cells(event)) }
        let lines = table.lines(width: terminal.width, style: style)
        guard payloads else { return try say(lines) }
        try say([lines[0]])
        for (line, payload) in zip(lines.dropFirst(), list.payloads) { try say([line, "    " + payload.printable]) }
    }

    private func cells(_ event: EventSummary) -> [String] {
        [
            event.offset.map { "\($0)" } ?? "", event.publishedAt.secondsText,
            event.isIntact ? event.event.printable : "(damaged)",
            event.key?.printable ?? "", event.emittedBy?.printable ?? "", event.id.printable,
        ]
    }

    // MARK: Following

    func tail() async throws -> ExitCode {
        var query = try eventQuery()
        let most = try arguments.value("count").map { try HumanCount.parse($0, "--count", in: 1...Int.max) } ?? .max
        var shown = 0
        if query.after == nil {
            query.limit = min(try count("lines", 10, in: 0...100_000), most)
            let end = try await operations.look { try $0.lastOffset() }
            if query.limit > 0 {
                let latest = try await operations.events(query)
                try await follow(latest, &shown)
            }
            query.after = end
        }
        query.limit = 500
        var counter: Int64?
        var isWaiting = false
        while shown < most {
            do {
                let seen = try await operations.look { try $0.changeCounter() }
                if seen != counter || isWaiting {
                    var list: EventList
                    repeat {
                        query.limit = min(500, most - shown)
                        list = try await operations.events(query)
                        try await follow(list, &shown)
                        query.after = list.position
                    } while list.isMore && shown < most
                    counter = seen
                    isWaiting = false
                }
            } catch let error as OperationsError where error.code != .invalid || query.after != nil {
                // The file is being moved, restored, or opened by somebody.
                if !isWaiting { notice("waiting for the log: \(error.message.printable)") }
                isWaiting = true
            }
            if shown < most { try await terminal.pause(.milliseconds(100)) }
        }
        return .done
    }

    private func follow(_ list: EventList, _ shown: inout Int) async throws {
        let payloads = arguments.has("payload")
        for (event, payload) in zip(list.events, list.payloads) {
            if isJSON {
                try json("event", event, raw: payloads ? try await payloadFields(payload) : [])
            } else {
                let key = event.key.map { " key \($0.printable(60))" } ?? ""
                let by = event.emittedBy.map { " by \($0.printable(60))" } ?? ""
                let name = event.isIntact ? event.event.printable : "(damaged)"
                try say(["\(event.publishedAt.secondsText) \(event.offset ?? 0) \(style.bold(name))\(key)\(by)"])
                if payloads { try say(["    " + payload.printable]) }
            }
            shown += 1
        }
    }

    // MARK: Statistics

    func statistics() async throws -> ExitCode {
        let name = arguments.value("subscription")
        guard arguments.has("watch") else {
            let statistics = try await operations.statistics(of: name)
            if name != nil, statistics.subscriptions.isEmpty { return nothing("no such subscription") }
            try show(statistics, at: now)
            return .done
        }
        let interval = try arguments.value("interval").map(HumanDuration.parse) ?? .seconds(2)
        var left = try arguments.value("count").map { try HumanCount.parse($0, "--count", in: 1...Int.max) } ?? .max
        while left > 0 {
            let statistics = try await operations.statistics(of: name)
            try show(statistics, at: BusEnvironment.live.wallClock(), inPlace: terminal.output.columns != nil && !isJSON)
            left -= 1
            if left > 0 { try await terminal.pause(max(interval, .milliseconds(50))) }
        }
        return .done
    }

    private func show(_ statistics: LogStatistics, at time: Date, inPlace: Bool = false) throws {
        if isJSON { return try json("statistics", statistics) }
        let lines = StatisticsPage(statistics: statistics, now: time, width: terminal.width, style: style).lines
        if inPlace { try terminal.output.write(Redraw.text(lines)) } else { try say(lines) }
    }

    func subscriptions() async throws -> ExitCode {
        let rows = try await operations.subscriptions()
        guard !rows.isEmpty else { return nothing("no subscriptions") }
        try table(
            "subscription", rows,
            [.left("SUBSCRIPTION"), .left("STATE"), .left("ORDER"), .right("CURSOR"), .left("EVENTS", least: 10), .left("SINCE")]
        ) { row in
            [
                row.subscription.printable, row.state, row.order ?? "?", row.cursor.grouped,
                row.events.map(\.printable).joined(separator: ", "), row.createdAt.secondsText,
            ]
        }
        return .done
    }

    func topology() async throws -> ExitCode {
        let report = try await operations.topology()
        if isJSON {
            try json("topology", report)
        } else if arguments.has("mermaid") {
            try say(Mermaid.topology(report))
        } else {
            try say(TopologyPage(report: report, style: style).lines)
        }
        return .done
    }

    func audit() async throws -> ExitCode {
        let rows = try await operations.audit(limit: try count("limit", 20))
        guard !rows.isEmpty else { return nothing("nobody has changed anything") }
        try table(
            "audit", rows,
            [
                .left("AT"), .left("ACTION"), .right("LETTERS"), .left("SUBJECT", least: 10), .left("WHO", least: 8),
                .left("REASON", least: 8),
            ]
        ) { row in
            [
                row.at.secondsText, row.action.printable, row.affected.grouped, row.subject.printable, row.actor.printable,
                row.reason.printable,
            ]
        }
        return .done
    }

    func verify() async throws -> ExitCode {
        let report = try await operations.verify(isQuick: arguments.has("quick"))
        if isJSON {
            try json("verify", report)
        } else {
            let counts =
                "\(report.events.counting("event")), \(report.deliveries.grouped) deliveries, \(report.rows.counting("other row"))"
            if report.isSound {
                try say(["\(style.green("sound")): \(counts)"])
            } else {
                try say(
                    report.listed.flatMap { finding in
                        TextLayout.wrap(
                            [finding.table, finding.subject].filter { !$0.isEmpty }.joined(separator: " ").printable + ": "
                                + finding.text.printable,
                            first: finding.kind.rawValue.filled(to: 12) + "  ")
                    })
                if report.findings > report.listed.count {
                    try say(["... and \((report.findings - report.listed.count).grouped) more"])
                }
                notice("\(report.findings == 1 ? "1 thing is" : "\(report.findings.grouped) things are") wrong: \(counts)")
            }
        }
        return report.isSound ? .done : .error
    }
}
