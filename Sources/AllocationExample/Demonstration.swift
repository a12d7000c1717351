//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// The program's one job: drives an order stream through the service, and tells what happens.
struct Demonstration: Sendable {
    static let errorStatus: Int32 = 1

    let options: Options
    let console: Console
    /// The signal that asks to read no further, if one came.
    var interruption: @Sendable () -> Int32? = { nil }
    var environment: BusEnvironment = .live

    /// Does it all.
    ///
    /// - Returns: The status to exit with: 0 done, 1 error, 128 and the signal's number if a signal ended it early.
    func run() async -> Int32 {
        let status: Int32
        do {
            status = try await demonstrate()
        } catch {
            console.show(progress: nil)
            console.notice("error: \(error)")
            return Self.errorStatus
        }
        if let failure = console.failure {
            console.notice("error: cannot write what came of it: \(failure)")
            return Self.errorStatus
        }
        return status
    }

    private func demonstrate() async throws -> Int32 {
        let start = ContinuousClock.now
        let application = AllocationApplication(mailFaults: options.faults == .mail ? .some : .none)
        let driven = try await application.withBus(workers: options.workers, environment: environment) { bus in
            let path = try options.input ?? BundledStream.path()
            let stream = try OrderStream(path: path)
            console.say(Introduction(options: options).lines(console.style))
            let driven = try await drive(stream, through: bus, of: application)
            if options.faults == .mail {
                console.say(RetryReport(mailer: application.mailer, policy: AllocationWiring.mailRetry).lines(console.style))
                try await redriveMail(on: bus, of: application)
            }
            let left = try await bus.deadLetters.list(limit: LeftLettersReport.longestList)
            console.say(
                LeftLettersReport(letters: left.letters, count: application.activity.counts.deadLetters).lines(console.style))
            return driven
        }
        let summary = application.summary(rejectedLines: driven.rejectedLines)
        console.say(
            TotalsReport(
                summary: summary, lines: driven.lines, duration: start.duration(to: .now),
                isPartial: driven.stoppedBy != nil
            ).lines(console.style))
        // The totals of a part must not be taken for those of the whole.
        if options.json, driven.stoppedBy == nil { console.result(summary.jsonLine) }
        return driven.stoppedBy.map { 128 + $0 } ?? 0
    }

    /// What driving the stream came to.
    private struct Driven: Sendable {
        var lines = 0
        var rejectedLines = 0
        /// The signal that came before the end of the stream, if one did.
        var stoppedBy: Int32?
    }

    private func drive(
        _ stream: OrderStream, through bus: EventBus, of application: AllocationApplication
    ) async throws -> Driven {
        var stream = stream
        var driven = Driven()
        var progress = ProgressMeter.Progress()
        var meter = ProgressMeter(isInPlace: console.isInPlace, start: .now)
        let driver = StreamDriver(bus: bus, isStopped: { interruption() != nil })
        let isAtEnd = try await driver.drive {
            let item = try stream.next()
            progress.fraction = stream.fractionRead
            return item
        } tell: { step in
            switch step {
            case .read(.event):
                progress.lines += 1
            case .read(.rejected(let line, let reason)):
                progress.lines += 1
                driven.rejectedLines += 1
                console.notice("line \(line): \(reason)")
            case .resolved:
                break
            }
            progress.retries = application.activity.counts.retries
            if let line = meter.line(for: progress, now: .now) { console.show(progress: line) }
        }
        console.show(progress: nil)
        driven.lines = progress.lines
        if !isAtEnd {
            driven.stoppedBy = interruption()
            console.notice("stopped by a signal; the lines read so far are handled to their end")
        }
        return driven
    }

    /// Looks into the dead letter of the mail that was refused to the end, ends the fault, and sends the letter back.
    private func redriveMail(on bus: EventBus, of application: AllocationApplication) async throws {
        let filter = DeadLetterFilter(subscription: AllocationWiring.outOfStockMail)
        guard let letter = try await bus.deadLetters.list(filter, limit: 1).letters.first else { return }
        let report = DeadLetterReport(letter: letter)
        console.say(report.lines(console.style))
        application.mailer.repair()
        let receipt = try await bus.deadLetters.redrive(letter.id)
        let outcome = try await bus.outcome(of: receipt)
        console.say(
            report.linesAfterRedrive(sentWithAttempt: outcome.isSuccess ? application.mailer.stuck?.cause.attempt : nil))
    }
}
