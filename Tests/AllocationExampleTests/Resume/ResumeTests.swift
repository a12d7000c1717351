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

@testable import AllocationExample

@Suite("A demonstration on a file that exists")
struct ResumeTests {
    private static let lines = [
        #"{"type":"batch.created","ref":"b1","sku":"LAMP","qty":10}"#,
        #"{"type":"allocation.required","orderid":"o1","sku":"LAMP","qty":8}"#,
        "nonsense",
        #"{"type":"allocation.required","orderid":"o2","sku":"LAMP","qty":8}"#,
        #"{"type":"batch.quantity.changed","ref":"b1","sku":"LAMP","qty":5}"#,
        #"{"type":"allocation.required","orderid":"o3","sku":"SOFA","qty":1}"#,
    ]

    private struct Result {
        let status: Int32
        let output: [String]
        let notices: [String]
    }

    /// Runs the program on a stream and a log.
    private static func run(
        _ lines: [String] = lines, at path: String, log: String, resume: Bool = true, faults: Options.Faults = .none,
        stopAfter limit: Int = .max
    ) async throws -> Result {
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        let captured = CapturedConsole()
        let checks = Guarded(0)
        let status = await Demonstration(
            options: Options(input: path, faults: faults, json: true, database: log, resume: resume),
            console: captured.console(isForPrograms: true),
            interruption: {
                checks.withLock { checks in
                    checks += 1
                    return checks > limit ? 15 : nil
                }
            }
        ).run()
        return Result(status: status, output: captured.outputLines, notices: captured.noticeLines)
    }

    /// What an undisturbed run comes to.
    private static func expected(resumed: Int) -> String {
        #"{"events":{"batchCreated":1,"allocationRequired":4,"batchQuantityChanged":1,"outOfStock":2},"#
            + #""rejectedLines":1,"deadLettered":1,"deallocated":1,"allocatedLines":0,"allocatedUnits":0,"#
            + #""availableUnits":5,"skus":1,"outOfStockSKUs":1,"resumed":\#(resumed)}"#
    }

    @Test("is refused without --resume, with advice, and leaves the file as it is")
    func refusal() async throws {
        try await withTemporaryStream("") { path, log in
            try Data("precious".utf8).write(to: URL(fileURLWithPath: log))
            let result = try await Self.run(at: path, log: log, resume: false)
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(
                result.notices == [
                    "error: \(log.quoted) exists; add --resume to go on with it, or name another file with --db"
                ])
            #expect(try String(contentsOfFile: log, encoding: .utf8) == "precious")
        }
    }

    @Test("is started with --resume when there is no file yet")
    func missing() async throws {
        try await withTemporaryStream("") { path, log in
            let result = try await Self.run(at: path, log: log)
            #expect(result.status == 0)
            #expect(result.output == [Self.expected(resumed: 0)])
        }
    }

    @Test("that a finished run left comes to the same totals, and handles nothing again")
    func finished() async throws {
        try await withTemporaryStream("") { path, log in
            _ = try await Self.run(at: path, log: log)
            for _ in 1...2 {
                let result = try await Self.run(at: path, log: log)
                #expect(result.status == 0)
                #expect(result.output == [Self.expected(resumed: 8)])
            }
        }
    }

    @Test("that a stopped run left goes on from there, whichever line that was", arguments: 1...6)
    func stopped(limit: Int) async throws {
        try await withTemporaryStream("") { path, log in
            let first = try await Self.run(at: path, log: log, stopAfter: limit)
            #expect(first.status == 143)
            #expect(first.output.isEmpty)
            #expect(first.notices.last == "resume with the same options and: --db \(log) --resume")

            let second = try await Self.run(at: path, log: log)
            #expect(second.status == 0)
            let resumed = [1, 2, 2, 4, 7, 8][limit - 1]
            #expect(second.output == [Self.expected(resumed: resumed)])
        }
    }

    @Test("refuses a stream in which a line is another one, and handles nothing of it")
    func changedLine() async throws {
        try await withTemporaryStream("") { path, log in
            _ = try await Self.run(at: path, log: log)
            var changed = Self.lines
            changed[3] = #"{"type":"allocation.required","orderid":"o2","sku":"LAMP","qty":2}"#
            changed.append(#"{"type":"batch.created","ref":"b9","sku":"LAMP","qty":10}"#)
            let result = try await Self.run(changed, at: path, log: log)
            #expect(result.status == 1)
            #expect(result.output.isEmpty)
            #expect(
                result.notices.last == "error: cannot resume \(log.quoted): line 4 of the stream is not the one that was handled "
                    + "there; resume with the same --input, or name another --db")

            // The right stream still goes.
            #expect(try await Self.run(at: path, log: log).output == [Self.expected(resumed: 8)])
        }
    }

    @Test(
        "refuses a stream in which a line is malformed, blank or missing now",
        arguments: [(1, "nonsense", 2), (1, "", 2), (0, nil, 1), (5, nil, 6)])
    func damagedLine(index: Int, replacement: String?, named: Int) async throws {
        try await withTemporaryStream("") { path, log in
            _ = try await Self.run(at: path, log: log)
            var changed = Self.lines
            changed.replaceSubrange(index...index, with: [replacement].compactMap(\.self))
            let result = try await Self.run(changed, at: path, log: log)
            #expect(result.status == 1)
            let problem = index == 5 ? "the stream ends before line 6," : "line \(named) of the stream is not the one"
            #expect(result.notices.last?.contains(problem) == true, "\(result.notices)")
        }
    }

    @Test("takes a stream that goes on where it ended")
    func longerStream() async throws {
        try await withTemporaryStream("") { path, log in
            _ = try await Self.run(Array(Self.lines.prefix(4)), at: path, log: log)
            #expect(try await Self.run(at: path, log: log).output == [Self.expected(resumed: 4)])
        }
    }

    @Test("refuses the log of another application")
    func foreignLog() async throws {
        try await withTemporaryStream("") { path, log in
            try await withEventBus(log: .sqlite(log)) { bus in try await bus.publish(OutOfStock(sku: "LAMP")) }
            let result = try await Self.run(at: path, log: log)
            #expect(result.status == 1)
            #expect(result.notices.last?.contains("the log is that of another application") == true, "\(result.notices)")
        }
    }

    @Test("sends the mail that was refused to the end even when the run that found it was stopped before it could")
    func stuckMail() async throws {
        try await withTemporaryStream("") { path, log in
            // Without the repair that a run with faults does at its end.
            let application = AllocationApplication(path: log, mailFaults: .some)
            try await application.withBus(workers: 1) { bus, _ in
                let driver = StreamDriver(bus: bus)
                try Data(Self.lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
                var stream = try OrderStream(path: path)
                _ = try await driver.drive(next: { try stream.next() }, tell: { _ in })
                #expect(try await bus.deadLetters.list().letters.count == 2)
            }
            let result = try await Self.run(at: path, log: log, faults: .mail)
            #expect(result.output == [Self.expected(resumed: 8)])
            #expect(result.notices.joined(separator: " ").contains("redriven: attempt 5 sent"))
        }
    }
}
