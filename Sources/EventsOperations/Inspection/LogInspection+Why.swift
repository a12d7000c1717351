//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsSQLite

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What somebody wrote to name an event or a delivery.
enum EventSubject {
    /// `subscription/offset`.
    case delivery(DeadLetter.ID)
    case offset(Int64)
    case identity(EventID)

    init(_ text: String) throws {
        if let offset = Int64(text), offset > 0 {
            self = .offset(offset)
        } else if let id = EventID(text) {
            self = .identity(id)
        } else if let id = DeadLetter.ID(text) {
            self = .delivery(id)
        } else {
            throw LogFailure(
                .invalid,
                "'\(text)' names no event: write an event's id, its offset, or a delivery as in mail/17")
        }
    }
}

extension LogInspection {
    /// Why an event has, or has not, been handled.
    ///
    /// - Parameters:
    ///   - text: An event's id, its offset, or `subscription/offset`.
    ///   - live: What is known beyond the log.
    /// - Throws: `LogFailure` with `invalid` when the text is none of these.
    package func why(_ text: String, _ live: LiveFacts) throws -> WhyReport {
        let subject = try EventSubject(text)
        return try read { session in
            let finder = try DeliveryFinder(session, live)
            let offset: Int64?
            var asked: String?
            switch subject {
            case .offset(let number): offset = number
            case .delivery(let id):
                offset = id.offset.rawValue
                asked = id.subscription
            case .identity(let id):
                offset = try session.offset(of: id)
                if offset == nil { return try self.scheduledReport(text, id, session) }
            }
            guard let offset, let event = try session.event(at: offset) else {
                return self.missing(text, offset ?? 0, head: finder.head)
            }
            var report = WhyReport(
                subject: text, event: EventSummary(event), explanation: self.describe(event), deliveries: [])
            if let asked {
                report.deliveries = [try self.verdict(of: event, asked, finder)]
            } else {
                report.deliveries = try finder.verdicts(of: event)
                if report.deliveries.isEmpty { report.explanation += " No subscription takes it." }
            }
            return report
        }
    }

    private func describe(_ event: StoredEvent) -> String {
        let time = event.event.publishedAt.formatted(.iso8601)
        guard event.isIntact else {
            return "Offset \(event.offset) is damaged: its row is not what was written, so it may be anybody's."
        }
        return "\(event.event.name) was published at \(time), at offset \(event.offset)."
    }

    private func verdict(of event: StoredEvent, _ name: String, _ finder: DeliveryFinder) throws -> DeliveryVerdict {
        let id = DeadLetter.ID(subscription: name, offset: event.offset).description
        guard let subscription = finder.subscriptions.first(where: { $0.name == name }) else {
            var verdict = DeliveryVerdict(
                id: id, subscription: name, state: .noSubscription,
                explanation: "The log has no subscription '\(name)': it was removed, or never was.")
            verdict.next = ["subscriptions"]
            return verdict
        }
        guard subscription.takes(event.event.name, at: event.offset.rawValue, isIntact: event.isIntact) else {
            return DeliveryVerdict(
                id: id, subscription: name, state: .notTaken,
                explanation:
                    "'\(name)' does not take \(event.event.name) at offset \(event.offset): it was not registered for that type then."
            )
        }
        return try finder.verdict(of: event, for: subscription)
    }

    private func missing(_ text: String, _ offset: Int64, head: Int64) -> WhyReport {
        let what =
            offset > head
            ? "The log has no offset \(offset) yet; the latest is \(head)."
            : "Offset \(offset) is not in the log any more: it was finished everywhere, and retention removed it."
        return WhyReport(subject: text, event: nil, explanation: what, deliveries: [])
    }

    private func scheduledReport(_ text: String, _ id: EventID, _ session: ReadSession) throws -> WhyReport {
        guard let scheduled = try session.scheduled("id", id).first else {
            return WhyReport(
                subject: text, event: nil,
                explanation: "The log has no event \(id): it was never published here, or retention removed it.", deliveries: [])
        }
        let due = Date(microseconds: scheduled.due)
        return WhyReport(
            subject: text, event: EventSummary(scheduled.event),
            explanation:
                "\(scheduled.event.event.name) is scheduled and not published yet; it is due at \(due.formatted(.iso8601)).",
            scheduledFor: due, deliveries: [])
    }

    /// What runs now, as the flight recorder beside the log says. It means something only while somebody has the log open.
    package func runningDeliveries() throws -> Set<RunningDelivery> {
        let epoch = try read { try $0.integer("SELECT epoch FROM bus_log") ?? 0 }
        return Set(
            FlightRecorder.notes(at: path + "-flight", ofEpoch: epoch).map {
                RunningDelivery(subscription: $0.subscription.rawValue, offset: $0.offset.rawValue)
            })
    }
}
