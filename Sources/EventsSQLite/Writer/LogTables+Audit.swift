//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LogTables {
    /// Keeps who changed what, when and why. Returns the row's number.
    func insertAudit(
        _ audit: LogAudit, action: StaticString, subject: String, affected: Int, time: Date
    ) throws -> Int64 {
        let statement = try connection.statement(
            """
            INSERT INTO bus_audit (at, actor, action, subject, affected, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id
            """)
        statement.bind(1, time.microseconds)
        statement.bind(2, audit.actor)
        statement.bind(3, action.description)
        statement.bind(4, subject)
        statement.bind(5, affected)
        statement.bind(6, audit.reason)
        var id: Int64 = 0
        while try statement.step() { id = statement.int64(0) }
        return id
    }
}

extension LogLetterSelection {
    var isPlanned: Bool {
        if case .planned = self { true } else { false }
    }

    /// What it is about, in words.
    var subject: String {
        switch self {
        case .one(let id): id.description
        case .matching(let filter): filter.subject
        case .planned(let plan, _): "plan \(plan)"
        }
    }
}

extension DeadLetterFilter {
    /// The filter in words: those of the command's options, so that who reads an entry can repeat it.
    package var subject: String {
        var parts: [String] = []
        func add(_ name: String, _ value: String?) {
            if let value { parts.append("\(name)=\(value)") }
        }
        add("subscription", subscription)
        add("event", eventName)
        add("key", orderingKey)
        add("error", errorType)
        add("error-text", errorContains)
        add("correlation", correlationID?.description)
        add("since", since?.formatted(.iso8601))
        add("before", before?.formatted(.iso8601))
        return parts.isEmpty ? "all dead letters" : parts.joined(separator: " ")
    }
}
