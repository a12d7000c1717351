//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

/// Why an event has not been handled, for people.
struct WhyPage {
    let report: WhyReport
    let command: String
    let style: Style

    var lines: [String] {
        var lines = TextLayout.wrap(report.explanation.printable)
        if let event = report.event {
            let key = event.key.map { ", key \($0.printable)" } ?? ""
            lines += TextLayout.wrap("\(event.id.printable)\(key)", first: "  ")
        }
        for delivery in report.deliveries {
            lines += ["", "\(style.bold(delivery.subscription.printable)): \(paint(delivery.state))"]
            lines += TextLayout.wrap(delivery.explanation.printable, first: "  ")
            if let text = delivery.errorText, !text.isEmpty, delivery.state != .completed {
                lines += TextLayout.wrap(text.printable(400), first: "  last error: ", indent: 4)
            }
            if !delivery.next.isEmpty {
                lines.append(style.dim("  next: \(command) \(delivery.next.map(Self.shellWord).joined(separator: " "))"))
            }
        }
        return lines
    }

    private func paint(_ state: DeliveryState) -> String {
        switch state {
        case .completed: style.green(state.rawValue)
        case .dead, .parked, .noHandler, .noSubscription: style.red(state.rawValue)
        case .retry, .blocked, .suspect, .absent: style.yellow(state.rawValue)
        default: state.rawValue
        }
    }

    /// A word as a shell takes it.
    static func shellWord(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./:,@%+=".unicodeScalars.contains($0))
        }
        return isPlain && !word.isEmpty ? word : "'" + word.printable.replacing("'", with: "'\\''") + "'"
    }
}
