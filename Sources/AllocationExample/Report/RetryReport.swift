//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsCommandLine

/// What became of the mails that were refused.
struct RetryReport {
    /// All mails there were.
    let mails: Int
    /// Those that were refused for a moment and sent later, in order.
    let late: [SentMail]
    /// What became of the one that does not get through by itself; `nil` if it was not refused.
    let stuck: Stuck?
    let policy: RetryPolicy

    enum Stuck: Sendable, Hashable {
        /// It is a dead letter, which has a report of its own.
        case dead
        /// An earlier run sent its dead letter back.
        case redriven
    }

    /// Mails named one by one; the others are counted.
    private static let longestList = 5

    func lines(_ style: Style) -> [String] {
        let heading = [style.bold("Mails that were refused and tried again"), ""]
        guard mails > 0 else {
            return heading + TextLayout.wrap("Nothing ran out of stock, so there was no mail to refuse.", first: "  ") + [""]
        }
        let told = "\(mails.counting("mail")) told the buyers what is out of stock."
        let refused = late.count + (stuck == nil ? 0 : 1)
        guard refused > 0 else {
            return heading + TextLayout.wrap(told + " The mail server refused none of them.", first: "  ") + [""]
        }
        let redriven = stuck == .redriven ? ". One more did when an earlier run sent its dead letter back" : ""
        let text =
            "\(told) The mail server refused \(refused.grouped) of them at first. The bus tried each again after \(delays), and "
            + "\(late.count.grouped) went out that way\(redriven)\(late.isEmpty ? "." : ":")"
        return heading + TextLayout.wrap(text, first: "  ") + [""] + list
    }

    private var list: [String] {
        guard !late.isEmpty else { return [] }
        let listed = late.prefix(Self.longestList)
        let names = listed.map { $0.sku.printable(36) }
        let width = names.map(\.count).max() ?? 0
        var lines = zip(listed, names).map { mail, name in "    \(name.filled(to: width))  sent with attempt \(mail.attempt)" }
        if late.count > listed.count { lines.append("    ... and \((late.count - listed.count).grouped) more") }
        return lines + [""]
    }

    /// "20 ms, 40 ms and 80 ms".
    private var delays: String {
        var delays: [String] = []
        var delay = policy.base
        for _ in 1..<max(2, policy.maxAttempts) {
            delays.append(delay.millisecondsText)
            delay = min(delay * policy.factor, policy.cap)
        }
        return (delays.count > 1 ? delays.dropLast().joined(separator: ", ") + " and " : "") + (delays.last ?? "")
    }
}
