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
internal import EventsSQLite

/// Takes out of a dead letter what is not to leave the house.
struct Redaction: Sendable {
    static let mark = "[redacted]"

    private var pointers: [JSONPointer] = []
    private var names: Set<String> = []

    /// - Parameter fields: JSON pointers, or names that count wherever they stand.
    init(_ fields: [String]) throws {
        for field in fields {
            guard !field.isEmpty else { throw UsageError("--redact takes a JSON pointer or a name, not \(field.quoted)") }
            if field.hasPrefix("/") {
                do {
                    pointers.append(try JSONPointer(field))
                } catch {
                    throw UsageError(error.message)
                }
            } else {
                names.insert(field)
            }
        }
    }

    private var isEmpty: Bool { pointers.isEmpty && names.isEmpty }

    func apply(
        to detail: DeadLetterDetail, _ log: LogInspection
    ) throws -> (DeadLetterDetail, [(name: String, json: String)]) {
        var detail = detail
        for name in detail.headers.keys where names.contains(name) { detail.headers[name] = Self.mark }
        if names.contains("key") {
            if detail.letter.key != nil { detail.letter.key = Self.mark }
            for index in detail.chain.indices where detail.chain[index].key != nil { detail.chain[index].key = Self.mark }
        }
        if names.contains("errorText") {
            detail.letter.errorText = Self.mark
            for index in detail.history.indices { detail.history[index].errorText = Self.mark }
        }
        var fields: [(name: String, json: String)] = []
        for case (let name, let text?) in [("payload", detail.payload), ("editedPayload", detail.editedPayload)] {
            fields.append((name, isEmpty ? try log.json(text) : try log.redacted(text, pointers, names)))
        }
        return (detail, fields)
    }
}

extension LogInspection {
    /// A payload as JSON on one line: as it is, to the last digit, or, where it is none, as a text.
    package func json(_ payload: String) throws -> String {
        try read { session in
            try session.first(
                "SELECT CASE WHEN json_valid(?1) THEN json(?1) ELSE json_quote(?1) END", { $0.bind(1, payload) }
            ) { $0.text(0) } ?? "null"
        }
    }

    /// The same without the fields at some pointers, or of some names. Of what is no JSON, nothing stays.
    func redacted(_ payload: String, _ pointers: [JSONPointer], _ names: Set<String>) throws -> String {
        try read { session in
            let isJSON = try session.first("SELECT json_valid(?1)", { $0.bind(1, payload) }) { $0.int64(0) != 0 } ?? false
            guard isJSON else { return "\"\(Redaction.mark)\"" }
            var text = payload
            func replace(_ path: String) throws {
                text =
                    try session.first(
                        "SELECT json_replace(?1, ?2, ?3)",
                        {
                            $0.bind(1, text)
                            $0.bind(2, path)
                            $0.bind(3, Redaction.mark)
                        }
                    ) { $0.text(0) } ?? "\"\(Redaction.mark)\""
            }
            for name in names.sorted() {
                let paths = try session.rows(
                    "SELECT fullkey FROM json_tree(?1) WHERE key = ?2 AND typeof(key) = 'text'",
                    {
                        $0.bind(1, text)
                        $0.bind(2, name)
                    }
                ) { $0.text(0) }
                // From the inside out: a place is gone once what it lies in was replaced.
                for path in paths.reversed() { try replace(path) }
            }
            for pointer in pointers {
                if let path = try path(of: pointer, in: text, session) { try replace(path) }
            }
            return try session.first("SELECT json(?1)", { $0.bind(1, text) }) { $0.text(0) } ?? "null"
        }
    }

    /// Where a pointer leads in a document, as SQLite writes it; `nil` when it leads nowhere.
    private func path(of pointer: JSONPointer, in text: String, _ session: ReadSession) throws -> String? {
        var path = "$"
        for token in pointer.tokens {
            let type = try session.first(
                "SELECT json_type(?1, ?2)",
                {
                    $0.bind(1, text)
                    $0.bind(2, path)
                }
            ) { $0.textOrNil(0) }
            switch type {
            case "object": path += ".\"\(token)\""
            case "array":
                guard let position = Int(token), position >= 0 else { return nil }
                path += "[\(position)]"
            default: return nil
            }
        }
        return path
    }
}
