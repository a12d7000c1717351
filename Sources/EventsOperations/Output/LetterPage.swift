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

/// A dead letter for people.
struct LetterPage {
    let detail: DeadLetterDetail
    let now: Date
    let style: Style

    var lines: [String] {
        let letter = detail.letter
        var block = KeyValueBlock()
        block.add("dead letter", letter.id.printable)
        block.add("event", "\(letter.event.printable) \(letter.eventID?.printable ?? "(damaged)")")
        block.add("key", letter.key?.printable)
        block.add("correlation", letter.correlationID.printable)
        block.add("died", "\(letter.diedAt.secondsText), \(letter.diedAt.ageText(now: now))")
        block.add("reason", Self.reason(letter.reason))
        block.add("error", "\(letter.errorType.printable): \(letter.errorText.printable)")
        block.add("attempts", letter.attempts.grouped)
        block.add("parks its key", letter.parksKey ? "yes" : "no")
        if letter.parksKey { block.add("parked behind", parked) }
        if let plan = letter.plan { block.add("plan", "it is part of plan \(plan)") }
        for redrive in detail.redriven { block.add("redriven", Self.text(redrive)) }
        for edit in detail.edited { block.add("edited", Self.text(edit)) }
        for (name, value) in detail.headers.sorted(by: { $0.key < $1.key }) {
            block.add("header", "\(name.printable): \(value.printable(200))")
        }
        var lines = block.lines(style: style)
        if !detail.history.isEmpty { lines += ["", style.bold("Attempts that did not complete")] + attempts }
        if detail.chain.count > 1 { lines += ["", style.bold("What led to it")] + chain }
        if let payload = detail.payload { lines += ["", style.bold("Payload, as it was published"), payload.printable] }
        if let edited = detail.editedPayload { lines += ["", style.bold("Payload, as it is handled"), edited.printable] }
        return lines
    }

    private var parked: String {
        let letter = detail.letter
        guard letter.parked > 0 else { return "nothing" }
        let more = letter.parked > detail.followers.count ? ", ..." : ""
        let list = detail.followers.map(\.printable).joined(separator: ", ") + more
        return "\(letter.parked.grouped)\(letter.parkedIsAtLeast ? " or more" : ""): \(list)"
    }

    private var attempts: [String] {
        var table = TextTable([.right("#"), .left("STARTED"), .right("TOOK"), .left("ERROR")])
        for attempt in detail.history {
            table.add([
                "\(attempt.number)", attempt.startedAt.secondsText, Duration.seconds(attempt.seconds).compactText,
                "\(attempt.errorType.printable): \(attempt.errorText.printable(200))"
                    + (attempt.isCounted ? "" : " (not counted)"),
            ])
        }
        let omitted = detail.omittedAttempts > 0 ? ["(\(detail.omittedAttempts.grouped) more are only counted)"] : []
        return table.lines(width: nil, style: Style()) + omitted
    }

    private var chain: [String] {
        detail.chain.enumerated().flatMap { index, event in
            TextLayout.wrap(
                "\(event.event.printable) at offset \(event.offset ?? 0)"
                    + (event.emittedBy.map { ", by '\($0.printable)'" } ?? ""),
                first: String(repeating: " ", count: min(index, 20) * 2) + (index > 0 ? "└ " : ""))
        }
    }

    private static func text(_ change: ChangeRecord) -> String {
        "\(change.at.secondsText) by \(change.actor.printable)"
            + (change.reason.isEmpty ? "" : ": \(change.reason.printable(200))")
    }

    private static func reason(_ reason: String) -> String {
        switch reason {
        case "exhausted": "exhausted: every attempt failed"
        case "permanent": "permanent: the failure was called hopeless"
        case "tooDeep": "tooDeep: too many events led to each other"
        case "crashed": "crashed: the process ended while it ran"
        case "undecodable": "undecodable: the code cannot read it"
        case "corrupt": "corrupt: it is not what was written"
        default: reason.printable
        }
    }
}
