//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

extension ReadSession {
    private enum OutcomeSQL {
        static let event = "SELECT \(EventRow.columns) FROM bus_events AS e WHERE e.offset = ?1"
        static let later = """
            SELECT \(EventRow.columns) FROM bus_events AS e INDEXED BY bus_events_by_correlation
            WHERE e.correlation_id = ?1 AND e.offset > ?2 ORDER BY e.offset
            """
        static let scheduled = """
            SELECT causation_id FROM bus_scheduled INDEXED BY bus_scheduled_by_correlation WHERE correlation_id = ?1
            """
    }

    /// What became of the deliveries of an event, and of those that it caused. An event that was pruned has nothing to say: all that
    /// it had is finished.
    ///
    /// What an event caused shares its correlation and follows from it along the causes. That its handler published under another
    /// correlation on purpose is not seen here.
    func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder]
    ) throws -> StoredOutcome {
        var count = try OutcomeCount(self, orders: orders)
        let statement = try keep(OutcomeSQL.event)
        statement.bind(1, offset.rawValue)
        defer { statement.reset() }
        guard try statement.step() else { return count.result }
        let event = EventRow(statement)
        try count.count(event)
        if scope == .descendants, let id = event.id, let correlation = event.correlationID {
            try countEffects(of: id, correlation: correlation, after: offset.rawValue, into: &count)
        }
        return count.result
    }

    private func countEffects(
        of cause: EventID, correlation: EventID, after offset: Int64, into count: inout OutcomeCount
    ) throws(SQLiteError) {
        // Effects come after their causes, so one walk in the order of the log finds them all.
        var causes: Set<EventID> = [cause]
        let correlation = correlation.description
        let later = try keep(OutcomeSQL.later)
        later.bind(1, correlation)
        later.bind(2, offset)
        defer { later.reset() }
        while try later.step() {
            let event = EventRow(later)
            guard let cause = event.causationID, causes.contains(cause) else { continue }
            if let id = event.id { causes.insert(id) }
            try count.count(event)
        }
        let scheduled = try keep(OutcomeSQL.scheduled)
        scheduled.bind(1, correlation)
        defer { scheduled.reset() }
        while try scheduled.step() {
            if let cause = scheduled.withBytes(0, { EventID(ascii: $0) }), causes.contains(cause) { count.countScheduled(1) }
        }
    }
}
