//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine

/// Reads the command line: the system's `getopt_long` finds the options, this says what they mean. The last of several counts.
enum CommandLineParser {
    private enum Name: String, CaseIterable {
        case input, db, resume, workers, faults
        case crashAfter = "crash-after"
        case json, help

        var option: GetoptLong.Option {
            switch self {
            case .input, .db, .workers, .faults, .crashAfter: GetoptLong.Option(name: rawValue, takesValue: true)
            case .resume, .json: GetoptLong.Option(name: rawValue)
            case .help: GetoptLong.Option(name: rawValue, letter: "h")
            }
        }
    }

    /// - Parameter arguments: Those of the program, without its own name.
    static func parse(_ arguments: [String]) -> ParsedCommandLine {
        let scan = GetoptLong.scan(arguments, for: Name.allCases.map(\.option))
        var options = Options()
        for match in scan.matches {
            guard let name = Name(rawValue: match.name) else { continue }
            if name == .help { return .help }
            if let problem = apply(name, match.value ?? "", to: &options) { return .usageError(problem) }
        }
        if let problem = scan.problem { return .usageError(message(for: problem)) }
        if options.resume, options.database == nil { return .usageError("--resume needs --db FILE, the file to go on with") }
        return .run(options)
    }

    /// Sets one option, or says what is wrong with its value.
    private static func apply(_ name: Name, _ value: String, to options: inout Options) -> String? {
        switch name {
        case .input:
            guard !value.isEmpty else { return "--input needs the path of a file" }
            options.input = value
        case .db:
            guard !value.isEmpty else { return "--db needs the path of a file" }
            options.database = value
        case .resume:
            options.resume = true
        case .workers:
            guard let workers = Int(value), Options.workerRange.contains(workers) else {
                let range = Options.workerRange
                return "--workers takes a whole number from \(range.lowerBound) to \(range.upperBound), not \(value.quoted)"
            }
            options.workers = workers
        case .faults:
            guard let faults = Options.Faults(rawValue: value) else {
                let known = Options.Faults.allCases.map(\.rawValue).joined(separator: " or ")
                return "--faults takes \(known), not \(value.quoted)"
            }
            options.faults = faults
        case .crashAfter:
            guard let lines = Int(value), lines > 0 else {
                return "--crash-after takes a whole number of lines, not \(value.quoted)"
            }
            options.crashAfter = lines
        case .json:
            options.json = true
        case .help:
            break
        }
        return nil
    }

    private static func message(for problem: GetoptLong.Problem) -> String {
        switch problem {
        case .unknown(let option):
            return "unknown option \(option.quoted); see --help"
        case .ambiguous(let option, let candidates):
            let names = candidates.map { "--\($0)" }.joined(separator: ", ")
            return "option \(option.quoted) is ambiguous: it may be \(names)"
        case .missingValue(let option):
            return "--\(option) needs a value; see --help"
        case .unexpectedValue(let option):
            return "--\(option) takes no value; see --help"
        case .unexpected(let argument):
            return "unexpected argument \(argument.quoted); use --input FILE to name the order stream"
        }
    }
}
