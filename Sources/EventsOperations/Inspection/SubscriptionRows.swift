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

/// A subscription as the log's tables have it.
struct SubscriptionRow {
    struct Interest {
        let name: String
        let after: Int64
        let through: Int64?
    }

    let id: Int64
    let name: String
    let settled: OffsetRanges
    /// Whether the latest opening registered it.
    let isRegistered: Bool
    let epoch: Int64
    let createdAt: Int64
    /// `nil` when the log does not know.
    let order: DeliveryOrder?
    let orderAfter: Int64
    var interests: [Interest] = []

    /// Whether it is what a replay is, or has left: only that ends with every type.
    var isReplay: Bool { !interests.isEmpty && interests.allSatisfy { $0.through != nil } && isRegistered }

    /// Whether it takes an event. A damaged one may be of any name.
    func takes(_ name: String, at offset: Int64, isIntact: Bool = true) -> Bool {
        interests.contains { $0.after < offset && offset <= $0.through ?? .max && (!isIntact || $0.name == name) }
    }

    /// Whether it takes events of a type that are published now.
    func isRegistered(for name: String) -> Bool { interests.contains { $0.name == name && $0.through == nil } }

    static func all(_ session: ReadSession) throws -> [SubscriptionRow] {
        let statement = try session.keep(
            """
            SELECT id, name, cursor, ranges, epoch, created_at, delivery_order, order_after, (SELECT epoch FROM bus_log)
            FROM bus_subscriptions ORDER BY name
            """)
        defer { statement.reset() }
        var rows: [SubscriptionRow] = []
        while try statement.step() {
            let cursor = Offset(rawValue: statement.int64(2))
            rows.append(
                SubscriptionRow(
                    id: statement.int64(0), name: statement.text(1),
                    settled: OffsetRanges(cursor: cursor, rangesText: statement.text(3)) ?? OffsetRanges(cursor: cursor),
                    isRegistered: statement.int64(4) == statement.int64(8), epoch: statement.int64(4),
                    createdAt: statement.int64(5), order: DeliveryOrder(stored: statement.textOrNil(6)),
                    orderAfter: statement.int64(7)))
        }
        let types = try session.keep("SELECT subscription, event_name, after_offset, through_offset FROM bus_subscription_types")
        defer { types.reset() }
        let positions = Dictionary(rows.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        while try types.step() {
            guard let position = positions[types.int64(0)] else { continue }
            rows[position].interests.append(
                Interest(name: types.text(1), after: types.int64(2), through: types.int64OrNil(3)))
        }
        return rows
    }
}

extension ReadSession {
    /// Rows of a statement that is kept, with its parameters bound.
    func rows<Value>(_ sql: String, _ bind: (Statement) -> Void = { _ in }, _ row: (Statement) throws -> Value) throws -> [Value]
    {
        let statement = try keep(sql)
        bind(statement)
        defer { statement.reset() }
        var values: [Value] = []
        while try statement.step() { values.append(try row(statement)) }
        return values
    }

    /// The first row of a statement that is kept.
    func first<Value>(_ sql: String, _ bind: (Statement) -> Void = { _ in }, _ row: (Statement) throws -> Value) throws -> Value?
    {
        let statement = try keep(sql)
        bind(statement)
        defer { statement.reset() }
        return try statement.step() ? try row(statement) : nil
    }
}
