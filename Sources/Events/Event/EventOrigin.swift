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

/// Where an event comes from: everything about it that its publisher's task determines, besides the event itself.
@usableFromInline
struct EventOrigin: Sendable {
    @usableFromInline var id: EventID
    /// The bus that publishes the event.
    @usableFromInline var bus: ObjectIdentifier
    @usableFromInline var publishedAt: Date
    /// What most events from outside do not have, so that they do not carry it.
    @usableFromInline var details: Details?

    @usableFromInline
    final class Details: Sendable {
        let correlationID: EventID?
        let causationID: EventID?
        let depth: Int
        let headers: [String: String]
        /// The subscription whose handler published or emitted the event, if one did.
        let emittedBy: String?
        /// The event whose handling published this one; outcomes of descendants are counted along this chain.
        let parent: EventRecord?

        init(
            correlationID: EventID?, causationID: EventID?, depth: Int, headers: [String: String], emittedBy: String?,
            parent: EventRecord?
        ) {
            self.correlationID = correlationID
            self.causationID = causationID
            self.depth = depth
            self.headers = headers
            self.emittedBy = emittedBy
            self.parent = parent
        }
    }

    var correlationID: EventID { details?.correlationID ?? id }
    var causationID: EventID? { details?.causationID }
    var depth: Int { details?.depth ?? 0 }
    var headers: [String: String] { details?.headers ?? [:] }
    var emittedBy: String? { details?.emittedBy }
    var parent: EventRecord? { details?.parent }
}
