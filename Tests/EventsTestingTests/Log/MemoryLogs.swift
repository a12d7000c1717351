//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the completions of changes said, in order, under the names that the test gave them.
final class Completions: Sendable {
    private let state = Guarded<[String]>([])

    var all: [String] { state.withLock { $0 } }

    func note(_ name: String, _ failure: LogFailure?) {
        let text = failure.map { "\(name) \($0.reason)\($0.isIndeterminate ? "?" : "")" } ?? name
        state.withLock { $0.append(text) }
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension MemoryEventLog {
    static let time = Date(timeIntervalSince1970: 1_767_225_600)

    @discardableResult
    func open(_ names: String...) async throws -> LogOpened {
        try await open(
            LogOpening(
                subscriptions: names.map { .init(name: $0, eventNames: ["a"], start: .beginning) }, time: Self.time,
                flightSlots: 2))
    }

    static func event(_ idempotencyKey: String? = nil) -> LogEvent {
        LogEvent(
            id: EventID(milliseconds: 1, sequence: 1, random: 1), name: "a", schemaVersion: 1, orderingKey: nil,
            publishedAt: time,
            correlationID: nil, causationID: nil, depth: 0, emittedBy: nil, headers: [:], payload: Data("{}".utf8),
            idempotencyKey: idempotencyKey)
    }

    /// Hands in an append; its completion is noted, and then does what it is to do.
    func append(_ name: String, noting completions: Completions, then next: @escaping @Sendable () -> Void = {}) {
        submit(
            .append(
                LogAppend(events: [Self.event()]) { result in
                    completions.note(name, result.failure)
                    next()
                }))
    }

    func settle(_ name: String, _ offset: Int64, noting completions: Completions) {
        let claim = LogClaim(from: Offset(rawValue: offset), offset: Offset(rawValue: offset))
        submit(
            .settle(
                LogSettlement(
                    subscription: SubscriptionKey(rawValue: 1), time: Self.time, completed: [claim], items: []
                ) { result, _ in completions.note(name, result.failure) }))
    }

    func offsets() async throws -> [Int64] {
        try await events(EventSelection()).events.map(\.offset.rawValue)
    }

    func pending() async throws -> Int {
        try await outcome(of: Offset(rawValue: 1), including: .handlers, orders: [:]).pending
    }
}
