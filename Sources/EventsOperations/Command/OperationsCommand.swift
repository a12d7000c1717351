//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsCommandLine
internal import EventsSQLite

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The `eventbus` command, to be had by a service under its own name as well:
///
/// ```swift
/// // MyService bus dlq list
/// if CommandLine.arguments.dropFirst().first == "bus" {
///     let command = OperationsCommand(name: "MyService bus", database: "shop.db")
///     exit(await command.run(Array(CommandLine.arguments.dropFirst(2))))
/// }
/// ```
public struct OperationsCommand: Sendable {
    private let name: String
    private let database: String?
    private let terminal: CommandTerminal

    /// - Parameters:
    ///   - name: How the command is called, for its help. The default is `eventbus`.
    ///   - database: The log's file where the command line does not say. The default is what the environment variable `EVENTBUS_DB`
    ///     says.
    public init(name: String = "eventbus", database: String? = nil) {
        self.init(name: name, database: database, terminal: .standard)
    }

    package init(name: String, database: String?, terminal: CommandTerminal) {
        self.name = name
        self.database = database
        self.terminal = terminal
    }

    /// Does what a command line asks for, writing to standard output and standard error.
    ///
    /// - Parameter arguments: The arguments, without the name.
    /// - Returns: The status to exit with: 0 done, 1 error, 2 wrong usage, 3 nothing matched, 4 partly done, 5 refused, 6 threshold
    ///   breached.
    public func run(_ arguments: [String]) async -> Int32 {
        let command = Verbs.command(name: name, database: database)
        switch CommandParser(command).parse(arguments) {
        case .help(let lines): return write(lines)
        case .usageError(let message): return fail(message, .usage)
        case .run(let arguments): return await run(arguments, command)
        }
    }

    private func run(_ arguments: ParsedArguments, _ command: CommandDescription) async -> Int32 {
        let path = arguments.value("db") ?? database ?? terminal.environment["EVENTBUS_DB"] ?? ""
        if path.isEmpty, !["completions", "manual"].contains(arguments.verb.first) {
            return fail("which log? Name its file with --db FILE, or in EVENTBUS_DB", .usage)
        }
        let run = CommandRun(
            arguments: arguments, operations: BusOperations(database: path, actor: Self.actor(terminal.environment)),
            terminal: terminal, command: command, now: BusEnvironment.live.wallClock())
        do {
            return try await run.run().rawValue
        } catch let error as UsageError {
            return fail(error.message, .usage)
        } catch let error as HumanValueError {
            return fail(error.description, .usage)
        } catch let error as OperationsError {
            return fail(error.message, ExitCode(error))
        } catch let error as OutputError where error.code == EPIPE {
            // Whoever reads has read enough.
            return ExitCode.done.rawValue
        } catch is CancellationError {
            return fail("cancelled", .error)
        } catch {
            return fail("\(error)", .error)
        }
    }

    private static func actor(_ environment: [String: String]) -> String? {
        environment["SUDO_USER"] ?? environment["USER"] ?? environment["LOGNAME"]
    }

    private func write(_ lines: [String]) -> Int32 {
        do {
            try terminal.output.write(lines.map { $0 + "\n" }.joined())
            return ExitCode.done.rawValue
        } catch {
            return ExitCode.error.rawValue
        }
    }

    private func fail(_ message: String, _ code: ExitCode) -> Int32 {
        try? terminal.notices.write("error: \(message.printable)\n")
        return code.rawValue
    }
}

extension CommandTerminal {
    /// This process's own.
    static var standard: CommandTerminal {
        // Whoever stops reading is an error of a write, and not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let canAsk = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        let notices = Output.standardError
        let ask: @Sendable (String) -> Bool = { question in
            try? notices.write("\(question) [y/N] ")
            return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
        }
        return CommandTerminal(
            output: Output.standardOutput, notices: notices, ask: canAsk ? ask : nil,
            environment: ProcessInfo.processInfo.environment, pause: { try await DispatchPause.wait(for: $0) })
    }
}
