//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsSQLite

/// Checks that every row belongs to something, and that copies say what their originals say.
struct OrphanCheck {
    private let verifier: Verifier
    private let session: ReadSession

    init(_ verifier: Verifier, _ session: ReadSession) {
        self.verifier = verifier
        self.session = session
    }

    private static let ofSubscriptions = [
        "bus_subscription_types", "bus_deliveries", "bus_attempts", "bus_dead_letters", "bus_discards", "bus_settlements",
        "bus_redrives", "bus_edits",
    ]
    private static let ofEvents = ["bus_attempts", "bus_redrives", "bus_edits"]

    func run() throws {
        for table in Self.ofSubscriptions {
            try find(
                .orphan, table, "it belongs to a subscription that the log does not have",
                """
                SELECT 'subscription ' || subscription, count(*) FROM \(table)
                WHERE subscription NOT IN (SELECT id FROM bus_subscriptions) GROUP BY subscription
                """)
        }
        for table in Self.ofEvents {
            try find(
                .orphan, table, "the log does not have its event",
                """
                SELECT subscription || '/' || offset, count(*) FROM \(table) AS t
                WHERE NOT EXISTS (SELECT 1 FROM bus_events AS e WHERE e.offset = t.offset) GROUP BY subscription, offset
                """)
        }
        for table in ["bus_redrives", "bus_edits"] {
            try find(
                .orphan, table, "nothing says who did it",
                """
                SELECT subscription || '/' || offset, 1 FROM \(table)
                WHERE audit NOT IN (SELECT id FROM bus_audit)
                """)
        }
        try find(
            .orphan, "bus_plan_items", "the log does not have its plan",
            "SELECT 'plan ' || plan, count(*) FROM bus_plan_items WHERE plan NOT IN (SELECT id FROM bus_plans) GROUP BY plan")
        try find(
            .copy, "bus_dead_letters", "it says something else than its event",
            """
            SELECT s.name || '/' || l.offset, 1 FROM bus_dead_letters AS l JOIN bus_events AS e ON e.offset = l.offset
            JOIN bus_subscriptions AS s ON s.id = l.subscription
            WHERE l.reason <> 'corrupt' AND (l.event_name <> e.name OR l.correlation_id <> coalesce(e.correlation_id, e.id)
                OR l.ordering_key IS NOT e.ordering_key)
            """)
        let count = try session.integer("SELECT count(*) FROM bus_log WHERE id = 1") ?? 0
        if count != 1 { verifier.find(.orphan, "bus_log", "", "the log's own row is missing") }
    }

    private func find(_ kind: VerifyFinding.Kind, _ table: String, _ text: String, _ sql: String) throws {
        let found = try session.rows(sql) { ($0.text(0), $0.int64(1)) }
        for (subject, count) in found {
            verifier.find(kind, table, subject, count > 1 ? "\(text) (\(count) rows)" : text)
        }
    }
}
