//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a command's handler can do on behalf of the command.
public struct CommandContext: Sendable {
    let command: CommandRun

    /// The command, as the scope of what it does.
    var scope: HandlerScope { .command(command) }

    /// The identity that everything with the same first cause shares.
    public var correlationID: EventID { scope.correlationID }

    /// Publishes an event if the handler succeeds; if it throws, the event never existed. Emitted events keep their order and are
    /// published before ``EventBus/send(_:)`` returns.
    ///
    /// - Throws: ``EventBusError/Code/handlerEnded`` when the handler has returned already; ``EventBusError/Code/invalidName`` or
    ///   ``EventBusError/Code/nameTaken`` for an event type with an unusable name.
    public func emit<E: Event>(_ event: E, headers: [String: String] = [:]) throws {
        try scope.emit(event, headers: headers)
    }

    /// Publishes an event now, whatever becomes of the command. See ``EventBus/publish(_:headers:correlationID:)``.
    @discardableResult
    public func publish<E: Event>(_ event: E, headers: [String: String] = [:]) async throws -> Receipt {
        try await command.bus.publish(event, headers: headers)
    }

    /// Sends another command and returns its handler's result. See ``EventBus/send(_:)``.
    @discardableResult
    public func send<C: Command>(_ command: C) async throws -> C.Reply {
        try await self.command.bus.send(command)
    }
}
