//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

/// Which dead letters are meant, as SQL over `bus_dead_letters AS l JOIN bus_subscriptions AS s ON s.id = l.subscription`. Every
/// value is bound; the text holds names of columns alone.
package struct LetterCondition {
    private enum Value {
        case number(Int64)
        case text(String)
    }

    /// The condition, which follows WHERE.
    package private(set) var sql: String
    private var values: [Value]

    /// The condition for letters that arrived after a number, of which the first is 1.
    package init(_ letters: LogLetterSelection, after arrival: Int64 = 0) {
        sql = "l.arrival > ?"
        values = [.number(arrival)]
        switch letters {
        case .one(let id):
            require("s.name = ?", .text(id.subscription))
            require("l.offset = ?", .number(id.offset.rawValue))
        case .planned(let plan, _):
            require(
                "l.arrival IN (SELECT i.arrival FROM bus_plan_items AS i WHERE i.state = 'pending' AND i.plan = ?)", .number(plan)
            )
        case .matching(let filter):
            if let subscription = filter.subscription { require("s.name = ?", .text(subscription)) }
            if let name = filter.eventName { require("l.event_name = ?", .text(name)) }
            if let key = filter.orderingKey { require("l.ordering_key = ?", .text(key)) }
            if let type = filter.errorType { require("l.error_type = ?", .text(type)) }
            // A pattern of LIKE would have characters that mean something else than themselves, and would not tell a from A.
            if let part = filter.errorContains { require("instr(l.error_text, ?) > 0", .text(part)) }
            if let correlation = filter.correlationID { require("l.correlation_id = ?", .text(correlation.description)) }
            if let since = filter.since { require("l.died_at >= ?", .number(since.microseconds)) }
            if let before = filter.before { require("l.died_at < ?", .number(before.microseconds)) }
        }
    }

    /// The condition for the letter with an arrival number.
    init(arrival: Int64) {
        sql = "l.arrival = ?"
        values = [.number(arrival)]
    }

    private mutating func require(_ condition: String, _ value: Value) {
        sql += " AND " + condition
        values.append(value)
    }

    /// Binds the condition's values, the first of them as parameter 1. Returns the number of the next parameter.
    @discardableResult
    package func bind(to statement: Statement) -> Int32 {
        var position: Int32 = 1
        for value in values {
            switch value {
            case .number(let number): statement.bind(position, number)
            case .text(let text): statement.bind(position, text)
            }
            position += 1
        }
        return position
    }
}
