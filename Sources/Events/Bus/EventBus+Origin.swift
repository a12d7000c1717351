//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

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
            return EventOrigin(id: id, bus: identity, publishedAt: time, details: nil)
        }
        return EventOrigin(
            id: id, bus: identity, publishedAt: time,
            details: EventOrigin.Details(
                correlationID: correlationID ?? scope?.correlationID, causationID: scope?.causationID,
                depth: scope.map { $0.depth + 1 } ?? 0, headers: headers, emittedBy: scope?.subscription,
                // A log has the chain of causes; in memory the events themselves are it.
                parent: journal == nil ? scope?.record : nil))
    }

    /// Where the events of a batch come from. They share a time and all but their identity, unless something looks at each of them.
    @usableFromInline
    nonisolated func origins(
        of eventName: String, count: Int, headers: [String: String], correlationID: EventID?
    ) -> BatchOrigins {
        let scope = HandlerScope.enclosing(self)
        let make = { self.origin(of: eventName, headers: headers, correlationID: correlationID, in: scope) }
        guard hooks.onPublish == nil else { return BatchOrigins(make: make) }
        let first = make()
        let others = environment.makeEventIDs(first.publishedAt, count - 1)
        return BatchOrigins(first, identities: [first.id] + others, make: make)
    }
}

/// Gives each event of a batch its origin.
@usableFromInline
struct BatchOrigins {
    /// The origin of all events but for their identity; `nil` when each is made by itself.
    private var shared: EventOrigin?
    private let identities: [EventID]
    private var position = 0
    /// Makes an origin from nothing.
    private let make: () -> EventOrigin

    /// Origins that differ in nothing but their identity, for as many events as there are identities; `make` serves a batch that
    /// has more than it says.
    init(_ shared: EventOrigin, identities: [EventID], make: @escaping () -> EventOrigin) {
        self.shared = shared
        self.identities = identities
        self.make = make
    }

    /// Origins that are made one by one.
    init(make: @escaping () -> EventOrigin) {
        identities = []
        self.make = make
    }

    /// The origin of the next event; to be asked for as often as there are events.
    @usableFromInline
    mutating func next() -> EventOrigin {
        guard position < identities.count, var origin = shared else { return make() }
        origin.id = identities[position]
        position += 1
        return origin
    }
}
