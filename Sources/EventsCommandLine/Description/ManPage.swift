//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A command's page of the manual, in the language of man(7).
package struct ManPage: Sendable {
    private let command: CommandDescription

    package init(_ command: CommandDescription) {
        self.command = command
    }

    /// - Parameter version: What the foot of the page says.
    package func text(version: String) -> String {
        let name = command.name
        var lines = [
            ".\\\" Made from the command's own description; do not change it here.",
            ".TH \"\(escape(name.uppercased()))\" \"1\" \"\" \"\(escape(version))\" \"\"", ".SH NAME",
            "\(escape(name)) \\- \(escape(command.summary))", ".SH SYNOPSIS", ".B \(escape(name))",
            "\\fICOMMAND\\fR [\\fIOPTION\\fR]...",
            ".SH DESCRIPTION",
        ]
        for (index, paragraph) in command.discussion.enumerated() {
            if index > 0 { lines.append(".PP") }
            lines.append(escape(paragraph))
        }
        lines.append(".SH COMMANDS")
        for verb in command.verbs { lines += section(verb) }
        lines.append(".SH OPTIONS OF EVERY COMMAND")
        lines += (command.options + [OptionDescription("help", letter: "h", "Print help and exit.")]).flatMap(entry)
        lines.append(".SH EXIT STATUS")
        for code in command.exitCodes { lines += [".TP", ".B \(code.code)", escape(code.meaning)] }
        lines.append(".SH ENVIRONMENT")
        for variable in command.environment { lines += [".TP", ".B \(escape(variable.name))", escape(variable.meaning)] }
        if !command.examples.isEmpty { lines += [".SH EXAMPLES"] + command.examples.flatMap(entry) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(_ verb: VerbDescription) -> [String] {
        let usage = ([command.name, verb.words] + verb.operands.map(\.usage)).joined(separator: " ")
        var lines = [".SS \"\(escape(usage))\"", escape(verb.summary) + "."]
        for paragraph in verb.discussion { lines += [".PP", escape(paragraph)] }
        for operand in verb.operands { lines += [".TP", ".I \(escape(operand.name))", escape(operand.help)] }
        lines += verb.options.flatMap(entry)
        return lines + verb.examples.flatMap(entry)
    }

    private func entry(_ option: OptionDescription) -> [String] {
        let letter = option.letter.map { "\\fB\\-\($0)\\fR, " } ?? ""
        let value = option.value.map { " \\fI\(escape($0))\\fR" } ?? ""
        return [".TP", letter + "\\fB\\-\\-\(escape(option.name))\\fR" + value, escape(option.help)]
    }

    private func entry(_ example: CommandExample) -> [String] {
        [".PP", escape(example.explanation), ".PP", ".nf", ".RS", escape("\(command.name) \(example.arguments)"), ".RE", ".fi"]
    }

    /// Text that means nothing to the formatter: backslashes and hyphens are written out, and no line begins with a control character.
    private func escape(_ text: String) -> String {
        var result = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\"", with: "\\(dq")
        if result.hasPrefix(".") || result.hasPrefix("'") { result = "\\&" + result }
        return result
    }
}
