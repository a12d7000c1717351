//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// The whole service: its use cases, the bus in front of them, and the mail server behind.
struct AllocationApplication: Sendable {
    let unitOfWork = UnitOfWork()
    let mailer: Mailer
    let activity = BusActivity()

    init(mailFaults: MailFaults) {
        mailer = Mailer(faults: mailFaults)
    }

    /// Runs the service's bus for the duration of `body`, and until what was published is handled.
    ///
    /// - Parameters:
    ///   - workers: How many handlers run at the same time at most.
    ///   - environment: Where the bus takes its time from. The default is the real world.
    /// - Throws: What `body` throws; `EventBusError` if `workers` is out of range.
    func withBus<Result: Sendable>(
        workers: Int, environment: BusEnvironment = .live, _ body: @escaping @Sendable (EventBus) async throws -> Result
    ) async throws -> Result {
        var configuration = EventBusConfiguration.allocation(workers: workers, activity: activity)
        configuration.environment = environment
        let wiring = AllocationWiring(
            service: AllocationService(unitOfWork: unitOfWork), notifications: NotificationService(mailer: mailer))
        return try await withEventBus(configuration: configuration, handlers: { try wiring.register(in: &$0) }, body)
    }

    /// What it all came to so far.
    func summary(rejectedLines: Int) -> Summary {
        let counts = activity.counts
        return Summary(
            events: counts.events, rejectedLines: rejectedLines, deadLettered: counts.deadLetters, stock: unitOfWork.totals)
    }
}
