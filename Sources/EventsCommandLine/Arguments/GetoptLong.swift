//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CGetopt
internal import Events

/// `getopt_long(3)` as a function of its arguments: the system's own rules for options, without its global state.
///
/// So `--workers 8`, `--workers=8` and `--work 8` are the same, and `--` ends the options.
package enum GetoptLong {
    /// An option that may be given.
    package struct Option: Sendable {
        /// Its long name, without the dashes.
        package let name: String
        /// The ASCII letter that stands for it after a single dash, if one does.
        package var letter: Character?
        package var takesValue = false

        package init(name: String, letter: Character? = nil, takesValue: Bool = false) {
            self.name = name
            self.letter = letter
            self.takesValue = takesValue
        }
    }

    /// An option that was given.
    package struct Match: Sendable, Hashable {
        /// The option's whole name, also where it was abbreviated.
        package let name: String
        /// The value, if the option takes one.
        package var value: String?

        package init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// What ended the scan early.
    package enum Problem: Error, Sendable, Hashable {
        case unknown(option: String)
        /// An abbreviation that fits several options.
        case ambiguous(option: String, candidates: [String])
        case missingValue(option: String)
        case unexpectedValue(option: String)
        case unexpected(argument: String)
    }

    /// What to do with arguments that are neither options nor values of options.
    package enum Operands: Sendable {
        /// The first one is a problem.
        case refused
        /// The first one ends the options, and all that follows is an operand.
        case last
        /// They may stand anywhere.
        case mixed
    }

    /// What a command line has.
    package struct Scan: Sendable {
        /// The options, in order.
        package var matches: [Match] = []
        /// The other arguments, in order.
        package var operands: [String] = []
        /// What ended the scan before the last argument, if anything did.
        package var problem: Problem?
    }

    /// One at a time: the C function keeps where it is in variables of the whole process.
    private static let turn = Guarded<Void>(())
    /// What the C function returns for the first option; past every letter, so that the two cannot be confused.
    private static let firstCode: Int32 = 1_000
    /// What it returns for an operand in its place.
    private static let operandCode: Int32 = 1

    /// Finds the options of a command line.
    ///
    /// - Parameters:
    ///   - arguments: Those of the program, without its own name.
    ///   - options: All options there are.
    ///   - operands: What to do with arguments that are no options. The default is to refuse them.
    package static func scan(_ arguments: [String], for options: [Option], operands: Operands = .refused) -> Scan {
        // A C string ends at a zero byte, so what comes behind one would get lost. No shell can pass one.
        if let argument = arguments.first(where: { $0.utf8.contains(0) }) {
            return Scan(problem: .unexpected(argument: argument))
        }
        return turn.withLock { _ in
            withCStrings([""] + arguments) { argv in
                withTable(of: options) { table in
                    scan(argv, arguments, table, options, operands)
                }
            }
        }
    }

    private static func scan(
        _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ arguments: [String], _ table: UnsafePointer<option>,
        _ options: [Option], _ operands: Operands
    ) -> Scan {
        // The plus ends the options at the first operand, the minus has operands returned in their place, as a code of 1. The colon
        // tells a missing value from an unknown option.
        let order = operands == .mixed ? "-:" : "+:"
        let letters = options.compactMap { option in option.letter.map { "\($0)" + (option.takesValue ? ":" : "") } }.joined()
        var found = Scan()
        cgetopt_begin()
        var position = 1
        while true {
            let code = getopt_long(Int32(arguments.count + 1), argv, order + letters, table, nil)
            // What was looked at: within a group of letters the position stays until its end.
            let argument = arguments.indices.contains(position - 1) ? arguments[position - 1] : ""
            position = Int(cgetopt_position())
            switch code {
            case -1:
                let rest = arguments.dropFirst(position - 1)
                if operands == .refused { found.problem = rest.first.map { .unexpected(argument: $0) } }
                found.operands += rest
                return found
            case operandCode:
                found.operands.append(cgetopt_value().map { String(cString: $0) } ?? argument)
            case Int32(UInt8(ascii: ":")), Int32(UInt8(ascii: "?")):
                found.problem = problem(code, with: argument, options)
                return found
            default:
                guard let option = find(code, in: options) else {
                    found.problem = .unknown(option: argument)
                    return found
                }
                let value = option.takesValue ? cgetopt_value().map { String(cString: $0) } ?? "" : nil
                found.matches.append(Match(name: option.name, value: value))
            }
        }
    }

    /// Which option a code of the C function stands for.
    private static func find(_ code: Int32, in options: [Option]) -> Option? {
        let index = Int(code) - Int(firstCode)
        if options.indices.contains(index) { return options[index] }
        return options.first { $0.letter?.asciiValue.map(Int32.init) == code }
    }

    /// Puts into words what the C function only calls wrong.
    private static func problem(_ code: Int32, with argument: String, _ options: [Option]) -> Problem {
        if let culprit = find(cgetopt_culprit(), in: options) {
            return code == Int32(UInt8(ascii: ":"))
                ? .missingValue(option: culprit.name) : .unexpectedValue(option: culprit.name)
        }
        guard argument.hasPrefix("--") else {
            guard let letter = UInt8(exactly: cgetopt_culprit()), (0x21...0x7E).contains(letter) else {
                return .unknown(option: argument)
            }
            return .unknown(option: "-" + String(UnicodeScalar(letter)))
        }
        let given = String(argument.prefix { $0 != "=" })
        let candidates = options.map(\.name).filter { "--\($0)".hasPrefix(given) }
        return candidates.count > 1
            ? .ambiguous(option: given, candidates: candidates) : .unknown(option: given)
    }
}

// MARK: - Memory that C can read

extension GetoptLong {
    /// Hands out `strings` as C has them: an array of pointers with a null pointer at its end.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let count = strings.count + 1
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count)
        pointers.initialize(repeating: nil, count: count)
        for (index, string) in strings.enumerated() { pointers[index] = copy(of: string) }
        defer {
            for index in 0..<count { pointers[index]?.deallocate() }
            pointers.deallocate()
        }
        return body(pointers)
    }

    /// Hands out `options` as C has them: an array with an option of zeros at its end.
    private static func withTable<Result>(of options: [Option], _ body: (UnsafePointer<option>) -> Result) -> Result {
        withCStrings(options.map(\.name)) { names in
            var table: [option] = options.indices.map { index in
                option(
                    name: names[index], has_arg: options[index].takesValue ? required_argument : no_argument, flag: nil,
                    val: firstCode + Int32(index))
            }
            table.append(option())
            return body(table)
        }
    }

    private static func copy(of string: String) -> UnsafeMutablePointer<CChar> {
        let bytes = string.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { (copy + index).initialize(to: byte) }
        return copy
    }
}
