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

/// Which events fail right now; a test mends them before it redrives.
final class FailingNumbers: Sendable {
    private let state: Guarded<Set<Int>>

    init(_ numbers: Set<Int>) {
        state = Guarded(numbers)
    }

    func contains(_ number: Int) -> Bool {
        state.withLock { $0.contains(number) }
    }

    func fail(_ numbers: Int...) {
        state.withLock { $0.formUnion(numbers) }
    }

    func mend(_ numbers: Int...) {
        state.withLock { $0.subtract(numbers) }
    }
}

/// A running bus with one subscription, `"s"`, without retries, on which some numbers fail.
struct FailingBus: Sendable {
    let bus: EventBus
    let failing: FailingNumbers
    let log: HandlingLog

    /// Publishes numbers with a key, one by one, and lets everything that follows happen.
    @discardableResult
    func publish(_ numbers: Range<Int>, key: String?, on schedule: SeededSchedule) async throws -> [Receipt] {
        var receipts: [Receipt] = []
        for number in numbers { receipts.append(try await bus.publish(Numbered(number, key: key))) }
        await schedule.idle()
        return receipts
    }

    func outcomes(of receipts: [Receipt]) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for receipt in receipts { outcomes.append(try await bus.outcome(of: receipt)) }
        return outcomes
    }

    /// The numbers of the letters there are, oldest letter first.
    func letters(_ filter: DeadLetterFilter = .all) async throws -> [Int] {
        try await bus.deadLetters.list(filter).letters.compactMap { ($0.event as? Numbered)?.number }
    }

    func id(_ receipt: Receipt) -> DeadLetter.ID {
        DeadLetter.ID(subscription: "s", offset: receipt.offset)
    }
}

/// Runs a bus on which the given numbers fail.
@discardableResult
func withFailingBus<Value: Sendable>(
    _ schedule: SeededSchedule, failing: Set<Int>, onDeadLetter: DeadLetterPolicy = .automatic,
    configure: (inout EventBusConfiguration) -> Void = { _ in },
    error: @escaping @Sendable (Int) -> any Error = { TestFault("\($0)") },
    _ body: @escaping @Sendable (FailingBus) async throws -> Value
) async throws -> Value {
    let numbers = FailingNumbers(failing)
    let log = HandlingLog(schedule)
    return try await withRunningBus(on: schedule, configure: configure) { handlers in
        try handlers.subscribe("s", to: Numbered.self, retry: .none, onDeadLetter: onDeadLetter) { event, context in
            try await log.handle(event, context) {
                if numbers.contains(event.number) { throw error(event.number) }
            }
        }
    } _: { bus in
        try await body(FailingBus(bus: bus, failing: numbers, log: log))
    }.value
}
