//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The identity of a subscription within one bus and one process.
struct SubscriptionID: Hashable, Sendable {
    let rawValue: Int
}

/// A handler whose event type is known only to itself.
///
/// A function in a structure and not a bare one: an array of bare functions would wrap each call in another one.
struct ErasedHandler: Sendable {
    let call: @Sendable (EventRecord, EventContext) async throws -> Void

    /// The call with an interceptor around it, if there is one.
    func intercepted(
        by interceptor: EventBusHooks.Interceptor?
    ) -> @Sendable (EventRecord, EventContext) async throws -> Void {
        guard let interceptor else { return call }
        return { [call] record, context in
            let invocation = EventBusHooks.Invocation(
                name: record.name, subscription: context.subscription, attempt: context.attempt, metadata: context.metadata)
            try await interceptor(invocation) { try await call(record, context) }
        }
    }
}

/// What a worker needs of a subscription: constants, shared by all its runs.
final class SubscriptionHandlers: Sendable {
    let name: String
    let handlers: [ErasedHandler]
    let options: SubscriptionOptions
    /// Whether they handle events of the past again.
    let isReplay: Bool

    init(name: String, handlers: [ErasedHandler], options: SubscriptionOptions, isReplay: Bool = false) {
        self.isReplay = isReplay
        self.name = name
        self.handlers = handlers
        self.options = options
    }
}
