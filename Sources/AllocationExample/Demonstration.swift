//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite

/// The program's one job: drives an order stream through the service, and tells what happens.
struct Demonstration: Sendable {
    static let errorStatus: Int32 = 1

    let options: Options
    let console: Console
    /// The signal that asks to read no further, if one came.
    var interruption: @Sendable () -> Int32? = { nil }

    /// Does it all.
    ///
    /// - Returns: The status to exit with: 0 done, 1 error, 2 wrong usage, 128 and the signal's number if a signal ended it early.
    func run() async -> Int32 {
        let status: Int32
        do {
            status = try await demonstrate()
        } catch {
            console.show(progress: nil)
            // A log's failure begins with its code, which is for programs.
            console.notice("error: \((error as? LogFailure)?.message ?? "\(error)")")
            return error is UsageError ? ParsedCommandLine.usageExitCode : Self.errorStatus
        }
        if let failure = console.failure {
            console.notice("error: cannot write what came of it: \(failure)")
            return Self.errorStatus
        }
        return status
    }

    private func demonstrate() async throws -> Int32 {
        let begin = ContinuousClock.now
        // First what can be wrong with the command line, so that nothing is left behind then.
        let input = try options.input ?? BundledStream.path()
        let stream = try OrderStream(path: input)
        let application = AllocationApplication(
            path: try LogFile.path(for: options), mailFaults: options.faults == .mail ? .some : .none)
        let (driven, summary, subject) = try await application.withBus(workers: options.workers) { bus, start in
            console.say(Introduction(options: options, path: application.path, start: start).lines(console.style))
            let driver = StreamRun(
                application: application, bus: bus, start: start, console: console, crashAfter: options.crashAfter,
                interruption: interruption)
            try await driver.compare(input)
            let driven = try await driver.drive(stream)
            if options.faults == .mail { try await MailRun(application: application, bus: bus, console: console).tell() }
            let summary = try await application.summary(on: bus, rejectedLines: driven.rejectedLines, since: start)
            let left = try await bus.deadLetters.list(limit: LeftLettersReport.longestList)
            console.say(LeftLettersReport(letters: left.letters, count: summary.deadLettered).lines(console.style))
            let subject = try await bus.read { try NextStepsReport.subject($0) }
            return (driven, summary, subject)
        }
        console.say(
            TotalsReport(
                summary: summary, lines: driven.lines, duration: begin.duration(to: .now),
                isPartial: driven.stoppedBy != nil
            ).lines(console.style))
        if driven.stoppedBy == nil, !options.json {
            console.say(NextStepsReport(path: application.path, subject: subject).lines(console.style))
        }
        guard let signal = driven.stoppedBy else {
            if options.json { console.result(summary.jsonLine) }
            return 0
        }
        // The totals of a part must not be taken for those of the whole.
        console.notice("resume with the same options and: --db \(LogFile.shellText(application.path)) --resume")
        return 128 + signal
    }
}
