//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Reads a command line by a command's description: the system's `getopt_long` finds the options, this says what they mean.
package struct CommandParser: Sendable {
    package enum Outcome: Sendable {
        /// Do this.
        case run(ParsedArguments)
        /// Print these lines.
        case help([String])
        /// The command line is wrong; the message is one line that says why and what to do.
        case usageError(String)
    }

    private let command: CommandDescription

    package init(_ command: CommandDescription) {
        self.command = command
    }

    private static let help = OptionDescription("help", letter: "h", "Print this and exit.")

    /// The options that every verb has.
    private var globalOptions: [OptionDescription] { command.options + [Self.help] }

    /// - Parameter arguments: Those of the command, without its own name.
    package func parse(_ arguments: [String]) -> Outcome {
        let leading = GetoptLong.scan(arguments, for: globalOptions.map(\.getopt), operands: .last)
        if let problem = leading.problem { return .usageError(message(for: problem)) }
        let globals = leading.matches
        if globals.contains(where: { $0.name == "help" }) { return .help(HelpText(command).overview) }
        guard let first = leading.operands.first else { return .help(HelpText(command).overview) }
        if first == "help" { return help(for: Array(leading.operands.dropFirst())) }
        // The words of the verb stand together.
        var words: [String] = []
        var rest = leading.operands[...]
        while let next = rest.first, command.verbs(under: words + [next]).isEmpty == false {
            words.append(next)
            rest = rest.dropFirst()
        }
        guard let verb = command.verbs.first(where: { $0.path == words }) else {
            return incomplete(words, rest: Array(rest))
        }
        return parse(verb, Array(rest), globals: globals)
    }

    private func parse(_ verb: VerbDescription, _ arguments: [String], globals: [GetoptLong.Match]) -> Outcome {
        let options = verb.options + globalOptions
        let scan = GetoptLong.scan(arguments, for: options.map(\.getopt), operands: .mixed)
        let matches = globals + scan.matches
        if matches.contains(where: { $0.name == "help" }) { return .help(HelpText(command).page(for: verb)) }
        if let problem = scan.problem { return .usageError(message(for: problem, verb)) }
        for match in matches {
            guard let option = options.first(where: { $0.name == match.name }), let value = match.value, !option.values.isEmpty,
                !option.values.contains(value)
            else { continue }
            return .usageError("--\(option.name) takes \(Self.list(option.values)), not \(value.quoted)")
        }
        let required = verb.operands.filter(\.isRequired).count
        if scan.operands.count < required {
            return .usageError("'\(verb.words)' needs \(verb.operands[scan.operands.count].name); see \(seeHelp(verb.path))")
        }
        if verb.operands.last?.isRepeated != true, scan.operands.count > verb.operands.count {
            let extra = scan.operands[verb.operands.count]
            return .usageError("unexpected argument \(extra.quoted) after '\(verb.words)'; see \(seeHelp(verb.path))")
        }
        for (operand, value) in zip(verb.operands, scan.operands)
        where !operand.values.isEmpty && !operand.values.contains(value) {
            return .usageError("\(operand.name) is \(Self.list(operand.values)), not \(value.quoted)")
        }
        return .run(ParsedArguments(verb: verb.path, operands: scan.operands, matches: matches))
    }

    private func help(for words: [String]) -> Outcome {
        if words.isEmpty { return .help(HelpText(command).overview) }
        if let verb = command.verbs.first(where: { $0.path == words }) { return .help(HelpText(command).page(for: verb)) }
        guard !command.verbs(under: words).isEmpty else { return .usageError(unknown(words.joined(separator: " "), after: [])) }
        return .help(HelpText(command).group(words))
    }

    /// The words name no verb, or the beginning of several.
    private func incomplete(_ words: [String], rest: [String]) -> Outcome {
        if rest.contains("--help") || rest.contains("-h") { return .help(HelpText(command).group(words)) }
        if let wrong = rest.first, !wrong.hasPrefix("-") { return .usageError(unknown(wrong, after: words)) }
        let known = Self.list(Set(command.verbs(under: words).compactMap { $0.path.dropFirst(words.count).first }).sorted())
        return .usageError("'\(words.joined(separator: " "))' needs one of \(known); see \(seeHelp(words))")
    }

    private func unknown(_ word: String, after words: [String]) -> String {
        let known = Set(command.verbs(under: words).compactMap { $0.path.dropFirst(words.count).first }).sorted()
        let nearest = known.map { ($0, Self.distance(word, $0)) }.min { $0.1 < $1.1 }
        let before = words.isEmpty ? "" : " after '\(words.joined(separator: " "))'"
        var hint = "; see \(seeHelp(words))"
        if let nearest, nearest.1 <= 2, nearest.1 < nearest.0.count { hint = "; did you mean '\(nearest.0)'?" }
        return "unknown command \(word.quoted)\(before)\(hint)"
    }

    private func seeHelp(_ words: [String]) -> String { ([command.name] + words + ["--help"]).joined(separator: " ") }

    private func message(for problem: GetoptLong.Problem, _ verb: VerbDescription? = nil) -> String {
        let see = seeHelp(verb?.path ?? [])
        switch problem {
        case .unknown(let option):
            let others = command.verbs.filter { $0.options.contains { "--\($0.name)" == option } }.map { "'\($0.words)'" }
            if let verb, !others.isEmpty {
                return "'\(verb.words)' has no option \(option.quoted) (\(Self.list(others)) has); see \(see)"
            }
            return "unknown option \(option.quoted); see \(see)"
        case .ambiguous(let option, let candidates):
            return "option \(option.quoted) is ambiguous: it may be \(Self.list(candidates.map { "--\($0)" }))"
        case .missingValue(let option): return "--\(option) needs a value; see \(see)"
        case .unexpectedValue(let option): return "--\(option) takes no value; see \(see)"
        case .unexpected(let argument): return "unexpected argument \(argument.quoted); see \(see)"
        }
    }

    private static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// How many letters have to be changed, added or left out to make one word of another.
    private static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first.prefix(40)), Array(second.prefix(40)))
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}

extension OptionDescription {
    var getopt: GetoptLong.Option { GetoptLong.Option(name: name, letter: letter, takesValue: value != nil) }
}

/// A command line that was understood.
package struct ParsedArguments: Sendable {
    /// The words of the verb.
    package let verb: [String]
    /// What is no option.
    package let operands: [String]
    private let matches: [GetoptLong.Match]

    package init(verb: [String], operands: [String], matches: [GetoptLong.Match]) {
        self.verb = verb
        self.operands = operands
        self.matches = matches
    }

    /// Whether an option was given.
    package func has(_ option: String) -> Bool { matches.contains { $0.name == option } }

    /// The value of an option; of several the last counts.
    package func value(_ option: String) -> String? { matches.last { $0.name == option }?.value }

    /// All values of an option, in order.
    package func values(_ option: String) -> [String] { matches.filter { $0.name == option }.compactMap(\.value) }
}
