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

/// Tells what became of the mails that the server refused, and gets the one through that it refused to the end.
struct MailRun: Sendable {
    let application: AllocationApplication
    let bus: EventBus
    let console: Console

    func tell() async throws {
        let filter = DeadLetterFilter(subscription: AllocationWiring.outOfStockMail)
        let letter = try await bus.deadLetters.list(filter, limit: 1).letters.first
        let report = try await bus.read { database in
            // An attempt that ended with the process was no refusal.
            let late = try SentMail.late(database)
            return try RetryReport(
                mails: database.query("SELECT count(*) FROM allocation_mails").first?.integer(0) ?? 0,
                late: late.filter { MailFaults.some.fate(ofMail: $0.number).isPassing },
                stuck: letter != nil ? .dead : late.contains { $0.number == MailFaults.stuckNumber } ? .redriven : nil,
                policy: AllocationWiring.mailRetry)
        }
        console.say(report.lines(console.style))
        if let letter { try await redrive(letter) }
    }

    /// Looks into the dead letter of the mail that was refused to the end, ends the fault, and sends the letter back.
    private func redrive(_ letter: DeadLetter) async throws {
        let report = DeadLetterReport(letter: letter)
        console.say(report.lines(console.style))
        application.mailer.repair()
        let receipt = try await bus.deadLetters.redrive(letter.id)
        let outcome = try await bus.outcome(of: receipt)
        let late = try await bus.read { try SentMail.late($0) }
        let attempt = late.first { $0.number == MailFaults.stuckNumber }?.attempt
        console.say(report.linesAfterRedrive(sentWithAttempt: outcome.isSuccess ? attempt : nil))
    }
}
