//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

/// Records what a bus publishes, so that a test can wait for an event, look at what came, or make sure that something did not.
///
/// ```swift
/// let probe = EventProbe(bus)
/// try await bus.publish(OrderPlaced(orderID: "10248"))
/// let reserved = try await probe.expect(StockReserved.self, where: { $0.orderID == "10248" })
/// try await probe.expectNone(of: OutOfStock.self)
/// #expect(reserved.metadata.causationID == probe.events(of: OrderPlaced.self).first?.metadata.id)
/// ```
///
/// The probe sees every event that is published after it was made, and an event is in it when its `publish` returns. It waits on
/// the bus's own clock: in virtual time where the bus was made with an environment for tests, in real time otherwise. It keeps all
/// events until it is let go of, or until ``clear()``.
///
/// A probe is for the test, outside of the bus: waiting for it inside a handler holds up that handler's worker.
public final class EventProbe: Sendable {
    private let bus: EventBus
    private let record: ProbeRecord
    private let tap: PublicationTap

    /// Makes a probe that records what `bus` publishes from now on.
    public init(_ bus: EventBus) {
        let record = ProbeRecord()
        self.bus = bus
        self.record = record
        tap = bus.tap({ record.append($0) }, closed: { record.close() })
    }

    // MARK: - What came

    /// Everything recorded so far, in offset order.
    public var events: [AnyEnvelope] {
        record.entries.map(\.envelope)
    }

    /// The events of one type recorded so far, in offset order.
    ///
    /// What handlers still have to publish is not among them; ``settle(within:)`` waits for that.
    public func events<E: Event>(of eventType: E.Type) -> [Envelope<E>] {
        record.entries.compactMap { Envelope($0.envelope) }
    }

    /// Forgets everything recorded so far, for the next part of a test.
    public func clear() {
        record.clear()
    }

    // MARK: - What should come

    /// Waits for an event of one type, unless one has been recorded already.
    ///
    /// Each event answers one call: two calls for the same type return two different events, the earliest first.
    ///
    /// - Parameters:
    ///   - eventType: The type of event.
    ///   - limit: How long to wait, on the bus's clock. The default is 5 seconds; zero looks at what is there and does not wait.
    ///   - condition: Which events of the type are meant. The default is any. It is asked once about each event.
    /// - Returns: The event that was expected.
    /// - Throws: ``ProbeError`` with the code `.missing`, which names what was published instead, when the time is up or the bus has
    ///   closed; `CancellationError` when the task is cancelled; what `condition` throws.
    @discardableResult
    public func expect<E: Event>(
        _ eventType: E.Type, within limit: Duration = .seconds(5),
        where condition: @escaping @Sendable (E) throws -> Bool = { _ in true }
    ) async throws -> Envelope<E> {
        let search = ProbeSearch(record, for: condition)
        if let found = try search.resume() { return found }
        let isOpen = try await withTimeLimit(limit, in: bus.environment) { [record] in
            while try search.resume() == nil {
                guard await record.waitForMore(than: search.seen) else {
                    try Task.checkCancellation()
                    return false
                }
            }
            return true
        }
        // Once more: the event may have come at the very end of the time.
        if let found = try search.resume() { return found }
        throw ProbeError(
            .missing,
            isOpen == nil
                ? "\(E.name) was not published within \(limit)\(record.summary(search))"
                : "\(E.name) was not published before the bus closed\(record.summary(search))")
    }

    /// Makes sure that no event of one type was published since the probe was made or cleared.
    ///
    /// It waits until the bus has settled, so what handlers publish in the course of what was published before is included.
    ///
    /// - Parameters:
    ///   - eventType: The type of event.
    ///   - limit: How long to wait for the bus to settle, on the bus's clock. The default is 60 seconds.
    ///   - condition: Which events of the type are meant. The default is any.
    /// - Throws: ``ProbeError`` with the code `.unexpected` when there was one, `.unsettled` when the bus has not settled in time;
    ///   `CancellationError` when the task is cancelled; what `condition` throws.
    public func expectNone<E: Event>(
        of eventType: E.Type, within limit: Duration = .seconds(60), where condition: (E) throws -> Bool = { _ in true }
    ) async throws {
        try await settle(within: limit)
        let found = try events(of: E.self).filter { try condition($0.event) }
        guard let first = found.first else { return }
        throw ProbeError(
            .unexpected,
            "\(E.name) should not have been published, but was \(found.count == 1 ? "once" : "\(found.count) times"), first at "
                + "offset \(first.metadata.offset)" + (first.metadata.emittedBy.map { " by the subscription '\($0)'" } ?? ""))
    }

    /// Waits until the bus has nothing left to do: no delivery that waits, runs or is due for a retry, and no command that runs.
    /// Parked deliveries and dead letters are nothing to do. A bus that has closed has settled.
    ///
    /// - Parameter limit: How long to wait, on the bus's clock, retries included. The default is 60 seconds.
    /// - Throws: ``ProbeError`` with the code `.unsettled`, which names who is still busy, when the time is up; `EventBusError` with
    ///   `wouldDeadlock` inside a handler; `CancellationError` when the task is cancelled.
    public func settle(within limit: Duration = .seconds(60)) async throws {
        guard try await withTimeLimit(limit, in: bus.environment, { [bus] in try await bus.idle() }) == nil else { return }
        let statistics = await bus.statistics()
        var busy = statistics.subscriptions.filter { $0.value.unfinished > 0 }.sorted { $0.key < $1.key }
            .map { "'\($0.key)' has \($0.value.unfinished) unfinished deliveries, \($0.value.retrying) of them due for a retry" }
        if statistics.runningCommands > 0 { busy.append("\(statistics.runningCommands) commands are running") }
        throw ProbeError(
            .unsettled, "the bus has not settled within \(limit)" + (busy.isEmpty ? "" : ": " + busy.joined(separator: ", ")))
    }
}
