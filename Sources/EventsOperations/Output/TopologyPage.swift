//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

/// Who publishes and handles what, for people.
struct TopologyPage {
    let report: TopologyReport
    let style: Style

    var lines: [String] {
        var names: [String] = []
        for name in report.publishers.map(\.event) + report.handlers.map(\.event) where !names.contains(name) {
            names.append(name)
        }
        var lines: [String] = []
        for name in names.sorted() {
            if !lines.isEmpty { lines.append("") }
            lines.append(style.bold(name.printable))
            for publisher in report.publishers where publisher.event == name {
                let who = publisher.subscription?.printable ?? "outside of handlers"
                lines += TextLayout.wrap("\(who) (\(publisher.events.counting("event")))", first: "  from  ")
            }
            let handlers = report.handlers.filter { $0.event == name }
            if handlers.isEmpty { lines.append("  to    nobody") }
            for handler in handlers {
                lines += TextLayout.wrap(
                    handler.subscription.printable + (handler.isRegistered ? "" : " (absent)"), first: "  to    ")
            }
        }
        return lines.isEmpty ? ["nothing was published, and nobody handles anything"] : lines
    }
}
