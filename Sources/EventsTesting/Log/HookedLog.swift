//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

/// A log that does what another does, and tells of it or takes its time: for tests of the bus that have to see or hold up single steps.
package struct HookedLog: EventLog {
    private let log: any EventLog
    private let onOpen: @Sendable (LogOpening) -> Void
    private let onSubmit: @Sendable (LogChange) -> Void
    private let afterReadingDeliveries: @Sendable () async -> Void

    /// - Parameters:
    ///   - log: The log that does the work.
    ///   - onOpen: Told how it is opened.
    ///   - onSubmit: Told each change before the log gets it.
    ///   - afterReadingDeliveries: What is awaited between reading deliveries and handing them on.
    package init(
        _ log: any EventLog, onOpen: @escaping @Sendable (LogOpening) -> Void = { _ in },
        onSubmit: @escaping @Sendable (LogChange) -> Void = { _ in },
        afterReadingDeliveries: @escaping @Sendable () async -> Void = {}
    ) {
        self.log = log
        self.onOpen = onOpen
        self.onSubmit = onSubmit
        self.afterReadingDeliveries = afterReadingDeliveries
    }

    package func submit(_ change: LogChange) {
        onSubmit(change)
        log.submit(change)
    }

    package func deliveries(_ selection: DeliverySelection) async throws -> [StoredDelivery] {
        let found = try await log.deliveries(selection)
        await afterReadingDeliveries()
        return found
    }

    package func open(_ opening: LogOpening) async throws -> LogOpened {
        onOpen(opening)
        return try await log.open(opening)
    }
    package func events(_ selection: EventSelection) async throws -> EventPage { try await log.events(selection) }
    package func deadLetters(_ selection: DeadLetterSelection) async throws -> [StoredDeadLetter] {
        try await log.deadLetters(selection)
    }
    package func deadLetterCounts() async throws -> [DeadLetterCount] { try await log.deadLetterCounts() }
    package func discards(limit: Int) async throws -> [DeadLetterDiscard] { try await log.discards(limit: limit) }
    package func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder]
    ) async throws -> StoredOutcome {
        try await log.outcome(of: offset, including: scope, orders: orders)
    }
    package func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset) {
        log.noteStart(slot: slot, subscription: subscription, offset: offset)
    }
    package func noteEnd(slot: Int) { log.noteEnd(slot: slot) }
    package func serve(_ bus: BusControl) async { await log.serve(bus) }
    package func close() async { await log.close() }
}
