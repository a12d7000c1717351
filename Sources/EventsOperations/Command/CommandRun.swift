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

/// What is wrong with a command line beyond what its description says.
struct UsageError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// One command line being carried out.
struct CommandRun: Sendable {
    let arguments: ParsedArguments
    let operations: BusOperations
    let terminal: CommandTerminal
    let command: CommandDescription
    let now: Date

    var isJSON: Bool { arguments.has("json") }
    var style: Style { terminal.style }

    // MARK: Writing

    /// Writes lines for people.
    func say(_ lines: [String]) throws { try terminal.output.write(lines.map { $0 + "\n" }.joined()) }

    /// Writes a line for programs. What a terminal would obey is escaped in it as JSON escapes it.
    func json(_ kind: String, _ body: some Encodable, raw: [(name: String, json: String)] = []) throws {
        try terminal.output.write(try JSONLine.text(kind, body, raw: raw).escapedForTerminal + "\n")
    }

    /// Writes a message.
    func notice(_ line: String) {
        // Whoever closed standard error does not want to hear of it.
        try? terminal.notices.write(line + "\n")
    }

    /// Writes a table, or one JSON object for each of its rows.
    func table<Row: Encodable>(
        _ kind: String, _ rows: [Row], _ columns: [TextTable.Column], _ cells: (Row) -> [String]
    ) throws {
        if isJSON {
            for row in rows { try json(kind, row) }
            return
        }
        var table = TextTable(columns)
        for row in rows { table.add(cells(row)) }
        try say(table.lines(width: terminal.width, style: style))
    }

    // MARK: Reading the arguments

    func count(_ option: String, _ standard: Int, in range: ClosedRange<Int> = 1...100_000) throws -> Int {
        try arguments.value(option).map { try HumanCount.parse($0, "--\(option)", in: range) } ?? standard
    }

    func time(_ option: String) throws -> Date? {
        try arguments.value(option).map { try HumanTime.parse($0, now: now) }
    }

    func correlation() throws -> EventID? {
        try arguments.value("correlation").map { text in
            guard let id = EventID(text) else { throw UsageError("--correlation takes an identity, not \(text.quoted)") }
            return id
        }
    }

    var reason: String { arguments.value("reason") ?? "" }

    func letterID(_ text: String) throws -> DeadLetter.ID {
        guard let id = DeadLetter.ID(text) else {
            throw UsageError("\(text.quoted) names no dead letter; one is written subscription/offset, as in mail/17")
        }
        return id
    }

    /// The filter of the options.
    func letterFilter() throws -> DeadLetterFilter {
        DeadLetterFilter(
            subscription: arguments.value("subscription"), eventName: arguments.value("event"),
            orderingKey: arguments.value("key"), errorType: arguments.value("error"),
            errorContains: arguments.value("error-text"), correlationID: try correlation(), since: try time("since"),
            before: try time("before"))
    }

    func eventQuery() throws -> EventQuery {
        var query = EventQuery()
        query.event = arguments.value("event")
        query.key = arguments.value("key")
        query.correlationID = try correlation()
        query.emittedBy = arguments.value("emitted-by")
        query.since = try time("since")
        query.before = try time("before")
        query.largerThan = try arguments.value("larger-than").map(HumanSize.parse)
        query.after = try arguments.value("after").map { Int64(try HumanCount.parse($0, "--after", in: 0...Int.max)) }
        return query
    }

    // MARK: Doing it

    func run() async throws -> ExitCode {
        switch arguments.verb {
        case ["dlq", "list"]: try await listLetters()
        case ["dlq", "show"]: try await showLetter()
        case ["dlq", "retry"]: try await retryLetters()
        case ["dlq", "discard"]: try await discardLetters()
        case ["dlq", "edit"]: try await editLetter()
        case ["dlq", "export"]: try await exportLetters()
        case ["dlq", "check"]: try await checkLetters()
        case ["dlq", "plan"]: try await makePlan()
        case ["dlq", "apply"]: try await applyPlan()
        case ["dlq", "status"]: try await showPlans()
        case ["dlq", "cancel"]: try await cancelPlan()
        case ["why"]: try await why()
        case ["trace"]: try await trace()
        case ["log"]: try await listEvents()
        case ["tail"]: try await tail()
        case ["stats"]: try await statistics()
        case ["subscriptions"]: try await subscriptions()
        case ["topology"]: try await topology()
        case ["verify"]: try await verify()
        case ["audit"]: try await audit()
        case ["completions"]: try completions()
        case ["manual"]: try manual()
        default: throw UsageError("'\(arguments.verb.joined(separator: " "))' is not there")
        }
    }

    private func completions() throws -> ExitCode {
        guard let shell = arguments.operands.first.flatMap(Completions.Shell.init) else { return .usage }
        try terminal.output.write(Completions(command).script(for: shell))
        return .done
    }

    private func manual() throws -> ExitCode {
        try terminal.output.write(ManPage(command).text(version: "swift-events"))
        return .done
    }
}

extension String {
    /// JSON in which everything that a terminal obeys or hides is written as an escape. Such characters stand in strings alone there.
    var escapedForTerminal: String {
        guard unicodeScalars.contains(where: \.isUnfitForTerminal) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isUnfitForTerminal {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var isUnfitForTerminal: Bool {
        if value < 0x7F { return value < 0x20 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
        default: return false
        }
    }
}
