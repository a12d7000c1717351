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
import Testing

@testable import AllocationExample

@Suite("The demonstration")
struct DemonstrationTests {
    /// One SKU with stock for one order of two, one without stock at all, and lines that are wrong in other ways.
    private static let stream = """
        {"type":"batch.created","ref":"b1","sku":"LAMP","qty":10}
        {"type":"allocation.required","orderid":"o1","sku":"LAMP","qty":8}
        nonsense

        {"type":"allocation.required","orderid":"o2","sku":"LAMP","qty":8}
        {"type":"allocation.required","orderid":"o3","sku":"SOFA","qty":1}
        {"type":"batch.quantity.changed","ref":"b2","sku":"LAMP","qty":1}
        {"type":"batch.created","ref":"b3","sku":"DESK","qty":-1}
        """

    /// What a run wrote and came to.
    private struct Result {
        let status: Int32
        let captured: CapturedConsole
    }

    /// Runs the program on a stream, with a log that is gone afterwards.
    private static func run(
        _ text: String, faults: Options.Faults = .none, json: Bool = false, columns: Int? = nil, isStyled: Bool = false,
        interruption: @escaping @Sendable () -> Int32? = { nil }
    ) async throws -> Result {
        try await withTemporaryStream(text) { path, log in
            let captured = CapturedConsole()
            let status = await Demonstration(
                options: Options(input: path, faults: faults, json: json, database: log),
                console: captured.console(isForPrograms: json, columns: columns, isStyled: isStyled),
                interruption: interruption
            ).run()
            return Result(status: status, captured: captured)
        }
    }

    @Test("reports malformed lines with their numbers, counts them, and stops for nothing")
    func rejectedLines() async throws {
        let result = try await Self.run(Self.stream, json: true)
        #expect(result.status == 0)
        #expect(result.captured.noticeLines.contains { $0.hasPrefix("line 3: not valid JSON") })
        #expect(result.captured.noticeLines.contains("line 8: field \"qty\" is -1; give 0 or more"))
        #expect(
            result.captured.outputLines == [
                #"{"events":{"batchCreated":1,"allocationRequired":3,"batchQuantityChanged":1,"outOfStock":1},"#
                    + #""rejectedLines":2,"deadLettered":2,"deallocated":0,"allocatedLines":1,"allocatedUnits":8,"#
                    + #""availableUnits":2,"skus":1,"outOfStockSKUs":1,"resumed":0}"#
            ])
    }

    @Test("shows the dead letters that are left, with the lines they came from")
    func leftLetters() async throws {
        let lines = try await Self.run(Self.stream).captured.outputLines
        #expect(lines.contains("Dead letters left"))
        #expect(lines.contains { $0.contains("allocation.required, line 6: permanent failure: SKU") })
        #expect(lines.contains { $0.contains("batch.quantity.changed, line 7: permanent failure: SKU") })
        #expect(lines.contains("        2  dead letters left."))
    }

    @Test("shows a mail's retries, and a dead letter with its attempts and its redrive, and nothing is left of it")
    func faults() async throws {
        let orders = (1...40).map { #"{"type":"allocation.required","orderid":"o\#($0)","sku":"LAMP","qty":1}"# }
        let text = ([#"{"type":"batch.created","ref":"b","sku":"LAMP","qty":0}"#] + orders).joined(separator: "\n")
        let result = try await Self.run(text, faults: .mail)
        let lines = result.captured.outputLines
        #expect(result.status == 0)
        #expect(lines.contains("    LAMP  sent with attempt 2"))
        #expect(lines.contains("    LAMP  sent with attempt 3"))
        #expect(lines.contains { $0.hasPrefix("    id         out-of-stock-mail/") })
        #expect(lines.contains("    attempt 1     0 ms  MailRefusal: 452 spool damaged (injected fault)"))
        #expect(
            lines.contains {
                $0.hasPrefix("    attempt 4  ") && $0.hasSuffix("  MailRefusal: 452 spool damaged (injected fault)")
            })
        #expect(result.captured.outputText.contains("redriven: attempt 5 sent\n  the mail."))
        #expect(lines.contains("        0  dead letters left."))
    }

    @Test("has nothing to refuse when nothing runs out of stock")
    func faultsWithoutMails() async throws {
        let text = #"{"type":"batch.created","ref":"b","sku":"LAMP","qty":1}"#
        let output = try await Self.run(text, faults: .mail).captured.outputText
        #expect(output.contains("Nothing ran out of stock"))
        #expect(!output.contains("inspected and redriven"))
    }

    @Test("writes nothing but the totals to standard output when a program asked for them")
    func jsonAlone() async throws {
        let result = try await Self.run(Self.stream, faults: .mail, json: true)
        #expect(result.captured.outputLines.count == 1)
        #expect(result.captured.noticeText.contains("dead letters left."))
    }

    @Test("comes to zeros for an empty stream")
    func empty() async throws {
        let result = try await Self.run("", json: true)
        #expect(result.status == 0)
        #expect(result.captured.outputText.contains(#""rejectedLines":0,"deadLettered":0,"#))
    }

    @Test("fails with one line when the stream cannot be read")
    func missingFile() async {
        let captured = CapturedConsole()
        let status = await Demonstration(
            options: Options(input: "/nonexistent/orders.jsonl", json: true), console: captured.console(isForPrograms: true)
        ).run()
        #expect(status == 1)
        #expect(captured.outputText.isEmpty)
        #expect(
            captured.noticeLines == [
                "error: cannot read the order stream \"/nonexistent/orders.jsonl\": there is no such file; "
                    + "check the path given to --input"
            ])
    }

    @Test("fails when its output cannot be written")
    func unwritable() async throws {
        let status = try await withTemporaryStream(Self.stream) { path, log in
            let full = Output { _ in throw OutputError(code: 28) }
            return await Demonstration(
                options: Options(input: path, faults: .none, database: log),
                console: Console(output: full, notices: Output { _ in }, isForPrograms: false)
            ).run()
        }
        #expect(status == 1)
    }

    @Test("stops reading at a signal, finishes what it has read, and gives no totals to programs")
    func interruption() async throws {
        let checks = Guarded(0)
        let result = try await Self.run(Self.stream, json: true) {
            checks.withLock { checks in
                checks += 1
                return checks > 2 ? 2 : nil
            }
        }
        #expect(result.status == 130)
        #expect(result.captured.outputText.isEmpty)
        #expect(result.captured.noticeText.contains("Totals of 2 lines, stopped after"))
        #expect(result.captured.noticeText.contains("        1  lines allocated: they hold 8 units at the end."))
    }

    @Test("fits into 80 columns, whatever the stream holds", arguments: [Options.Faults.none, .mail])
    func columns(faults: Options.Faults) async throws {
        let sku = String(repeating: "LONG-NAME-", count: 30)
        let text = """
            {"type":"batch.created","ref":"b","sku":"\(sku)","qty":9223372036854775807}
            {"type":"batch.created","ref":"c","sku":"\(sku)","qty":9223372036854775807}
            {"type":"allocation.required","orderid":"o1","sku":"\(sku)","qty":9223372036854775807}
            {"type":"batch.quantity.changed","ref":"\(sku)","sku":"\(sku)","qty":1}
            {"type":"allocation.required","orderid":"o2","sku":"WORDS \(sku)","qty":1}
            """ + String(repeating: "\n{\"type\":\"batch.quantity.changed\",\"ref\":\"d\",\"sku\":\"x\",\"qty\":0}", count: 4)
        let lines = try await Self.run(text, faults: faults).captured.outputLines
        #expect(lines.filter { $0.count > 80 }.isEmpty)
        #expect(lines.contains("    ... and 3 more"))
    }

    @Test("emphasises on a terminal that allows it, and writes plain text elsewhere")
    func style() async throws {
        #expect(try await Self.run(Self.stream, columns: 80, isStyled: true).captured.outputText.contains("\u{1B}[1mTotals"))
        #expect(try await !Self.run(Self.stream, columns: 80).captured.outputText.contains("\u{1B}"))
    }

    @Test("comes to what the domain alone comes to, whatever the stream")
    func againstTheDomain() async throws {
        for seed: UInt64 in 0..<30 {
            try await withTemporaryStream(Self.randomStream(seed: seed)) { path, log in
                var reference = SynchronousRun()
                try reference.drive(path: path)
                let captured = CapturedConsole()
                _ = await Demonstration(
                    options: Options(
                        input: path, workers: 1 + Int(seed % 5), faults: seed.isMultiple(of: 2) ? .none : .mail, json: true,
                        database: log),
                    console: captured.console(isForPrograms: true)
                ).run()
                try #require(captured.outputLines == [reference.summary.jsonLine], "seed \(seed)")
            }
        }
    }

    /// Lines about a few SKUs, in which much goes wrong.
    private static func randomStream(seed: UInt64) -> String {
        var random = SeededGenerator(seed: seed)
        return (1...120).map { number in
            let sku = ["LAMP", "DESK", "SOFA", "SINK"].randomElement(using: &random) ?? ""
            let reference = "b\(Int.random(in: 1...6, using: &random))"
            switch Int.random(in: 0..<12, using: &random) {
            case 0, 1, 2:
                let eta = Bool.random(using: &random) ? "null" : "\"1998-05-0\(Int.random(in: 1...9, using: &random))\""
                let quantity = Int.random(in: 0...40, using: &random)
                return #"{"type":"batch.created","ref":"\#(reference)","sku":"\#(sku)","qty":\#(quantity),"eta":\#(eta)}"#
            case 3, 4:
                let quantity = Int.random(in: 0...40, using: &random)
                return #"{"type":"batch.quantity.changed","ref":"\#(reference)","sku":"\#(sku)","qty":\#(quantity)}"#
            case 5:
                return ["", "nonsense", "{}", #"{"type":"out.of.stock","sku":"LAMP"}"#].randomElement(using: &random) ?? ""
            default:
                let order = Int.random(in: 1...number, using: &random)
                let quantity = Int.random(in: 1...12, using: &random)
                return #"{"type":"allocation.required","orderid":"o\#(order)","sku":"\#(sku)","qty":\#(quantity)}"#
            }
        }.joined(separator: "\n")
    }
}
