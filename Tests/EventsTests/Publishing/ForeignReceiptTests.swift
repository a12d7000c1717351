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

@Suite("Receipts of another bus", .timeLimit(.minutes(10)))
struct ForeignReceiptTests {
    @Test("asking a bus for the outcome of what it did not publish is an error and not a wait")
    func foreign() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let other = try makeBus(on: schedule) { handlers in
                try handlers.subscribe("s", to: Numbered.self) { _, _ in }
            }
            let receipt = try await other.publish(Numbered(1))
            let bus = try makeBus(on: schedule)
            #expect(await errorCode { _ = try await bus.outcome(of: receipt) } == .foreignReceipt)
            #expect(receipt.description == "test.numbered \(receipt.id) at 1")
        }
    }
}
