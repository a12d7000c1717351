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
    func listLetters() async throws -> ExitCode {
        let filter = try letterFilter()
        return arguments.has("group") ? try await listGroups(filter) : try await listLetters(filter)
    }

    private func listGroups(_ filter: DeadLetterFilter) async throws -> ExitCode {
        let groups = try await operations.deadLetterGroups(filter)
        guard !groups.isEmpty else { return nothing("no dead letters") }
        try table(
            "deadLetterGroup", groups,
            [
                .right("LETTERS"), .right("PARKING"), .left("SUBSCRIPTION"), .left("EVENT", least: 8), .left("ERROR", least: 8),
                .left("OLDEST"), .left("EXAMPLE"),
            ]
        ) { group in
            [
                group.letters.grouped, group.parking.grouped, group.subscription.printable, group.event.printable,
                error(group.errorType, group.reason), group.oldest.ageText(now: now), group.example.printable,
            ]
        }
        return .done
    }

    private func listLetters(_ filter: DeadLetterFilter) async throws -> ExitCode {
        var query = DeadLetterQuery()
        query.filter = filter
        query.limit = try count("limit", 20)
        query.isNewestFirst = arguments.has("newest")
        query.after = try arguments.value("after").map { Int64(try HumanCount.parse($0, "--after", in: 0...Int.max)) }
        let page = try await operations.deadLetters(query)
        guard !page.letters.isEmpty else { return nothing("no dead letters") }
        try table(
            "deadLetter", page.letters,
            [
                .left("ID"), .left("EVENT", least: 8), .left("KEY", least: 6), .left("ERROR", least: 12), .right("TRIES"),
                .right("PARKED"), .left("DIED"),
            ]
        ) { letter in
            [
                letter.id.printable, letter.event.printable, letter.key?.printable ?? "",
                error(letter.errorType, letter.reason) + (letter.errorText.isEmpty ? "" : ": " + letter.errorText.printable(80)),
                letter.attempts.grouped, parkedText(letter), letter.diedAt.ageText(now: now),
            ]
        }
        let shown = "\(page.letters.count.grouped) of \(page.total.counting("dead letter"))"
        if let next = page.next {
            notice("\(shown); the next page: --after \(next)")
        } else if !isJSON {
            notice(shown)
        }
        return .done
    }

    private func parkedText(_ letter: DeadLetterSummary) -> String {
        guard letter.parksKey else { return "-" }
        return letter.parked.grouped + (letter.parkedIsAtLeast ? "+" : "")
    }

    /// The error's type, or the reason where that says more.
    private func error(_ type: String, _ reason: String) -> String {
        ["exhausted", "permanent"].contains(reason) ? type.printable : "\(reason) (\(type))".printable
    }

    func nothing(_ what: String) -> ExitCode {
        notice(what)
        return .nothingMatched
    }

    func showLetter() async throws -> ExitCode {
        let id = try letterID(arguments.operands[0])
        let withPayload = arguments.has("payload")
        let detail = try await operations.deadLetter(id, withPayload: withPayload)
        if isJSON {
            try json("deadLetterDetail", detail, raw: try await payloadFields(detail.payload, detail.editedPayload))
        } else {
            try say(LetterPage(detail: detail, now: now, style: style).lines)
        }
        return .done
    }

    /// Payloads as fields of a JSON line: as the JSON that they are, or, where they are none, as text.
    func payloadFields(_ payload: String?, _ edited: String? = nil) async throws -> [(name: String, json: String)] {
        var fields: [(name: String, json: String)] = []
        for case (let name, let text?) in [("payload", payload), ("editedPayload", edited)] {
            fields.append((name, try await operations.look { try $0.json(text) }))
        }
        return fields
    }

    func exportLetters() async throws -> ExitCode {
        var query = DeadLetterQuery()
        query.filter = try letterFilter()
        query.limit = 200
        let redaction = try Redaction(arguments.values("redact"))
        let file = try arguments.value("output").map { try ExportFile($0) }
        var count = 0
        while true {
            let page = try await operations.deadLetters(query)
            for letter in page.letters {
                // One that was sent back meanwhile is a letter no more.
                guard let id = DeadLetter.ID(letter.id), let detail = try? await operations.deadLetter(id, withPayload: true)
                else {
                    continue
                }
                let line = try await operations.look { log in
                    let (letter, fields) = try redaction.apply(to: detail, log)
                    return try JSONLine.text("deadLetterDetail", letter, raw: fields)
                }
                if let file { try file.write(line + "\n") } else { try terminal.output.write(line.escapedForTerminal + "\n") }
                count += 1
            }
            guard let next = page.next else { break }
            query.after = next
        }
        try file?.close()
        guard count > 0 else { return nothing("no dead letters") }
        notice("exported \(count.counting("dead letter"))")
        return .done
    }

    func checkLetters() async throws -> ExitCode {
        let maxAge = try arguments.value("max-age").map(HumanDuration.parse)
        let most =
            try arguments.value("max").map { try HumanCount.parse($0, "--max", in: 0...Int.max) } ?? (maxAge == nil ? 0 : .max)
        let preview = try await operations.preview(try letterFilter())
        let age = preview.oldest.map { Duration.seconds(max(0, now.timeIntervalSince($0))) }
        var problems: [String] = []
        if preview.letters > most { problems.append("\(preview.letters.grouped) are more than \(most.grouped)") }
        if let maxAge, let age, age > maxAge { problems.append("the oldest is older than \(maxAge.compactText)") }
        if isJSON {
            try json(
                "check",
                CheckRecord(
                    letters: preview.letters, oldest: preview.oldest, isBreached: !problems.isEmpty, problems: problems))
        } else {
            let oldest = age.map { ", the oldest \($0.compactText) old" } ?? ""
            try say([
                "\(preview.letters.counting("dead letter"))\(oldest)"
                    + (problems.isEmpty ? ": ok" : ": \(problems.joined(separator: ", "))")
            ])
        }
        return problems.isEmpty ? .done : .thresholdBreached
    }
}

/// What a check found.
struct CheckRecord: Codable {
    let letters: Int
    let oldest: Date?
    let isBreached: Bool
    let problems: [String]
}
