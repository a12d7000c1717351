//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension ReadSession {
    private enum DeliverySQL {
        private static let columns = """
            \(EventRow.columns), d.offset, d.ordering_key, d.state, d.due_at, d.decided_at, d.attempts, d.failed_attempts, \
            d.crashes, d.redrives, d.is_depth_reset
            """

        private static func select(from index: String, where condition: String, order: String) -> String {
            """
            SELECT \(columns) FROM bus_deliveries AS d \(index) LEFT JOIN bus_events AS e ON e.offset = d.offset
            WHERE d.subscription = ?1 AND d.offset > ?2 AND d.offset < ?3 AND \(condition) ORDER BY \(order) LIMIT ?4
            """
        }

        static let all = select(from: "NOT INDEXED", where: "d.state <> 'no handler'", order: "d.offset")
        static let key = select(
            from: "INDEXED BY bus_deliveries_by_key", where: "d.ordering_key IS ?5 AND d.state <> 'no handler'",
            order: "d.offset")
        static let due = select(
            from: "INDEXED BY bus_deliveries_by_due_time", where: "d.state = 'retry' AND d.due_at <= ?5",
            order: "d.due_at, d.offset")
    }

    /// Deliveries with rows.
    func deliveries(_ selection: DeliverySelection) throws -> [StoredDelivery] {
        guard selection.limit > 0 else { return [] }
        var selection = selection
        switch selection.group {
        case .all:
            return try read(selection, DeliverySQL.all) { _ in }
        case .key(let key):
            return try read(selection, DeliverySQL.key) { $0.bind(5, key) }
        case .offset(let offset):
            guard offset > selection.after, selection.before.map({ offset < $0 }) ?? true, offset.rawValue < .max else {
                return []
            }
            selection.after = Offset(rawValue: offset.rawValue - 1)
            selection.before = Offset(rawValue: offset.rawValue + 1)
            return try read(selection, DeliverySQL.all) { _ in }
        case .due(let date):
            let time = date.microseconds
            return try read(selection, DeliverySQL.due) { $0.bind(5, time) }
        }
    }

    private func read(
        _ selection: DeliverySelection, _ sql: String, bind: (Statement) -> Void
    ) throws(SQLiteError) -> [StoredDelivery] {
        let statement = try keep(sql)
        statement.bind(1, selection.subscription.rawValue)
        statement.bind(2, selection.after.rawValue)
        statement.bind(3, selection.before?.rawValue ?? .max)
        statement.bind(4, selection.limit)
        bind(statement)
        defer { statement.reset() }
        let hasEdits = try hasEdits()
        var found: [StoredDelivery] = []
        while try statement.step() {
            found.append(try delivery(statement, of: selection.subscription.rawValue, hasEdits))
        }
        return found
    }

    private func delivery(
        _ row: Statement, of subscription: Int64, _ hasEdits: Bool
    ) throws(SQLiteError) -> StoredDelivery {
        let first = EventRow.columnCount
        let event = EventRow(row).decode(at: row.int64(first), name: "", orderingKey: row.textOrNil(first + 1))
        var retry: ScheduledTime?
        if row.text(first + 2) == "retry", let due = row.int64OrNil(first + 3) {
            let decided = row.int64OrNil(first + 4) ?? due
            retry = ScheduledTime(due: Date(microseconds: due), decided: Date(microseconds: decided))
        }
        return StoredDelivery(
            event: try handled(event, by: subscription, hasEdits), counts: LogCounts(row, from: first + 5), retry: retry)
    }
}

extension LogCounts {
    /// The counts in five columns from `first` on.
    init(_ row: Statement, from first: Int32) {
        self.init(
            attempts: Int(truncatingIfNeeded: row.int64(first)), failedAttempts: Int(truncatingIfNeeded: row.int64(first + 1)),
            crashes: Int(truncatingIfNeeded: row.int64(first + 2)), redrives: Int(truncatingIfNeeded: row.int64(first + 3)),
            isDepthReset: row.int64(first + 4) != 0)
    }
}
