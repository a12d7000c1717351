//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Publishes the events of an order stream and waits for what they lead to.
///
/// Each line and everything it causes is resolved before the next line of the same SKU is published. Lines of different SKUs are
/// on their way at the same time, but no more than ``window`` lines are held, so that a stream may be of any length.
///
/// A line that an earlier run on the same log has published is not published again, as its key is known: what there is to wait for
/// is then what is left of it, and usually nothing.
struct StreamDriver: Sendable {
    /// Lines read but not resolved, at most. Enough that a few SKUs may wait for a retry while the others go on.
    static let window = 512

    /// The header of an event that has the number of the line it came from.
    static let lineHeader = "line"

    let bus: EventBus
    /// Read before each line: whether to read no further.
    var isStopped: @Sendable () -> Bool = { false }

    /// What came of a line.
    struct Resolved: Sendable {
        let line: Lanes.Line
        let outcome: Outcome
    }

    /// What there is to tell while it works.
    enum Step: Sendable {
        case read(StreamItem)
        case resolved(Resolved)
    }

    /// Drives a stream to its end, or to where it was stopped; what was read by then is resolved.
    ///
    /// - Parameters:
    ///   - next: The next line of the stream.
    ///   - tell: Hears of every line twice: when it was read, and, if it had an event, when that was resolved.
    /// - Returns: Whether it came to the end of the stream.
    /// - Throws: What `next` throws, a `PublishError` or `EventBusError` if the bus is closed on the way, or `CancellationError`.
    ///   Lines in progress are then given up.
    func drive(next: () async throws -> StreamItem?, tell: (Step) throws -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Resolved.self) { group in
            var lanes = Lanes()
            var isAtEnd = false
            while !isStopped() {
                guard let item = try await next() else {
                    isAtEnd = true
                    break
                }
                try tell(.read(item))
                guard case .event(let event, let id) = item else { continue }
                while lanes.held >= Self.window, let resolved = try await group.next() {
                    try tell(.resolved(resolved))
                    start(lanes.leave(resolved.line.sku), in: &group)
                }
                start(lanes.enter(Lanes.Line(event: event, id: id)), in: &group)
            }
            while let resolved = try await group.next() {
                try tell(.resolved(resolved))
                start(lanes.leave(resolved.line.sku), in: &group)
            }
            return isAtEnd
        }
    }

    private func start(_ line: Lanes.Line?, in group: inout ThrowingTaskGroup<Resolved, any Error>) {
        guard let line else { return }
        group.addTask { [bus] in
            let receipt = try await bus.publish(
                line.event.event, headers: [Self.lineHeader: String(line.id.number)], idempotencyKey: line.id.idempotencyKey)
            let outcome = try await bus.outcome(of: receipt, including: .descendants)
            return Resolved(line: line, outcome: outcome)
        }
    }
}
