//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How a run of a bus ended.
public struct ShutdownReport: Sendable, Hashable {
    /// Something that ignored its cancellation and was left behind when the bus closed.
    public struct Abandoned: Sendable, Hashable, CustomStringConvertible {
        /// The subscription, or `nil` for the handler of a command.
        public let subscription: String?
        /// The name of the event or command.
        public let name: String
        /// The identity of the event; `nil` for a command.
        public let eventID: EventID?

        public var description: String {
            guard let subscription, let eventID else { return "command \(name)" }
            return "\(subscription): \(name) \(eventID)"
        }
    }

    /// Deliveries that completed while the bus ran.
    public internal(set) var completed = 0
    /// Deliveries left unfinished: cancelled by the shutdown, never begun, or waiting for a retry when the deadline came. An
    /// in-memory bus loses them.
    public internal(set) var released = 0
    /// Handlers that had not returned when the bus closed.
    public internal(set) var abandoned: [Abandoned] = []
    /// Dead letters there were when the bus closed. An in-memory bus loses them.
    public internal(set) var deadLetters = 0
    /// Deliveries that waited behind a dead letter when the bus closed. An in-memory bus loses them.
    public internal(set) var parked = 0

    /// Whether every delivery was completed, discarded or dropped, and nothing was left behind.
    public var isClean: Bool { released == 0 && abandoned.isEmpty && deadLetters == 0 && parked == 0 }
}

extension ShutdownReport: CustomStringConvertible {
    public var description: String {
        var text = "completed \(completed), released \(released), abandoned \(abandoned.count)"
        if !abandoned.isEmpty { text += " (" + abandoned.map(\.description).joined(separator: "; ") + ")" }
        return text + ", dead letters \(deadLetters), parked \(parked)"
    }
}
