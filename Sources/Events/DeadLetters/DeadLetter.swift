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

/// A delivery that failed for good, with everything needed to understand it and to send it back.
///
/// Its description names the event, the subscription and the error, never the event's content.
public struct DeadLetter: Sendable, Identifiable {
    /// The identity of a delivery, and so of its dead letter: a subscription and an offset, written `reserve-stock/17`.
    public struct ID: Sendable, Hashable, LosslessStringConvertible {
        /// The name of the subscription.
        public let subscription: String
        /// The offset of the event.
        public let offset: Offset

        /// The identity of the delivery of the event at `offset` to a subscription.
        public init(subscription: String, offset: Offset) {
            self.subscription = subscription
            self.offset = offset
        }

        /// An identity from its written form, or `nil` if the text is none.
        public init?(_ description: String) {
            guard let slash = description.lastIndex(of: "/"), slash != description.startIndex,
                let position = Int64(description[description.index(after: slash)...]), position > 0
            else { return nil }
            self.init(subscription: String(description[..<slash]), offset: Offset(rawValue: position))
            // One delivery has one written form: `a/01` and `a/+1` are not others of `a/1`.
            guard self.description == description else { return nil }
        }

        public var description: String { "\(subscription)/\(offset)" }
    }

    /// Why a delivery became a dead letter.
    public enum Reason: String, Sendable, Hashable {
        /// Every attempt that the retry policy allows failed.
        case exhausted
        /// The handler, or the retry policy's predicate, called the failure permanent.
        case permanent
        /// The event lies deeper in a chain of causes than the bus's `maxDepth` allows; the handler did not run.
        case tooDeep
        /// The process ended while the handler ran, as often as the subscription's `maxCrashes` allows.
        case crashed
        /// The stored event could not be read as its type: it was not written as this code reads it, or an upcaster is missing or
        /// failed. The handler did not run.
        case undecodable
        /// The stored event is not what was written. The handler did not run.
        case corrupt
    }

    /// The delivery's identity, the handle for redrive and discard.
    public let id: ID
    /// The event's metadata.
    public let metadata: EventMetadata
    /// Why it is here.
    public let reason: Reason
    /// The last error's type name.
    public let errorType: String
    /// The last error's text; for ``Reason/tooDeep`` the chain of events that led here.
    public let errorText: String
    /// The attempts that did not complete, oldest first.
    public let attempts: [Attempt]
    /// Attempts that ``attempts`` leaves out: past 256, the oldest after the first are only counted.
    public let omittedAttempts: Int
    /// The time of day at which it became a dead letter, the last time if it was redriven.
    public let deadSince: Date
    /// How often it was redriven before.
    public let redrives: Int
    /// Whether later events of its key wait for it.
    public let parksKey: Bool

    /// The name of the subscription whose delivery this is.
    public var subscription: String { id.subscription }
    /// The event itself; `nil` when the stored event cannot be read (``Reason/undecodable``, ``Reason/corrupt``).
    public var event: (any Event)? { metadata.record.anyEvent }
    /// The event's bytes as they are stored, when the event itself cannot be read.
    public var payload: Data? { (metadata.record as? StoredEventRecord)?.stored?.event.payload }
}

extension DeadLetter: CustomStringConvertible {
    public var description: String {
        let count = attempts.count + omittedAttempts
        return
            "\(id) \(metadata.name) \(metadata.id): \(reason.rawValue) after \(count) attempt\(count == 1 ? "" : "s"), \(errorType)"
    }
}
