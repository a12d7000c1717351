//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

extension Benchmark {
    /// How soon the `eventbus` command answers, as a process, from its start to its end.
    static let command = Benchmark(
        name: "command", summary: "eventbus, as a process, on a log of 1,000,000 events"
    ) { effort in
        let events = effort.memoryEvents
        let letters = events / 10
        let log = try await LongLog(settled: events, waiting: 10)
        try log.addDeadLetters(letters)
        let middle = letters + (events - letters) / 2
        let questions: [(name: String, arguments: [String])] = [
            ("list", ["dlq", "list"]), ("show", ["dlq", "show", "\(LongLog.subscription)/\(letters / 2)"]),
            ("why", ["why", "\(LongLog.subscription)/\(middle)"]), ("trace", ["trace", "\(middle)"]),
            ("trace-by-id", ["trace", String(format: "0199d0c5-7b1e-7a2b-8c3d-%012x", middle)]),
        ]
        return try questions.map { question in
            let times = try (0..<max(5, effort.recoveries)).map { _ in
                try CommandProcess.milliseconds(question.arguments + ["--db", log.path])
            }
            return Measurement(
                name: "command-\(question.name)", value: times.median, unit: "ms", budget: .expected(.valueAtMost(100)))
        }
    }
}

/// The `eventbus` command, where the build puts it: beside this program.
enum CommandProcess {
    /// Runs it to its end, and returns how long that took.
    static func milliseconds(_ arguments: [String]) throws -> Double {
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appending(path: "eventbus")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        let time = start.duration(to: .now) / .milliseconds(1)
        guard process.terminationStatus == 0 else {
            throw CommandFailure(arguments: arguments, status: process.terminationStatus)
        }
        return time
    }
}

/// The command did not do what it was to be timed at.
struct CommandFailure: Error, CustomStringConvertible {
    let arguments: [String]
    let status: Int32

    var description: String { "eventbus \(arguments.joined(separator: " ")) exited with \(status)" }
}
