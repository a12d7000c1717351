//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events
internal import EventsSQLite

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which events to read.
public struct EventQuery: Sendable, Hashable {
    /// Only events with this name.
    public var event: String?
    /// Only events with this ordering key.
    public var key: String?
    /// Only events with this correlation.
    public var correlationID: EventID?
    /// Only events that this subscription's handlers published.
    public var emittedBy: String?
    /// Only events published at this time or later.
    public var since: Date?
    /// Only events published before this time.
    public var before: Date?
    /// Only events with a payload of more bytes than this.
    public var largerThan: Int?
    /// Only greater offsets, in order; `nil` reads the latest, and gives them in order as well.
    public var after: Int64?
    /// The most events. The default is 20.
    public var limit = 20

    /// The latest events.
    public init() {}

    /// Whether an event is meant. A damaged one always is: nothing about it can be relied on.
    func matches(_ stored: StoredEvent) -> Bool {
        guard stored.isIntact else { return true }
        let event = stored.event
        return (self.event == nil || self.event == event.name) && (key == nil || key == event.orderingKey)
            && (correlationID == nil || correlationID == event.correlationID ?? event.id)
            && (emittedBy == nil || emittedBy == event.emittedBy) && (since.map { event.publishedAt >= $0 } ?? true)
            && (before.map { event.publishedAt < $0 } ?? true) && (largerThan.map { event.payload.count > $0 } ?? true)
    }
}

/// Some events of the log.
public struct EventList: Sendable, Hashable, Codable {
    /// The events, in order.
    public var events: [EventSummary]
    /// Their payloads, as they were published.
    public var payloads: [String]
    /// All that matches up to here was read, or, where the latest were asked for, from here on.
    public var position: Int64
    /// Whether there may be more.
    public var isMore: Bool
}

extension LogInspection {
    /// How many rows one look goes through.
    private static let reach = 200_000

    /// Events, in order.
    package func events(_ query: EventQuery) throws -> EventList {
        try read { session in
            let limit = max(1, query.limit)
            let forward = query.after != nil
            let statement = try session.keep(
                forward
                    ? "SELECT \(EventRow.columns) FROM bus_events AS e WHERE e.offset > ?1 ORDER BY e.offset"
                    : "SELECT \(EventRow.columns) FROM bus_events AS e WHERE e.offset > ?1 ORDER BY e.offset DESC")
            statement.bind(1, query.after ?? 0)
            defer { statement.reset() }
            var found: [StoredEvent] = []
            var looked = 0
            var position = query.after ?? 0
            var isMore = false
            while try statement.step() {
                if found.count == limit || looked == Self.reach {
                    isMore = true
                    break
                }
                let row = EventRow(statement)
                looked += 1
                position = row.offset
                let event = row.decode(isIntact: row.isIntact)
                if query.matches(event) { found.append(event) }
            }
            if !forward { found.reverse() }
            return EventList(
                events: found.map(EventSummary.init),
                payloads: found.map { String(decoding: $0.event.payload, as: UTF8.self) }, position: position, isMore: isMore)
        }
    }

    /// A number that changes when somebody else has changed the file.
    package func changeCounter() throws -> Int64 {
        do {
            return try session.connection.integer("PRAGMA data_version") ?? 0
        } catch {
            throw error.inspectionFailure(path: path)
        }
    }

    /// The offset of the latest event.
    package func lastOffset() throws -> Int64 { try read { try $0.head() } }
}
