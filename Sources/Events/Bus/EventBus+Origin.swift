//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventBus {
    /// Where an event published by the current task comes from.
    @usableFromInline
    nonisolated func origin(of eventName: String, headers: [String: String], correlationID: EventID?) -> EventOrigin {
        origin(of: eventName, headers: headers, correlationID: correlationID, in: HandlerScope.enclosing(self))
    }

    nonisolated func origin(
        of eventName: String, headers: [String: String], correlationID: EventID?, in scope: HandlerScope?
    ) -> EventOrigin {
        let time = environment.wallClock()
        let id = environment.makeEventID(time)
        var headers = headers
        if let onPublish = hooks.onPublish {
            var publication = EventBusHooks.Publication(
                eventName: eventName, emittedBy: scope?.subscription, headers: headers)
            onPublish(&publication)
            headers = publication.headers
        }
        if scope == nil, headers.isEmpty, correlationID == nil {
            return EventOrigin(id: id, bus: ObjectIdentifier(self), publishedAt: time, details: nil)
        }
        return EventOrigin(
            id: id, bus: ObjectIdentifier(self), publishedAt: time,
            details: EventOrigin.Details(
                correlationID: correlationID ?? scope?.correlationID, causationID: scope?.causationID,
                depth: scope.map { $0.depth + 1 } ?? 0, headers: headers, emittedBy: scope?.subscription,
                parent: scope?.record))
    }

    /// Where the events of a batch come from. They share a time and all but their identity, unless something looks at each of them.
    @usableFromInline
    nonisolated func origins(
        of eventName: String, count: Int, headers: [String: String], correlationID: EventID?
    ) -> BatchOrigins {
        let scope = HandlerScope.enclosing(self)
        guard hooks.onPublish == nil else {
            return BatchOrigins { self.origin(of: eventName, headers: headers, correlationID: correlationID, in: scope) }
        }
        let first = origin(of: eventName, headers: headers, correlationID: correlationID, in: scope)
        return BatchOrigins(
            first, others: environment.makeEventIDs(first.publishedAt, count - 1), beyond: environment.makeEventID)
    }
}

/// Gives each event of a batch its origin.
@usableFromInline
struct BatchOrigins {
    private enum Source {
        /// Origins that differ in nothing but their identity.
        case alike(EventOrigin, identities: [EventID], beyond: @Sendable (Date) -> EventID)
        /// Origins that are made one by one.
        case made(() -> EventOrigin)
    }

    private let source: Source
    private var position = 0

    /// Origins for a batch that counts as many events as there are identities; `beyond` serves one that has more than it says.
    init(_ first: EventOrigin, others: [EventID], beyond: @escaping @Sendable (Date) -> EventID) {
        source = .alike(first, identities: others, beyond: beyond)
    }

    init(_ make: @escaping () -> EventOrigin) {
        source = .made(make)
    }

    /// The origin of the next event; to be asked for as often as there are events.
    @usableFromInline
    mutating func next() -> EventOrigin {
        switch source {
        case .made(let make): return make()
        case .alike(var origin, let identities, let beyond):
            if position > identities.count {
                origin.id = beyond(origin.publishedAt)
            } else if position > 0 {
                origin.id = identities[position - 1]
            }
            position += 1
            return origin
        }
    }
}
