//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What makes a shell complete a command's verbs, options and values.
package struct Completions: Sendable {
    package enum Shell: String, Sendable, CaseIterable {
        case bash, zsh, fish
    }

    private let command: CommandDescription
    /// The program that is completed; a command inside of a service begins with the service's own words.
    private let program: String
    private let words: [String]

    package init(_ command: CommandDescription) {
        self.command = command
        let parts = command.name.split(separator: " ").map(String.init)
        program = parts.first ?? command.name
        words = Array(parts.dropFirst())
    }

    package func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    private var identifier: String { program.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined() }

    /// What may follow some words: the next words of verbs.
    private var nextWords: [(after: [String], words: [String])] {
        var found: [[String]: [String]] = [:]
        for verb in command.verbs {
            for count in 0..<verb.path.count {
                let (before, next) = (Array(verb.path[..<count]), verb.path[count])
                if found[before]?.contains(next) != true { found[before, default: []].append(next) }
            }
        }
        return found.map { ($0.key, $0.value) }.sorted {
            $0.0.count == $1.0.count ? $0.0.lexicographicallyPrecedes($1.0) : $0.0.count < $1.0.count
        }
    }

    private func options(of verb: VerbDescription) -> [OptionDescription] {
        verb.options + command.options + [OptionDescription("help", letter: "h", "Print this and exit.")]
    }

    // MARK: bash

    private var bash: String {
        let function = "_\(identifier)_complete"
        var cases: [String] = []
        for (before, next) in nextWords {
            cases.append("        '\((words + before).joined(separator: " "))') words='\(next.joined(separator: " "))' ;;")
        }
        for verb in command.verbs {
            let names = options(of: verb).map { "--\($0.name)" } + verb.operands.flatMap(\.values)
            cases.append("        '\((words + verb.path).joined(separator: " "))') words='\(names.joined(separator: " "))' ;;")
        }
        let all = command.verbs.flatMap(options) + command.options
        var values: [String: String] = [:]
        for option in all where option.value != nil {
            values["--\(option.name)"] =
                option.completion == .file
                ? "COMPREPLY=($(compgen -f -- \"$current\")); return"
                : "COMPREPLY=($(compgen -W '\(option.values.joined(separator: " "))' -- \"$current\")); return"
        }
        let valueCases = values.sorted { $0.key < $1.key }.map { "        \($0.key)) \($0.value) ;;" }
        return """
            # bash completion of \(command.name)
            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous='' path='' word words='' index skip=no
                if [[ $COMP_CWORD -gt 0 ]]; then previous=${COMP_WORDS[COMP_CWORD - 1]}; fi
                # An equals sign is a word of its own.
                if [[ $current == = ]]; then
                    current=''
                elif [[ $previous == = && $COMP_CWORD -gt 1 ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                case $previous in
            \(valueCases.joined(separator: "\n"))
                esac
                for ((index = 1; index < COMP_CWORD; index++)); do
                    word=${COMP_WORDS[index]}
                    if [[ $skip == yes ]]; then skip=no; continue; fi
                    case $word in
                    \(values.keys.sorted().joined(separator: " | "))) skip=yes ;;
                    -*) ;;
                    *) path="${path:+$path }$word" ;;
                    esac
                done
                # What follows a verb is its operands.
                while [[ -n $path ]]; do
                    case $path in
            \(cases.joined(separator: "\n"))
                    esac
                    if [[ -n $words ]]; then break; fi
                    if [[ $path != *' '* ]]; then break; fi
                    path=${path% *}
                done
                if [[ -z $path ]]; then words='\((words.isEmpty ? nextWords.first?.words ?? [] : [words[0]]).joined(separator: " "))'; fi
                if [[ $current != -* && $words == --* ]]; then words=$(printf '%s\\n' $words | grep -v '^-'); fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F \(function) \(program)

            """
    }

    // MARK: zsh

    private var zsh: String {
        """
        #compdef \(program)
        # zsh completion of \(command.name), by way of that for bash
        autoload -U +X bashcompinit && bashcompinit
        \(bash)
        """
    }

    // MARK: fish

    private var fish: String {
        var lines = ["# fish completion of \(command.name)", "complete -c \(program) -f"]
        func quote(_ text: String) -> String { "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'" }
        func condition(_ path: [String], not next: [String] = []) -> String {
            let seen = path.map { "__fish_seen_subcommand_from \($0)" }
            let unseen = next.isEmpty ? [] : ["not __fish_seen_subcommand_from \(next.joined(separator: " "))"]
            let parts = seen + unseen
            return parts.isEmpty ? "true" : parts.joined(separator: "; and ")
        }
        for (before, next) in nextWords {
            for word in next {
                let path = before + [word]
                let summary = command.verbs.first { $0.path == path }?.summary ?? "\(word) ..."
                lines.append(
                    "complete -c \(program) -n \(quote(condition(words + before, not: next))) -a \(word) -d \(quote(summary))")
            }
        }
        for verb in command.verbs {
            for option in options(of: verb) {
                var line = "complete -c \(program) -n \(quote(condition(words + verb.path))) -l \(option.name)"
                if let letter = option.letter { line += " -s \(letter)" }
                if option.value != nil { line += option.completion == .file ? " -r -F" : " -x" }
                if !option.values.isEmpty { line += " -a \(quote(option.values.joined(separator: " ")))" }
                lines.append(line + " -d \(quote(option.help))")
            }
            for operand in verb.operands where !operand.values.isEmpty {
                lines.append(
                    "complete -c \(program) -n \(quote(condition(words + verb.path))) -a \(quote(operand.values.joined(separator: " ")))"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
