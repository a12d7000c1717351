//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// What became of the mails that were refused.
struct RetryReport {
    let mailer: Mailer
    let policy: RetryPolicy

    /// Mails named one by one; the others are counted.
    private static let longestList = 5

    func lines(_ style: Style) -> [String] {
        let refused = mailer.refused
        let heading = [style.bold("Mails that were refused and tried again"), ""]
        guard !refused.isEmpty else {
            return heading + TextLayout.wrap("Nothing ran out of stock, so there was no mail to refuse.", first: "  ") + [""]
        }
        // The one that does not get through by itself has a report of its own.
        let sent = refused.filter(\.isSent)
        let text =
            "\(mailer.mails.counting("mail")) told the buyers what is out of stock. The mail server refused "
            + "\(refused.count.grouped) of them at first. The bus tried each again after \(delays), and \(sent.count.grouped) "
            + "went out that way\(sent.isEmpty ? "." : ":")"
        return heading + TextLayout.wrap(text, first: "  ") + [""] + list(sent)
    }

    private func list(_ sent: [Mailer.RefusedMail]) -> [String] {
        guard !sent.isEmpty else { return [] }
        let listed = sent.prefix(Self.longestList)
        let names = listed.map { $0.mail.sku.printable(36) }
        let width = names.map(\.count).max() ?? 0
        var lines = zip(listed, names).map { mail, name in
            let attempts = mail.cause.attempt
            return "    \(name.filled(to: width))  refused \(Self.times(attempts - 1)), sent with attempt \(attempts)"
        }
        if sent.count > listed.count { lines.append("    ... and \((sent.count - listed.count).grouped) more") }
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

    private static func times(_ count: Int) -> String {
        switch count {
        case 1: "once"
        case 2: "twice"
        default: "\(count.grouped) times"
        }
    }
}
