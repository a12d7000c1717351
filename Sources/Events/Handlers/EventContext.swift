//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a handler knows about the delivery it handles, and what it can do on its behalf.
public struct EventContext: Sendable {
    private let run: Run
    private let index: Int

    init(_ run: Run, index: Int) {
        self.run = run
        self.index = index
    }

    /// The attempt, as the scope of what it does.
    var scope: HandlerScope { .delivery(run, index: index) }

    private var delivery: Delivery { run.deliveries[index] }

    /// The event's identity, offset, key, times, causes and headers.
    public var metadata: EventMetadata { EventMetadata(delivery.record) }

    /// The name of the subscription.
    public var subscription: String { run.handlers.name }

    /// Which attempt this is, counted from 1 over the delivery's whole life.
    public var attempt: Int { delivery.nextAttempt }

    /// The identity of the delivery. It is the same in every attempt, so it serves as an idempotency key for effects outside of
    /// the bus.
    public var deliveryID: DeadLetter.ID { DeadLetter.ID(subscription: subscription, offset: delivery.offset) }

    /// Publishes an event if this attempt succeeds; if it fails, the event never existed. Emitted events keep their order.
    ///
    /// It never waits. When the queues of those who would get the event are full past the handlers' headroom, the whole attempt is
    /// tried again later without being counted.
    ///
    /// - Throws: ``EventBusError/Code/handlerEnded`` when the handler has returned already; ``EventBusError/Code/invalidName`` or
    ///   ``EventBusError/Code/nameTaken`` for an event type with an unusable name.
    public func emit<E: Event>(_ event: E, headers: [String: String] = [:]) throws {
        try scope.emit(event, headers: headers)
    }

    /// Publishes an event now, whatever becomes of this attempt. See ``EventBus/publish(_:headers:correlationID:)``.
    @discardableResult
    public func publish<E: Event>(_ event: E, headers: [String: String] = [:]) async throws -> Receipt {
        try await run.bus.publish(event, headers: headers)
    }

    /// Sends a command and returns its handler's result. See ``EventBus/send(_:)``.
    @discardableResult
    public func send<C: Command>(_ command: C) async throws -> C.Reply {
        try await run.bus.send(command)
    }
}
