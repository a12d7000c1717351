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

/// Collects the handlers of a bus while it is made. Everything registered together begins together, before anything is published.
public struct HandlerRegistry {
    private(set) var subscriptions: [SubscriptionDefinition] = []
    private(set) var commands: [CommandDefinition] = []
    private(set) var upcasters: [Upcaster] = []

    init() {}

    /// Subscribes a handler to one type of event.
    ///
    /// - Parameters:
    ///   - name: The subscription's durable identity, unique within the bus: not empty, at most 200 bytes, no control characters.
    ///   - eventType: The type of event.
    ///   - retry: What follows a failed attempt. The default is ``RetryPolicy/standard``.
    ///   - order: Which deliveries run one after the other. The default is ``DeliveryOrder/perKey``.
    ///   - maxConcurrency: The most deliveries at the same time; see ``SubscriptionOptions/maxConcurrency``.
    ///   - timeout: How long an attempt may run. The default is no limit.
    ///   - onDeadLetter: Whether a dead letter makes later events of its key wait. The default is ``DeadLetterPolicy/automatic``.
    ///   - queue: The bounds of the queue; the default is the bus's own.
    ///   - start: Where it begins if the log does not know it yet. The default is ``SubscriptionStart/now``.
    ///   - maxCrashes: How often the process may end while a delivery runs; see ``SubscriptionOptions/maxCrashes``. The default is 5.
    ///   - handler: Runs once for every attempt, on any thread, alongside others as `order` and `maxConcurrency` allow. It
    ///     completes the delivery by returning; it fails the attempt by throwing.
    /// - Throws: ``EventBusError`` for a duplicate or unusable name or an option out of range.
    public mutating func subscribe<E: Event>(
        _ name: String, to eventType: E.Type, retry: RetryPolicy = .standard, order: DeliveryOrder = .perKey,
        maxConcurrency: Int? = nil, timeout: Duration? = nil, onDeadLetter: DeadLetterPolicy = .automatic,
        queue: QueuePolicy? = nil, start: SubscriptionStart = .now, maxCrashes: Int? = 5,
        handler: @escaping @Sendable (E, EventContext) async throws -> Void
    ) throws {
        try subscribe(
            name,
            options: SubscriptionOptions(
                retry: retry, order: order, maxConcurrency: maxConcurrency, timeout: timeout, onDeadLetter: onDeadLetter,
                queue: queue, start: start, maxCrashes: maxCrashes)
        ) {
            On(eventType, handler)
        }
    }

    /// Subscribes to several types of event in one subscription: one queue, one order, one retry policy.
    ///
    /// ```swift
    /// try handlers.subscribe("allocation") {
    ///     On(BatchCreated.self) { event, context in … }
    ///     On(AllocationRequired.self) { event, context in … }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The subscription's durable identity, unique within the bus.
    ///   - options: How the subscription is served.
    ///   - reactions: A handler for each type; a type may be named once.
    /// - Throws: ``EventBusError`` for a duplicate or unusable name, an option out of range, a type named twice, or none at all.
    public mutating func subscribe(
        _ name: String, options: SubscriptionOptions = SubscriptionOptions(), @ReactionBuilder _ reactions: () -> [On]
    ) throws {
        let definition = try SubscriptionDefinition(name: name, options: options, reactions: reactions())
        guard !subscriptions.contains(where: { $0.name == name }) else { throw SubscriptionDefinition.duplicate(name) }
        subscriptions.append(definition)
    }

    /// Registers the one handler of a command.
    ///
    /// - Parameters:
    ///   - commandType: The type of command.
    ///   - handler: Runs in the task that sends the command; what it returns or throws is the sender's.
    /// - Throws: ``EventBusError`` when the command has a handler already or an unusable name.
    public mutating func handle<C: Command>(
        _ commandType: C.Type, handler: @escaping @Sendable (C, CommandContext) async throws -> C.Reply
    ) throws {
        try Name.check(C.name, of: "command")
        let definition = CommandDefinition(typeID: ObjectIdentifier(commandType), name: C.name, handler: CommandHandler(handler))
        guard !commands.contains(where: { $0.typeID == definition.typeID }) else { throw CommandDefinition.duplicate(C.name) }
        commands.append(definition)
    }
}

extension HandlerRegistry {
    /// Registers how events that older code stored become events of the next schema version. Upcasters are applied one after the
    /// other until the type's present ``Event/schemaVersion`` is reached. The stored events stay as they are.
    ///
    /// ```swift
    /// try handlers.upcast(OrderPlaced.self, from: 1) { (old: OrderPlacedV1) in
    ///     OrderPlacedV2(orderID: old.id, lines: [old.line])
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - eventType: The present type.
    ///   - version: The schema version that is read.
    ///   - upcast: Makes the next version from it. What it throws makes the delivery a dead letter.
    /// - Throws: ``EventBusError`` when there is an upcaster from this version already, or the version is not older than the type's.
    public mutating func upcast<E: Event, Old: Decodable & SendableMetatype, Next: Encodable & SendableMetatype>(
        _ eventType: E.Type, from version: Int, _ upcast: @escaping @Sendable (Old) throws -> Next
    ) throws {
        guard version < E.schemaVersion else {
            throw EventBusError(
                .invalidConfiguration,
                "\(E.name): an upcaster from version \(version) leads past the type's schema version \(E.schemaVersion).")
        }
        guard !upcasters.contains(where: { $0.eventName == E.name && $0.version == version }) else {
            throw EventBusError(
                .invalidConfiguration, "\(E.name) has an upcaster from version \(version) already; it can have one.")
        }
        upcasters.append(
            Upcaster(eventName: E.name, version: version) { payload in
                try EventCoding.encoder.encode(upcast(EventCoding.decoder.decode(Old.self, from: payload)))
            })
    }
}

/// A reaction to one type of event within a subscription to several.
public struct On: Sendable {
    let typeID: ObjectIdentifier
    let eventName: String
    let handler: ErasedHandler
    /// How the event is read from a log.
    let reader: EventReader

    /// Runs `handler` for every event of the type `eventType`.
    public init<E: Event>(_ eventType: E.Type, _ handler: @escaping @Sendable (E, EventContext) async throws -> Void) {
        typeID = ObjectIdentifier(eventType)
        eventName = E.name
        reader = EventReader(eventType)
        // The bus routes by type identity, so a record that comes here is one of `E`; the cast says so without the 20 ns of `as?`.
        self.handler = ErasedHandler { record, context in
            try await handler(unsafeDowncast(record, to: TypedEventRecord<E>.self).event, context)
        }
    }
}

/// Lists the reactions of a subscription, one below the other.
@resultBuilder
public enum ReactionBuilder {
    public static func buildExpression(_ reaction: On) -> [On] { [reaction] }
    public static func buildBlock(_ reactions: [On]...) -> [On] { reactions.flatMap { $0 } }
    public static func buildOptional(_ reactions: [On]?) -> [On] { reactions ?? [] }
    public static func buildEither(first reactions: [On]) -> [On] { reactions }
    public static func buildEither(second reactions: [On]) -> [On] { reactions }
    public static func buildArray(_ reactions: [[On]]) -> [On] { reactions.flatMap { $0 } }
}

/// A subscription as registered.
struct SubscriptionDefinition: Sendable {
    let name: String
    let options: SubscriptionOptions
    let reactions: [On]
    /// Whether it handles events of the past again.
    let isReplay: Bool

    init(name: String, options: SubscriptionOptions, reactions: [On], isReplay: Bool = false) throws {
        self.isReplay = isReplay
        try Name.check(name, of: "subscription")
        try options.validate(for: name)
        guard !reactions.isEmpty else {
            throw EventBusError(.invalidConfiguration, "subscription '\(name)' reacts to no event type; name at least one.")
        }
        var seen: Set<ObjectIdentifier> = []
        for reaction in reactions {
            try Name.check(reaction.eventName, of: "event")
            guard seen.insert(reaction.typeID).inserted else {
                throw EventBusError(
                    .invalidConfiguration, "subscription '\(name)' names the event '\(reaction.eventName)' twice; name it once.")
            }
        }
        self.name = name
        self.options = options
        self.reactions = reactions
    }

    static func duplicate(_ name: String) -> EventBusError {
        EventBusError(.duplicateSubscription, "a subscription named '\(name)' exists already; choose another name.")
    }
}
