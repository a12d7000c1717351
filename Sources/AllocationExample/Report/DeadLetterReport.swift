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
import Foundation

/// A dead letter with its history, and what its redrive came to.
struct DeadLetterReport {
    let letter: DeadLetter

    /// The letter as it was found.
    func lines(_ style: Style) -> [String] {
        let count = letter.attempts.count + letter.omittedAttempts
        let text =
            "One mail was refused in all \(count.counting("attempt")), so its delivery became a dead letter. No other mail waited for it."
        var lines = [style.bold("A dead letter, inspected and redriven"), ""]
        lines += TextLayout.wrap(text, first: "  ") + [""]
        lines += TextLayout.wrap(letter.id.description, first: "    id         ")
        lines += TextLayout.wrap("\(letter.metadata.name) \(letter.metadata.id)", first: "    event      ")
        if let event = letter.event as? OutOfStock {
            lines += TextLayout.wrap(event.sku.printable(), first: "    SKU        ")
        }
        lines += TextLayout.wrap(letter.reason.rawValue, first: "    reason     ")
        for attempt in letter.attempts {
            let start = attempt.startedAt.timeIntervalSince(letter.attempts[0].startedAt)
            let time = Duration.milliseconds((start * 1_000).rounded()).millisecondsText.padded(to: 7)
            let error = "\(attempt.errorType): \(attempt.errorText.printable(200))"
            lines += TextLayout.wrap(error, first: "    attempt \(attempt.number)  \(time)  ", indent: 24)
        }
        return lines + [""]
    }

    /// What became of it.
    ///
    /// - Parameter attempt: The attempt that sent the mail, or `nil` if none did.
    func linesAfterRedrive(sentWithAttempt attempt: Int?) -> [String] {
        let result = attempt.map { "attempt \($0) sent the mail" } ?? "the mail was refused again"
        return TextLayout.wrap("Then the mail server was repaired and the dead letter redriven: \(result).", first: "  ") + [""]
    }
}
