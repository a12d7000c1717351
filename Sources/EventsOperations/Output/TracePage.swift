//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

/// A causal tree for people.
struct TracePage {
    let report: TraceReport
    let width: Int?
    let style: Style

    var lines: [String] {
        var lines = ["correlation \(report.correlationID)"]
        for (index, node) in report.events.enumerated() {
            let isLast = !hasSibling(after: index)
            let branch = node.level == 0 ? "" : String(repeating: "  ", count: min(node.level, 20) - 1) + (isLast ? "└─" : "├─")
            lines.append(cut(branch + style.bold(name(node)) + details(node)))
            let margin = String(repeating: "  ", count: min(node.level, 20)) + "    "
            for delivery in node.deliveries { lines.append(cut(margin + text(delivery))) }
        }
        return lines
    }

    /// Whether another event of the same cause follows.
    private func hasSibling(after index: Int) -> Bool {
        let level = report.events[index].level
        for node in report.events[(index + 1)...] {
            if node.level == level { return true }
            if node.level < level { return false }
        }
        return false
    }

    private func name(_ node: TraceNode) -> String { node.event.isIntact ? node.event.event.printable : "(damaged)" }

    private func details(_ node: TraceNode) -> String {
        let event = node.event
        if let due = node.scheduledFor { return "  scheduled for \(due.secondsText)" }
        let key = event.key.map { "  key \($0.printable(40))" } ?? ""
        let by = event.emittedBy.map { "  by \($0.printable(40))" } ?? ""
        return "  \(event.offset ?? 0)  \(event.publishedAt.secondsText)\(key)\(by)"
    }

    private func text(_ delivery: DeliveryVerdict) -> String {
        let mark: String
        switch delivery.state {
        case .completed: mark = style.green("✓")
        case .dead: mark = style.red("✗")
        case .discarded: mark = style.dim("–")
        default: mark = style.yellow("…")
        }
        var parts = ["\(mark) \(delivery.subscription.printable): \(delivery.state.rawValue)"]
        if let at = delivery.at { parts.append("at \(at.secondsText)") }
        if let seconds = delivery.seconds { parts.append("after \(Duration.seconds(seconds).compactText)") }
        if let due = delivery.due { parts.append("due \(due.secondsText)") }
        if let blocker = delivery.blockedBy { parts.append("behind \(blocker.printable)") }
        if delivery.attempts > 0 {
            parts.append("(\(delivery.attempts.counting("failed attempt")), \(delivery.errorType?.printable(40) ?? "?"))")
        }
        return parts.joined(separator: " ")
    }

    private func cut(_ line: String) -> String {
        // Codes for colours have no width, so lines with them are left to the terminal.
        guard let width, !style.isOn else { return line }
        return line.truncated(to: width)
    }
}
