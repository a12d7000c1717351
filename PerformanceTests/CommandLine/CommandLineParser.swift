//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CGetopt
import Foundation
import Synchronization

/// Reads the command line with the system's `getopt_long`: `--filter keyed`, `--filter=keyed` and `--fil keyed` are the same, options
/// come in any order, the last of several counts.
enum CommandLineParser {
    /// An option, by the code that the C function returns for it; past every letter, so that the two cannot be confused.
    private enum Name: Int32, CaseIterable {
        case filter = 256
        case quick, json, strict, list, help

        var takesValue: Bool { self == .filter }
    }

    /// One at a time: the C function keeps its place in variables of the whole process.
    private static let turn = Mutex<Void>(())

    /// - Parameter arguments: Those of the program, without its own name.
    static func parse(_ arguments: [String]) -> ParsedCommandLine {
        turn.withLock { _ in
            withCStrings([""] + arguments) { argv in
                withCStrings(Name.allCases.map { "\($0)" }) { names in
                    let table = zip(Name.allCases, names).map { name, text in
                        let value = name.takesValue ? required_argument : no_argument
                        return option(name: text, has_arg: value, flag: nil, val: name.rawValue)
                    }
                    return scan(argv, table + [option()])
                }
            }
        }
    }

    /// - Parameters:
    ///   - argv: The program's name, its arguments and a null pointer.
    ///   - table: All options, and one of zeros.
    private static func scan(_ argv: [UnsafeMutablePointer<CChar>?], _ table: [option]) -> ParsedCommandLine {
        var options = Options()
        var isListing = false
        cgetopt_begin()
        while true {
            let position = max(1, Int(cgetopt_position()))
            // The plus stops at the first argument that is no option; the colon tells a missing value from an unknown option.
            let code = getopt_long(Int32(argv.count - 1), argv, "+:h", table, nil)
            switch code {
            case Name.filter.rawValue: options.filter = cgetopt_value().map { String(cString: $0) }
            case Name.quick.rawValue: options.quick = true
            case Name.json.rawValue: options.json = true
            case Name.strict.rawValue: options.strict = true
            case Name.list.rawValue: isListing = true
            case Name.help.rawValue, Int32(UInt8(ascii: "h")): return .help
            case -1:
                if let extra = argv[Int(cgetopt_position())] {
                    return .usageError("unexpected argument '\(String(cString: extra))'; see --help")
                }
                return isListing ? .list : .run(options)
            default:
                let argument = argv[position].map { String(cString: $0) } ?? ""
                return .usageError(problem(with: argument, valueIsMissing: code == Int32(UInt8(ascii: ":"))))
            }
        }
    }

    /// Puts into words what the C function only calls wrong.
    private static func problem(with argument: String, valueIsMissing: Bool) -> String {
        guard let name = Name(rawValue: cgetopt_culprit()) else { return "unknown option '\(argument)'; see --help" }
        return valueIsMissing ? "--\(name) needs a value; see --help" : "--\(name) takes no value; see --help"
    }

    /// Hands out copies of `strings` that C can read, with a null pointer at their end.
    private static func withCStrings<Result>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
