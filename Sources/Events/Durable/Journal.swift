//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a durable bus has besides an in-memory one, and that its publishers and workers share: the log and the ways to and from it.
@usableFromInline
final class Journal: Sendable {
    let log: any EventLog
    let mailbox = JournalMailbox()
    let requests = ReadRequests()
    /// Woken when the bus is closed.
    let closing = ParkingSpot()
    private let currentCoding: Guarded<EventCoding>
    private let scheduleClock = Guarded(ScheduleClock())
    private let lastFailure = Guarded<LogFailure?>(nil)
    /// Where publishers stand that a backlog limit holds up.
    let gate: BacklogGate

    init(log: any EventLog, coding: EventCoding, gate: BacklogGate) {
        self.log = log
        currentCoding = Guarded(coding)
        self.gate = gate
    }

    /// Why the log takes nothing more, for those who come too late to be told by the log itself.
    var failure: LogFailure? {
        get { lastFailure.withLock { $0 } }
        set { lastFailure.withLock { $0 = newValue } }
    }

    /// The time by which what waits in the log comes due.
    func scheduleTime(_ environment: BusEnvironment) -> Date {
        scheduleTime(environment.wallClock(), environment.now())
    }

    func scheduleTime(_ wall: Date, _ moment: MonotonicTime) -> Date {
        scheduleClock.withLock { $0.time(wall: wall, moment: moment) }
    }

    /// An event for a time of day, by the clock of schedules.
    func scheduled(_ event: LogEvent, at time: Date, _ environment: BusEnvironment) -> ScheduledEvent {
        let wall = environment.wallClock()
        let now = scheduleTime(wall, environment.now())
        let due = now == wall ? time : now.addingTimeInterval(time.timeIntervalSince(wall))
        return ScheduledEvent(event: event, due: due, scheduledAt: now)
    }

    /// The log has what was decided up to a time.
    func goOn(from time: Date, _ environment: BusEnvironment) {
        let (wall, moment) = (environment.wallClock(), environment.now())
        scheduleClock.withLock { $0.goOn(from: time, wall: wall, moment: moment) }
    }

    /// Submits a change and waits until the log has done it or failed. What the bus has to know of it is in the mailbox before the
    /// caller goes on.
    ///
    /// - Parameter isolation: Where it is called. It submits there, so that nothing comes between what the bus has checked and that.
    func commit<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation,
        notice: @escaping @Sendable (Value) -> JournalMailbox.Notice? = { _ in nil },
        _ change: (@escaping @Sendable (Result<Value, LogFailure>) -> Void) -> LogChange
    ) async throws(LogFailure) -> Value {
        let result: Result<Value, LogFailure> = await withCheckedContinuation { continuation in
            log.submit(
                change { result in
                    switch result {
                    case .success(let value): if let notice = notice(value) { self.mailbox.post(notice) }
                    case .failure(let failure): self.report(failure)
                    }
                    continuation.resume(returning: result)
                })
        }
        return try result.get()
    }

    /// Tells the bus of a failure after which the log takes nothing more.
    func report(_ failure: LogFailure) {
        if failure.endsLog { mailbox.post(.failed(failure)) }
    }

    var coding: EventCoding { currentCoding.withLock { $0 } }

    func addReaders(_ readers: [EventReader]) {
        currentCoding.withLock { $0 = $0.adding(readers) }
    }

    /// An event's bytes, in the publisher's task.
    @usableFromInline
    func encode<E: Event>(_ event: E) throws(PublishError) -> Data {
        do {
            return try EventCoding.encoder.encode(event)
        } catch {
            throw PublishError(
                .rejected, .unencodable,
                "\(E.name) could not be encoded as JSON: \(Self.kind(of: error)). Change the type's Encodable conformance, or the value "
                    + "that it cannot encode.")
        }
    }

    /// What an error says without quoting the event.
    private static func kind(of error: any Error) -> String {
        guard case EncodingError.invalidValue(_, let context) = error else { return String(describing: type(of: error)) }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return "invalid value \(path.isEmpty ? "at the top" : "at '\(path)'")"
    }
}

/// What the bus wants to read from its log, for the task that reads.
final class ReadRequests: Sendable {
    enum Request: Sendable {
        /// More events for a subscription that is behind.
        case events(SubscriptionID, EventSelection)
        /// Deliveries of a lane that only the log has.
        case lane(SubscriptionID, ExactText?, DeliverySelection, read: Int)
        /// Deliveries whose next attempt is due.
        case due(SubscriptionID, DeliverySelection, read: Int)
        /// A delivery that may have ended the process.
        case suspect(SubscriptionID, SubscriptionKey, Offset)
    }

    private struct State {
        var requests = RingBuffer<Request>()
        var isClosed = false
    }

    private let state = Guarded(State())
    private let spot = ParkingSpot()

    func post(_ request: Request) {
        state.withLock { $0.requests.append(request) }
        spot.wake()
    }

    /// Waits for the next request; `nil` when there will be none. One task reads.
    func next() async -> Request? {
        while true {
            let taken = state.withLock { state -> Request?? in
                if state.isClosed { return .some(nil) }
                return state.requests.popFirst().map { .some($0) } ?? nil
            }
            if let taken { return taken }
            await spot.park()
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        spot.wake()
    }
}
