//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

// The shape of what the adapters in docs/observability.md use of Swift Service Lifecycle (ServiceLifecycle 2.x).

protocol Service: Sendable {
    func run() async throws
}

struct UnixSignal: Sendable {
    static let sigint = UnixSignal()
    static let sigterm = UnixSignal()
}

/// Runs its services one after the other, which is enough for a single one; its signals are the ``ShutdownTrigger``'s.
actor ServiceGroup {
    private let services: [any Service]

    init(
        services: [any Service], gracefulShutdownSignals: [UnixSignal] = [], cancellationSignals: [UnixSignal] = [],
        logger: Logger
    ) {
        self.services = services
    }

    func run() async throws {
        for service in services { try await service.run() }
    }
}

/// Stands for the signals by which a group tells its services to shut down.
final class ShutdownTrigger: Sendable {
    @TaskLocal static var current: ShutdownTrigger?

    private let handler = Guarded<(@Sendable () -> Void)?>(nil)

    func register(_ newHandler: @escaping @Sendable () -> Void) { handler.withLock { $0 = newHandler } }
    /// Returns whether a service listens.
    func shutDown() -> Bool {
        let handler = handler.withLock { $0 }
        handler?()
        return handler != nil
    }
}

func withGracefulShutdownHandler<T>(
    isolation: isolated (any Actor)? = #isolation, operation: () async throws -> T,
    onGracefulShutdown handler: @Sendable @escaping () -> Void
) async rethrows -> T {
    ShutdownTrigger.current?.register(handler)
    return try await operation()
}
