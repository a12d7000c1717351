//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a command says of itself, in lines of at most 80 columns.
package struct HelpText: Sendable {
    private let command: CommandDescription

    package init(_ command: CommandDescription) {
        self.command = command
    }

    /// All verbs in short.
    package var overview: [String] {
        var lines = TextLayout.wrap("\(command.name) - \(command.summary)") + [""]
        lines += ["Usage: \(command.name) COMMAND [OPTION]...", ""]
        for paragraph in command.discussion { lines += TextLayout.wrap(paragraph) + [""] }
        lines += ["Commands:"] + table(command.verbs.map { ($0.words, $0.summary) }) + [""]
        lines += options(command.options + [Self.help])
        if !command.examples.isEmpty { lines += examples(command.examples) }
        if !command.environment.isEmpty {
            lines += ["Environment:"] + table(command.environment.map { ($0.name, $0.meaning) }) + [""]
        }
        lines += ["Exit codes:"] + table(command.exitCodes.map { ("\($0.code)", $0.meaning) }) + [""]
        return lines + TextLayout.wrap("'\(command.name) help COMMAND' tells more of each command.")
    }

    /// The verbs that begin with these words.
    package func group(_ words: [String]) -> [String] {
        var lines = ["Usage: \((command.name + " " + words.joined(separator: " "))) COMMAND [OPTION]...", "", "Commands:"]
        lines += table(command.verbs(under: words).map { ($0.words, $0.summary) }) + [""]
        return lines
            + TextLayout.wrap("'\(command.name) help \(words.joined(separator: " ")) COMMAND' tells more of each command.")
    }

    /// One verb.
    package func page(for verb: VerbDescription) -> [String] {
        let usage = ([command.name, verb.words] + verb.operands.map(\.usage) + ["[OPTION]..."]).joined(separator: " ")
        var lines = TextLayout.wrap(usage, first: "Usage: ") + [""]
        lines += TextLayout.wrap(verb.summary + ".") + [""]
        for paragraph in verb.discussion { lines += TextLayout.wrap(paragraph) + [""] }
        if !verb.operands.isEmpty { lines += ["Arguments:"] + table(verb.operands.map { ($0.name, $0.help) }) + [""] }
        lines += options(verb.options)
        lines += options(command.options + [Self.help], heading: "Options of every command")
        if !verb.examples.isEmpty { lines += examples(verb.examples) }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    private static let help = OptionDescription("help", letter: "h", "Print this and exit.")

    private func options(_ options: [OptionDescription], heading: String? = nil) -> [String] {
        var lines: [String] = []
        var headings: [String] = []
        for option in options where !headings.contains(heading ?? option.heading) { headings.append(heading ?? option.heading) }
        for title in headings {
            lines += [title + ":"]
            lines += table(
                options.filter { (heading ?? $0.heading) == title }
                    .map { (($0.letter.map { "-\($0), " } ?? "    ") + $0.spelling, $0.help) })
            lines += [""]
        }
        return lines
    }

    private func examples(_ examples: [CommandExample]) -> [String] {
        var lines = ["Examples:"]
        for example in examples {
            lines += ["  \(command.name) \(example.arguments)"]
            lines += TextLayout.wrap(example.explanation, first: "      ", indent: 6)
        }
        return lines + [""]
    }

    /// Names with what they mean beside them, or below where a name is long.
    private func table(_ rows: [(name: String, text: String)]) -> [String] {
        let widest = rows.map(\.name.count).max() ?? 0
        let margin = min(widest, 24) + 4
        return rows.flatMap { row -> [String] in
            let name = "  " + row.name
            if name.count + 2 <= margin { return TextLayout.wrap(row.text, first: name.filled(to: margin), indent: margin) }
            return [name] + TextLayout.wrap(row.text, first: String(repeating: " ", count: margin), indent: margin)
        }
    }
}
