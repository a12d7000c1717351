//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A dead letter that a person or a program gave up, and why.
public struct DeadLetterDiscard: Sendable, Hashable {
    /// The letter.
    public let id: DeadLetter.ID
    /// The name of the event.
    public let eventName: String
    /// The identity of the event.
    public let eventID: EventID
    /// Why it was given up.
    public let reason: String
    /// When, by the time of day.
    public let time: Date

    /// A discard as it is remembered.
    public init(id: DeadLetter.ID, eventName: String, eventID: EventID, reason: String, time: Date) {
        self.id = id
        self.eventName = eventName
        self.eventID = eventID
        self.reason = reason
        self.time = time
    }
}
