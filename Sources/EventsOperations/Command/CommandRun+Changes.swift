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
    /// What a change is called, before it and after.
    struct Verb {
        let future: String
        let past: String
        let kind: String
    }

    func retryLetters() async throws -> ExitCode {
        let verb = Verb(future: "send back", past: "sent back", kind: "retry")
        if arguments.has("in-order") { try await checkOrder() }
        return try await change(verb) { try await operations.retry($0, reason: reason) }
    }

    func discardLetters() async throws -> ExitCode {
        guard !reason.isEmpty else { throw UsageError("'dlq discard' needs --reason TEXT: it is kept beside what was given up") }
        let verb = Verb(future: "give up", past: "gave up", kind: "discard")
        return try await change(verb) { try await operations.discard($0, reason: reason) }
    }

    /// Changes the letters of the command line: those with identities, or those that a filter matches.
    private func change(
        _ verb: Verb, _ perform: (LetterSelector) async throws -> LetterChange
    ) async throws -> ExitCode {
        let filter = try letterFilter()
        guard arguments.operands.isEmpty else {
            guard filter == .all, !arguments.has("all") else {
                throw UsageError("give either IDs or a filter, not both")
            }
            return try await changeEach(try arguments.operands.map(letterID), verb, perform)
        }
        try requireFilter(filter)
        let preview = try await operations.preview(filter)
        guard preview.letters > 0 else { return nothing("no dead letters: \(filter.words)") }
        let isAgreed = try await agree(
            "\(verb.future) \(preview.letters.counting("dead letter"))", preview, isSend: verb.kind == "retry")
        guard isAgreed else { return .done }
        let result = try await perform(.matching(filter))
        try report(verb, result)
        return result.letters < preview.letters ? .partlyDone : .done
    }

    private func changeEach(
        _ ids: [DeadLetter.ID], _ verb: Verb, _ perform: (LetterSelector) async throws -> LetterChange
    ) async throws -> ExitCode {
        var done: [String] = []
        var isLive = false
        var worst: ExitCode?
        for id in ids {
            do {
                if arguments.has("dry-run") {
                    let detail = try await operations.deadLetter(id)
                    notice("would \(verb.future) \(detail.letter.id.printable) (\(detail.letter.event.printable))")
                } else {
                    isLive = try await perform(.one(id)).isLive
                }
                done.append(id.description)
            } catch let error as OperationsError {
                notice("error: \(error.message.printable)")
                worst = worst ?? ExitCode(error)
            }
        }
        if !done.isEmpty, !arguments.has("dry-run") {
            try report(verb, LetterChange(letters: done.count, ids: done, isLive: isLive))
        }
        guard let worst else { return .done }
        return done.isEmpty ? worst : .partlyDone
    }

    private func report(_ verb: Verb, _ result: LetterChange) throws {
        if isJSON { return try json(verb.kind, result) }
        let later = result.isLive ? "" : "; no bus has the log open, the next one finds it so"
        let one = result.letters == 1 ? result.ids.first.map { " \($0.printable)" } : nil
        try say(["\(verb.past)\(one ?? " " + result.letters.counting("dead letter"))\(later)"])
    }

    /// Fails unless it is said which letters are meant, if only that all are.
    func requireFilter(_ filter: DeadLetterFilter) throws {
        guard filter == .all, !arguments.has("all") else { return }
        throw UsageError("which dead letters? Name a filter, or all of them with --all")
    }

    /// Shows what is about to be done, and says whether to do it.
    func agree(_ what: String, _ preview: LetterPreview, isSend: Bool = true) async throws -> Bool {
        let isDry = arguments.has("dry-run")
        if isDry || !arguments.has("yes") {
            if isJSON {
                try json("preview", preview)
            } else {
                try say(PreviewPage(preview: preview, now: now, style: style, isSend: isSend).lines)
            }
        }
        if isDry {
            notice("nothing was done (--dry-run)")
            return false
        }
        if arguments.has("yes") { return true }
        if let ask = terminal.ask, ask("\(what.prefix(1).uppercased() + what.dropFirst())?") { return true }
        notice("nothing was done; add --yes to \(what)")
        return false
    }

    /// Fails where the letters of a key would not run in the order of their offsets.
    private func checkOrder() async throws {
        guard let key = arguments.value("key") else { throw UsageError("--in-order needs --key KEY") }
        let others = ["event", "error", "error-text", "correlation", "since", "before"].filter { arguments.value($0) != nil }
        guard others.isEmpty else {
            throw UsageError(
                "--in-order takes all letters of the key, so --\(others[0]) cannot leave any out; only --subscription may be given as well"
            )
        }
        var query = DeadLetterQuery()
        query.filter = DeadLetterFilter(subscription: arguments.value("subscription"), orderingKey: key)
        query.limit = 1_000
        let names = Set(try await operations.deadLetters(query).letters.map(\.subscription))
        for subscription in try await operations.subscriptions()
        where names.contains(subscription.subscription) && subscription.order == "unordered" {
            throw OperationsError(
                .refused,
                "'\(subscription.subscription)' has no order, so its letters cannot be sent back in one; leave out --in-order")
        }
    }

    func editLetter() async throws -> ExitCode {
        let id = try letterID(arguments.operands[0])
        var values: [(pointer: String, json: String)] = []
        for text in arguments.values("set") { values.append(try Self.split(text, "--set")) }
        for text in arguments.values("set-text") {
            let (pointer, value) = try Self.split(text, "--set-text")
            values.append((pointer, String(decoding: try JSONEncoder().encode(value), as: UTF8.self)))
        }
        guard !values.isEmpty else { throw UsageError("what is to be changed? Say --set /field=JSON or --set-text /field=TEXT") }
        if arguments.has("dry-run") {
            _ = try await operations.deadLetter(id)
            for value in values { notice("would set \(value.pointer.printable) of \(id.description.printable)") }
            notice("nothing was done (--dry-run)")
            return .done
        }
        let number = try await operations.edit(id, values, reason: reason)
        if isJSON {
            try json("edit", EditRecord(id: id.description, edits: number))
        } else {
            try say([
                "edited \(id.description.printable) (\(number == 1 ? "for the first time" : "\(number) times now")); 'dlq retry' sends it back"
            ])
        }
        return .done
    }

    private static func split(_ text: String, _ option: String) throws -> (pointer: String, json: String) {
        guard let sign = text.firstIndex(of: "=") else {
            throw UsageError("\(option) takes POINTER=VALUE, as in /quantity=5, not \(text.quoted)")
        }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }
}

/// An edit that was made.
struct EditRecord: Codable {
    let id: String
    let edits: Int
}

extension DeadLetterFilter {
    /// The filter in words, fit for a terminal.
    var words: String {
        var parts: [String] = []
        func add(_ name: String, _ value: String?) {
            if let value { parts.append("\(name) \(value.quoted)") }
        }
        add("subscription", subscription)
        add("event", eventName)
        add("key", orderingKey)
        add("error", errorType)
        add("error text", errorContains)
        add("correlation", correlationID?.description)
        add("since", since?.secondsText)
        add("before", before?.secondsText)
        return parts.isEmpty ? "none at all" : parts.joined(separator: ", ")
    }
}
