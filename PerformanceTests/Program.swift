//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// The benchmarks of `Events`, measured as a user's code would be: from a module of its own, through the public API alone.
@main
enum Program {
    static func main() async {
        switch CommandLineParser.parse(Array(CommandLine.arguments.dropFirst())) {
        case .help:
            print(Options.help)
        case .list:
            for benchmark in Benchmark.all { print(benchmark.listing) }
        case .usageError(let message):
            fail("error: \(message)", exitCode: ExitCode.usage)
        case .run(let options):
            exit(await run(options))
        }
    }

    /// Measures what is selected, reports it, and returns the exit code.
    private static func run(_ options: Options) async -> Int32 {
        let selected = Benchmark.all.filter { $0.isSelected(by: options.filter) }
        if selected.isEmpty {
            let filter = options.filter ?? ""
            fail("error: no benchmark's name contains '\(filter)'; --list prints the names", exitCode: ExitCode.usage)
        }
        let report = Report(json: options.json)
        let effort: Effort = options.quick ? .quick : .full
        let start = ContinuousClock.now
        let startTime = ProcessorTime.now()
        var measurements: [Measurement] = []
        report.begin()
        for benchmark in selected {
            do {
                let results = try await benchmark.run(effort)
                measurements += results
                report.show(results)
            } catch {
                fail("error: \(benchmark.name): \(error)", exitCode: ExitCode.failure)
            }
        }
        let verdict = Verdict(on: measurements, strict: options.strict)
        let othersShare = ProcessorTime.now().flatMap { now in startTime.map { $0.othersShare(until: now) } }
        report.end(verdict, after: start.duration(to: .now), othersShare: othersShare)
        return verdict.exitCode
    }

    private static func fail(_ message: String, exitCode: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(exitCode)
    }
}
