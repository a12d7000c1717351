//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What the command line asks for.
struct Options: Sendable, Hashable {
    /// Only benchmarks whose name contains this run; `nil` means all.
    var filter: String?
    /// Fewer events and repetitions, for a first look and for CI.
    var quick = false
    /// Whether to print one JSON object a line instead of the table.
    var json = false
    /// Whether a missed expectation fails the run as a missed budget does.
    var strict = false

    static let help = """
        Usage: PerformanceTests [--quick] [--filter SUBSTRING] [--json] [--strict]
               PerformanceTests --list | --help

        Measures the event bus against its budgets: in memory against an AsyncStream
        and a plain actor queue that do the same work in the same run, and with a log
        against a loop that only inserts the same rows.

        Logs are written to a new directory in TMPDIR, or in /var/tmp where that is
        not set, and removed in the end: up to 500 MB. It has to be on a disk.

          --quick             fewer events and repetitions: some seconds in all
          --filter SUBSTRING  run only the benchmarks whose name contains SUBSTRING
          --json              print one JSON object a line and no table
          --strict            let a missed expectation fail the run, too
          --list              print the names of the benchmarks and exit
          --help              print this and exit

        Exit codes: 0 done, 1 a budget was missed or a benchmark failed, 2 wrong
        usage. docs/benchmarks.md says what is measured and how to read it.
        """
}

/// What became of a command line.
enum ParsedCommandLine: Sendable, Hashable {
    case run(Options)
    case list
    case help
    /// The command line is wrong; the message is one line that says why.
    case usageError(String)
}
