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
import EventsSQLite
import Foundation
import Testing

@testable import EventsOperations

/// A file may hold any number anywhere. Nothing that is read of it may trap, or go on for ever.
@Suite("Logs with numbers that no log has", .timeLimit(.minutes(10)))
struct ExtremeNumberTests {
    /// Every column of numbers that is no key of its table.
    private static func columns() throws -> [(table: String, column: String)] {
        let connection = try Connection(path: ":memory:", mode: .readWrite)
        try connection.execute(Schema.tables)
        let statement = try connection.prepare(
            """
            SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
            WHERE m.type = 'table' AND m.name LIKE 'bus_%' AND c.type = 'INTEGER'
            """)
        var found: [(String, String)] = []
        while try statement.step() { found.append((statement.text(0), statement.text(1))) }
        return found
    }

    /// Asks everything there is to ask.
    private func askEverything(_ path: String) throws {
        let log: LogInspection
        do { log = try LogInspection(path) } catch is LogFailure { return }
        var live = LiveFacts(now: Date(timeIntervalSince1970: 1_800_000_000))
        live.owner = .running(processID: 1)
        func ask(_ body: () throws -> Void) throws {
            do { try body() } catch is LogFailure {} catch is OperationsError {}
        }
        var lines: [String] = []
        try ask { lines += [try JSONLine.text("x", log.deadLetters(DeadLetterQuery()))] }
        try ask { lines += try log.deadLetterGroups(.all).map { try JSONLine.text("x", $0) } }
        for id in ["mail/1", "audit/10", "mail/2"] {
            try ask {
                if let detail = try log.deadLetter(try #require(DeadLetter.ID(id)), withPayload: true) {
                    lines += LetterPage(detail: detail, now: live.now, style: .init()).lines
                    lines += [try JSONLine.text("x", detail)]
                }
            }
        }
        for subject in ["mail/1", "mail/2", "1", "8", "9223372036854775807", "0199d0c5-7b1e-7a2b-8c3d-000000000001"] {
            try ask { lines += WhyPage(report: try log.why(subject, live), command: "x", style: .init()).lines }
            try ask {
                if let trace = try log.trace(subject, limit: 100, live) {
                    lines += TracePage(report: trace, width: 80, style: .init()).lines + Mermaid.trace(trace)
                }
            }
        }
        try ask { lines += StatisticsPage(statistics: try log.statistics(live), now: live.now, width: 80, style: .init()).lines }
        try ask { lines += [try JSONLine.text("x", log.statistics(live))] }
        try ask { lines += try log.plans().flatMap { PlanPage(plan: $0, now: live.now, style: .init()).lines } }
        try ask {
            lines += PreviewPage(preview: try log.preview(.all), now: live.now, style: .init(), interval: .seconds(1)).lines
        }
        try ask { lines += try log.audit(limit: 10).map { try JSONLine.text("x", $0) } }
        try ask { lines += TopologyPage(report: try log.topology(), style: .init()).lines }
        try ask {
            lines +=
                try log.subscriptions().map { try JSONLine.text("x", $0) } + [try JSONLine.text("x", log.events(EventQuery()))]
        }
        try ask { lines += [try JSONLine.text("x", try log.verify())] }
        #expect(!lines.isEmpty)
    }

    @Test("no number anywhere traps", arguments: [Int64.min, -1, 0, Int64.max])
    func numbers(value: Int64) async throws {
        let original = try await Self.fullLog()
        for (table, column) in try Self.columns() {
            let folder = try Folder()
            try FileManager.default.copyItem(atPath: original.log, toPath: folder.log)
            // One row: others would have the same key. What a constraint keeps out cannot be there.
            try? folder.damage(
                "UPDATE \(table) SET \(column) = \(value) WHERE rowid = (SELECT min(rowid) FROM \(table))")
            try? folder.damage(
                "UPDATE OR REPLACE \(table) SET \(column) = \(value)")
            try askEverything(folder.log)
        }
    }

    @Test(
        "no list of offsets traps, or goes on for ever",
        arguments: [
            "0-9223372036854775807", "9223372036854775807", "-1", "5-2", "x", "0-1-2", "1 1 1", "-", "0-99999999999999999999",
        ])
    func lists(text: String) async throws {
        let folder = try await Shop.copy()
        try folder.damage("UPDATE bus_settlements SET offsets = '\(text)'; UPDATE bus_subscriptions SET ranges = '\(text)'")
        try askEverything(folder.log)
        try folder.damage("UPDATE bus_subscriptions SET cursor = 9223372036854775000")
        try askEverything(folder.log)
    }

    /// A log with rows in every table.
    private static func fullLog() async throws -> Folder {
        let folder = try await Shop.copy()
        let operations = BusOperations(database: folder.log, actor: "tester")
        let letter = DeadLetter.ID(subscription: "mail", offset: Offset(rawValue: 1))
        try await operations.edit(letter, [(pointer: "/quantity", json: "4")])
        _ = try await operations.makePlan(.all)
        try await operations.retry(.one(DeadLetter.ID(subscription: "audit", offset: Offset(rawValue: 10))))
        return folder
    }
}
