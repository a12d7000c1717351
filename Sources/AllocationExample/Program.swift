//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// The executable.
@main
enum Program {
    static func main() async {
        exit(await status(arguments: Array(CommandLine.arguments.dropFirst())))
    }

    /// Does what the command line asks for, and returns the status to exit with.
    private static func status(arguments: [String]) async -> Int32 {
        switch CommandLineParser.parse(arguments) {
        case .help:
            let console = Console(isForPrograms: false)
            console.say([Options.help])
            return console.failure == nil ? 0 : Demonstration.errorStatus
        case .usageError(let message):
            Console(isForPrograms: false).notice("error: \(message)")
            return ParsedCommandLine.usageExitCode
        case .run(let options):
            let interruption = Interruption()
            return await Demonstration(
                options: options, console: Console(isForPrograms: options.json), interruption: { interruption.signalNumber }
            ).run()
        }
    }
}
