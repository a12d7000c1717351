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
    /// The order stream to read, or `nil` for the one that comes with the example.
    var input: String?
    /// How many events are handled at the same time at most.
    var workers = 4
    var faults = Faults.mail
    /// Whether standard output is for a program, and ends with one JSON object on its last line.
    var json = false
    /// The file to keep the log in, or `nil` for a fresh one in a temporary folder.
    var database: String?
    /// Whether to go on with the log that ``database`` holds, if it exists.
    var resume = false

    /// After how many lines to end the process as a crash would; `nil` is never.
    var crashAfter: Int?

    static let workerRange = 1...64

    /// What goes wrong on purpose, to show how the bus deals with it.
    enum Faults: String, Sendable, CaseIterable {
        case none
        /// The mail server refuses some notifications (``MailFaults/some``).
        case mail
    }

    static let help = """
        Usage: AllocationExample [--input FILE] [--db FILE [--resume]]
                                 [--workers N] [--faults none|mail]
                                 [--crash-after N] [--json]

        Drives an order stream, a file of JSON lines, through the allocation
        service on a durable event bus. It may be killed at any moment: resumed
        with the same stream, it ends with the totals of an undisturbed run.

          --input FILE   read this stream; the default is the Northwind order book
          --db FILE      keep the log and the stock in this SQLite file; the default
                         is a fresh one in a temporary folder, which is named
          --resume       go on with that file if it exists; without this option, a
                         file that exists is refused
          --workers N    handle up to N events at the same time; the default is 4,
                         \(workerRange.lowerBound) to \(workerRange.upperBound) are possible
          --faults KIND  none, or mail (the default): the mail server refuses some
                         notifications, which shows retries and a dead letter
          --crash-after N
                         end the process with SIGKILL when N lines are read; resume
                         with the same options but this one
          --json         print the totals as one JSON object on the last line of
                         standard output; text for people goes to standard error
          -h, --help     print this and exit

        A stream has one event on each line, of one of these types:

          {"type": "batch.created", "ref": "b1", "sku": "CHAI", "qty": 9, "eta": null}
          {"type": "allocation.required", "orderid": "10248", "sku": "CHAI", "qty": 2}
          {"type": "batch.quantity.changed", "ref": "b1", "sku": "CHAI", "qty": 5}

        Options may be cut short as long as they are clear. Exit codes: 0 done,
        1 error, 2 wrong usage, 128 + N ended early by signal N (Ctrl-C: 130).
        """
}

/// What became of a command line.
enum ParsedCommandLine: Sendable, Hashable {
    case run(Options)
    case help
    /// The command line is wrong; the message is one line that says why. The program exits with ``usageExitCode``.
    case usageError(String)

    static let usageExitCode: Int32 = 2
}
