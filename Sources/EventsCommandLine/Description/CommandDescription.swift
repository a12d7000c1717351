//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A command with verbs, as data: what it understands, says of itself, and completes, all follows from this, so that they agree.
package struct CommandDescription: Sendable {
    /// The name as it is typed, such as `eventbus`, or `MyService bus` where a service has the command in itself.
    package var name: String
    /// What it is, in half a sentence.
    package var summary: String
    /// More, by paragraphs.
    package var discussion: [String]
    /// What it can do.
    package var verbs: [VerbDescription]
    /// The options that every verb has.
    package var options: [OptionDescription]
    /// What the exit codes mean.
    package var exitCodes: [(code: Int32, meaning: String)]
    /// The environment variables that it reads, and what for.
    package var environment: [(name: String, meaning: String)]
    /// Command lines to learn from.
    package var examples: [CommandExample]

    package init(
        name: String, summary: String, discussion: [String] = [], verbs: [VerbDescription], options: [OptionDescription] = [],
        exitCodes: [(code: Int32, meaning: String)] = [], environment: [(name: String, meaning: String)] = [],
        examples: [CommandExample] = []
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.verbs = verbs
        self.options = options
        self.exitCodes = exitCodes
        self.environment = environment
        self.examples = examples
    }

    /// The verbs that begin with these words.
    func verbs(under words: [String]) -> [VerbDescription] { verbs.filter { $0.path.starts(with: words) } }
}

/// One thing that a command does.
package struct VerbDescription: Sendable {
    /// Its words, such as `dlq list`.
    package var path: [String]
    /// What it does, in half a sentence that begins with a verb.
    package var summary: String
    /// More, by paragraphs.
    package var discussion: [String]
    /// What follows the words and is no option.
    package var operands: [OperandDescription]
    package var options: [OptionDescription]
    package var examples: [CommandExample]

    package init(
        _ path: String, _ summary: String, discussion: [String] = [], operands: [OperandDescription] = [],
        options: [OptionDescription] = [], examples: [CommandExample] = []
    ) {
        self.path = path.split(separator: " ").map(String.init)
        self.summary = summary
        self.discussion = discussion
        self.operands = operands
        self.options = options
        self.examples = examples
    }

    package var words: String { path.joined(separator: " ") }
}

/// An argument that is no option.
package struct OperandDescription: Sendable {
    package var name: String
    package var help: String
    package var isRequired: Bool
    /// Whether there may be more than one. Only of the last.
    package var isRepeated: Bool
    /// The values that it can have; empty is any.
    package var values: [String]

    package init(_ name: String, _ help: String, isRequired: Bool = true, isRepeated: Bool = false, values: [String] = []) {
        self.name = name
        self.help = help
        self.isRequired = isRequired
        self.isRepeated = isRepeated
        self.values = values
    }

    var usage: String {
        let name = isRepeated ? name + "..." : name
        return isRequired ? name : "[\(name)]"
    }
}

/// An option.
package struct OptionDescription: Sendable {
    /// What a shell offers for its value.
    package enum Completion: Sendable {
        case nothing
        case file
    }

    package var name: String
    package var letter: Character?
    /// What its value is called; `nil` for an option without one.
    package var value: String?
    package var help: String
    /// The values that it can have; empty is any.
    package var values: [String]
    package var completion: Completion
    /// The heading under which help lists it.
    package var heading: String

    package init(
        _ name: String, letter: Character? = nil, value: String? = nil, _ help: String, values: [String] = [],
        completion: Completion = .nothing, heading: String = "Options"
    ) {
        self.name = name
        self.letter = letter
        self.value = value
        self.help = help
        self.values = values
        self.completion = completion
        self.heading = heading
    }

    /// The option with its value, as help and usage show it.
    package var spelling: String { "--\(name)" + (value.map { " \($0)" } ?? "") }
}

/// A command line and what it is for.
package struct CommandExample: Sendable {
    /// Without the command's name.
    package var arguments: String
    package var explanation: String

    package init(_ arguments: String, _ explanation: String) {
        self.arguments = arguments
        self.explanation = explanation
    }
}
