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
import Testing

@testable import EventsOperations

/// What the pages show of the command is what it does.
@Suite("The command's pages", .timeLimit(.minutes(15)))
struct PageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test("every command of the page runs as it is written, on the log of a shop")
    func commands() async throws {
        var folder = try await Shop.copy()
        var count = 0
        for line in try text("docs/operations.md").split(separator: "\n") {
            // What stands together is done one after the other.
            if line == "```sh" { folder = try await Shop.copy() }
            guard line.hasPrefix("scripts/eventbus ") else { continue }
            let words = line.dropFirst("scripts/eventbus ".count)
            let command = try Eventbus.built("eventbus").path + " " + words
            let result = try await Eventbus.run(["sh", "-c", command], log: "shop.db", program: "/usr/bin/env", in: folder.path)
            #expect(result.status == 0, "\(line): \(result.status) \(result.errors)")
            #expect(!result.output.isEmpty, "\(line)")
            count += 1
        }
        #expect(count >= 15)
    }

    @Test("the page of the manual in the clone is the one that the command prints")
    func manual() throws {
        let page = ManPage(Verbs.command(name: "eventbus", database: nil)).text(version: "swift-events")
        #expect(try text("man/eventbus.1") == page, "run: scripts/eventbus manual > man/eventbus.1")
    }

    @Test("every verb has a help of at most 80 columns, with an example where there is something to choose")
    func help() async throws {
        let command = Verbs.command(name: "eventbus", database: nil)
        for verb in command.verbs {
            let result = try await Eventbus.run(["help"] + verb.path)
            #expect(result.status == 0 && result.output.hasPrefix("Usage: eventbus \(verb.words)"))
            #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
            if !verb.options.isEmpty || !verb.operands.isEmpty {
                #expect(!verb.examples.isEmpty || ["verify", "audit"].contains(verb.words), "\(verb.words)")
            }
        }
    }

    @Test("every example of every verb is understood")
    func examples() {
        let command = Verbs.command(name: "eventbus", database: nil)
        for example in command.examples + command.verbs.flatMap(\.examples) {
            // As a shell takes it apart, up to where it sends the output.
            var words: [String] = []
            var isQuoted = false
            var word: String?
            for character in example.arguments.prefix(while: { $0 != "|" && $0 != ">" }) {
                if character == "'" {
                    isQuoted.toggle()
                    word = word ?? ""
                } else if character == " ", !isQuoted {
                    if let done = word { words.append(done) }
                    word = nil
                } else {
                    word = (word ?? "") + String(character)
                }
            }
            if let word { words.append(word) }
            guard case .run = CommandParser(command).parse(words) else {
                Issue.record("\(example.arguments)")
                continue
            }
        }
    }

    @Test("an option has one meaning: whether it takes a value is the same for every verb")
    func options() {
        var takesValue: [String: Bool] = [:]
        for option in Verbs.command(name: "x", database: nil).verbs.flatMap(\.options) {
            #expect(takesValue[option.name] ?? (option.value != nil) == (option.value != nil), "--\(option.name)")
            takesValue[option.name] = option.value != nil
        }
    }

    @Test("a service has the command under its own name, on its own log")
    func embedded() async throws {
        let folder = try await Shop.copy()
        let captured = Captured()
        let command = OperationsCommand(name: "Shop bus", database: folder.log, terminal: captured.terminal)
        #expect(await command.run(["why", "mail/1"]) == 0)
        #expect(captured.output.contains("next: Shop bus dlq show mail/1"))
        #expect(await command.run(["dlq", "shw"]) == 2)
        #expect(await command.run(["help", "dlq", "list"]) == 0)
        #expect(captured.output.contains("Usage: Shop bus dlq list"))
    }

    @Test("where there is a terminal a change of many letters is asked about, tables fit it, and displays are drawn in place")
    func terminal() async throws {
        let folder = try await Shop.copy()
        let captured = Captured(columns: 80, isStyled: true, answers: [false, true])
        let command = OperationsCommand(name: "eventbus", database: folder.log, terminal: captured.terminal)
        #expect(await command.run(["dlq", "discard", "--all", "-r", "void"]) == 0)
        #expect(try folder.column("SELECT count(*) FROM bus_dead_letters") == ["2"])
        #expect(await command.run(["dlq", "list"]) == 0)
        let lines = captured.output.split(separator: "\n").filter { $0.contains("mail/1") }
        #expect(lines.allSatisfy { $0.count <= 80 } && captured.output.contains("\u{1B}[1m"))
        #expect(await command.run(["stats", "--watch", "--count", "2"]) == 0)
        #expect(captured.output.contains("\u{1B}[H"))
        #expect(await command.run(["dlq", "discard", "--all", "-r", "void"]) == 0)
        #expect(try folder.column("SELECT count(*) FROM bus_dead_letters") == ["0"])
        #expect(captured.questions == ["Give up 2 dead letters?", "Give up 2 dead letters?"])
    }
}

/// A terminal that writes down what it is told.
final class Captured: Sendable {
    private let texts = Guarded<(output: String, notices: String, questions: [String], answers: [Bool])>(("", "", [], []))
    private let columns: Int?
    private let isStyled: Bool
    private let canAsk: Bool

    init(columns: Int? = nil, isStyled: Bool = false, answers: [Bool] = []) {
        self.columns = columns
        self.isStyled = isStyled
        canAsk = !answers.isEmpty
        texts.withLock { $0.answers = answers }
    }

    var output: String { texts.withLock { $0.output } }
    var questions: [String] { texts.withLock { $0.questions } }

    var terminal: CommandTerminal {
        let output = Output(columns: columns, isStyled: isStyled) { text in self.texts.withLock { $0.output += text } }
        let notices = Output { text in self.texts.withLock { $0.notices += text } }
        let ask: @Sendable (String) -> Bool = { question in
            self.texts.withLock { texts in
                texts.questions.append(question)
                return texts.answers.isEmpty ? false : texts.answers.removeFirst()
            }
        }
        return CommandTerminal(
            output: output, notices: notices, ask: canAsk ? ask : nil, environment: ["USER": "tester"],
            pause: { _ in await Task.yield() })
    }
}
