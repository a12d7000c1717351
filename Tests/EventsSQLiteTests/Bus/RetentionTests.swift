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
import Testing

@testable import EventsSQLite

@Suite("A bus with two bounds on its history", .timeLimit(.minutes(15)))
struct RetentionTests {
    struct Job: Event {
        static let name = "job"
        var number: Int
    }

    @Test("goes through a log in which much has to stay once for each, and not for ever")
    func bothBounds() async throws {
        let sandbox = try FileSandbox()
        var options = SQLiteLogOptions()
        options.durability = .processEnd
        let held = 9_000
        // A subscription that nobody serves afterwards keeps all of these.
        try await withEventBus(log: .sqlite(sandbox("log.db"), options: options)) {
            try $0.subscribe("absent", to: Job.self, retry: .constant(.seconds(1), maxAttempts: 2)) { _, _ in
                throw Disposition.retry(after: .seconds(86_400))
            }
        } _: { bus in
            try await bus.publish(contentsOf: (0..<held).map { Job(number: $0) })
        }
        let steps = Guarded(0)
        var configuration = EventBusConfiguration()
        configuration.retention = RetentionPolicy(maxAge: .seconds(86_400), maxCount: 10, interval: .seconds(600))
        let log = HookedLog(
            SQLiteEventLog.sqlite(sandbox("log.db"), options: options),
            onSubmit: { change in
                if case .prune = change { steps.withLock { $0 += 1 } }
            })
        try await withEventBus(log: log, configuration: configuration) {
            try $0.subscribe("other", to: Job.self) { _, _ in }
        } _: { bus in
            // Each of these is a commit, before which a step that is due has its turn once it was handed in.
            var number = 0
            while steps.withLock({ $0 < 2 }) || number < 200 {
                try await bus.publish(Job(number: held + number))
                number += 1
            }
            for number in number..<number + 200 { try await bus.publish(Job(number: held + number)) }
        }
        let most = 2 * (held / 1_000 + 2)
        #expect(steps.withLock { (2...most).contains($0) }, "\(steps.withLock { $0 }) steps")
    }
}
