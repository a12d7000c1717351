//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The three places where other code can look into a bus or change what it does: enough to connect logging, metrics and tracing.
public struct EventBusHooks: Sendable {
    /// What a publish interceptor sees and may change.
    public struct Publication: Sendable {
        /// The name of the event.
        public let eventName: String
        /// The subscription whose handler publishes or emits the event, if one does.
        public let emittedBy: String?
        /// The headers that will travel with the event.
        public var headers: [String: String]
    }

    /// What a handler interceptor knows about the run of a handler.
    public struct Invocation: Sendable {
        /// The name of the event or command.
        public let name: String
        /// The name of the subscription; `nil` for a command.
        public let subscription: String?
        /// Which attempt it is, counted from 1; `nil` for a command.
        public let attempt: Int?
        /// The event's metadata; `nil` for a command.
        public let metadata: EventMetadata?
    }

    /// Code around the run of a handler; see ``intercept``.
    public typealias Interceptor = @Sendable (Invocation, _ next: @Sendable () async throws -> Void) async throws -> Void

    /// Called for every event, in the task that publishes or emits it, before it is published. Headers can be added.
    public var onPublish: (@Sendable (inout Publication) -> Void)?

    /// Called synchronously for everything that happens, often while the bus waits for it: it must be quick and must not block. It
    /// may be called from several threads at once.
    public var observe: (@Sendable (Signal) -> Void)?

    /// Called around every run of a handler, in the task that runs it. It calls `next` once and may bind task-local values around
    /// it, measure it, or throw: what it throws counts as thrown by the handler. An error of `next` that it does not rethrow is gone,
    /// and the delivery completes; a command's error reaches its sender in any case.
    public var intercept: Interceptor?

    /// Hooks; leave out what is not needed.
    public init(
        onPublish: (@Sendable (inout Publication) -> Void)? = nil,
        observe: (@Sendable (Signal) -> Void)? = nil,
        intercept: Interceptor? = nil
    ) {
        self.onPublish = onPublish
        self.observe = observe
        self.intercept = intercept
    }
}
