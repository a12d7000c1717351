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
            return EventOrigin(id: id, publishedAt: time, details: nil)
        }
        return EventOrigin(
            id: id, publishedAt: time,
            details: EventOrigin.Details(
                correlationID: correlationID ?? scope?.correlationID, causationID: scope?.causationID,
                depth: scope.map { $0.depth + 1 } ?? 0, headers: headers, emittedBy: scope?.subscription,
                parent: scope?.record))
    }

    /// Where the events of a batch come from. They share a time, and all but their identity where nothing looks at each of them.
    @usableFromInline
    nonisolated func origins(
        of eventName: String, count: Int, headers: [String: String], correlationID: EventID?
    ) -> [EventOrigin] {
        let scope = HandlerScope.enclosing(self)
        let first = origin(of: eventName, headers: headers, correlationID: correlationID, in: scope)
        var origins = [first]
        origins.reserveCapacity(count)
        while origins.count < count {
            if hooks.onPublish == nil {
                origins.append(
                    EventOrigin(
                        id: environment.makeEventID(first.publishedAt), publishedAt: first.publishedAt, details: first.details))
            } else {
                origins.append(origin(of: eventName, headers: headers, correlationID: correlationID, in: scope))
            }
        }
        return origins
    }
}
