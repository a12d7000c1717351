//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// What an event must have to be selected, in the form in which rows can be compared without being decoded.
struct EventMatcher {
    private struct Interest {
        let name: [UInt8]
        let after: Int64
        let through: Int64
    }

    private let interests: [Interest]?
    private let names: [[UInt8]]?
    private let orderingKey: [UInt8]?
    private let correlationID: EventID?
    private let since: Int64
    private let before: Int64

    init(_ selection: EventSelection) {
        interests = selection.interests?.map {
            Interest(name: Array($0.eventName.utf8), after: $0.after.rawValue, through: $0.through?.rawValue ?? .max)
        }
        names = selection.names?.map { Array($0.utf8) }
        orderingKey = selection.orderingKey.map { Array($0.utf8) }
        correlationID = selection.correlationID
        since = selection.since?.microseconds ?? .min
        before = selection.before?.microseconds ?? .max
    }

    /// Whether an intact row is selected.
    func matches(_ row: EventRow) -> Bool {
        if let interests {
            let offset = row.offset
            // A name's few stretches of offsets are told apart first: two numbers cost less than a name.
            guard interests.contains(where: { $0.after < offset && offset <= $0.through && row.name(is: $0.name) }) else {
                return false
            }
        }
        if let names, !names.contains(where: row.name) { return false }
        if let orderingKey, !row.orderingKey(is: orderingKey) { return false }
        if let correlationID, row.correlationID != correlationID { return false }
        let time = row.publishedAt
        // The last time there is stands for no bound.
        return time >= since && (time < before || before == .max)
    }
}
