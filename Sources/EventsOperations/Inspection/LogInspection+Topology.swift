//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsSQLite

/// Who publishes and who handles what, as the log has seen it.
public struct TopologyReport: Sendable, Hashable, Codable {
    /// Who publishes what.
    public var publishers: [PublisherRecord]
    /// Who handles what.
    public var handlers: [HandlerRecord]
}

/// Somebody who published events of a type.
public struct PublisherRecord: Sendable, Hashable, Codable {
    /// The subscription whose handler did; `nil` is the service's other code.
    public var subscription: String?
    /// The event's name.
    public var event: String
    /// How many the log has of it.
    public var events: Int
}

/// Somebody who handles events of a type.
public struct HandlerRecord: Sendable, Hashable, Codable {
    /// The subscription.
    public var subscription: String
    /// The event's name.
    public var event: String
    /// Whether the latest opening of the log registered it.
    public var isRegistered: Bool
}

extension LogInspection {
    /// Who publishes and handles what. It goes through the whole log.
    package func topology() throws -> TopologyReport {
        try read { session in
            let publishers = try session.rows(
                "SELECT emitted_by, name, count(*) FROM bus_events GROUP BY emitted_by, name ORDER BY emitted_by, name"
            ) { PublisherRecord(subscription: $0.textOrNil(0), event: $0.text(1), events: Int($0.int64(2))) }
            let handlers = try SubscriptionRow.all(session).flatMap { subscription in
                subscription.interests.filter { $0.through == nil }.map(\.name).sorted().map {
                    HandlerRecord(subscription: subscription.name, event: $0, isRegistered: subscription.isRegistered)
                }
            }
            return TopologyReport(publishers: publishers, handlers: handlers)
        }
    }
}
