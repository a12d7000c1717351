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

@Suite("The transactions of a log in memory")
struct MemoryTransactionTests {
    private struct Refusal: Error {}

    private func transact(
        _ log: MemoryEventLog, _ body: @escaping @Sendable (MemoryTransaction) throws -> Void
    ) async throws {
        _ = try await withCheckedThrowingContinuation { continuation in
            let action = CommitAction { transaction in
                guard let transaction = transaction as? MemoryTransaction else { return }
                try body(transaction)
            }
            log.submit(.transact(LogTransact(action: action) { continuation.resume(with: $0) }))
        }
    }

    @Test("values are seen within the transaction, and outside once it is committed")
    func values() async throws {
        let log = MemoryEventLog()
        try await log.open()
        try await transact(log) { transaction in
            try transaction.setValue("1", for: "stock")
            #expect(try transaction.value(for: "stock") == "1")
            #expect(log.values == [:])
        }
        #expect(log.values == ["stock": "1"])
        try await transact(log) { try $0.setValue(nil, for: "stock") }
        #expect(log.values == [:])
    }

    @Test("values are undone when the action throws, and survive a crash when it does not")
    func undone() async throws {
        let log = MemoryEventLog()
        try await log.open()
        try await transact(log) { try $0.setValue("1", for: "stock") }
        await #expect(throws: Refusal.self) {
            try await transact(log) {
                try $0.setValue("2", for: "stock")
                throw Refusal()
            }
        }
        #expect(log.values == ["stock": "1"])
        #expect(log.crash().values == ["stock": "1"])
    }

    @Test("a transaction that is kept and used later throws")
    func kept() async throws {
        let log = MemoryEventLog()
        try await log.open()
        let kept = Guarded<[Kept]>([])
        try await transact(log) { transaction in
            let box = Kept(transaction)
            kept.withLock { $0.append(box) }
        }
        let transaction = try #require(kept.withLock { $0.first }).transaction
        let failure = #expect(throws: LogFailure.self) { try transaction.setValue("1", for: "stock") }
        #expect(failure?.reason == .action)
        #expect(throws: LogFailure.self) { try transaction.append([]) }
        #expect(throws: LogFailure.self) { try transaction.schedule([]) }
        #expect(throws: LogFailure.self) { try transaction.value(for: "stock") }
    }
}

/// Takes a transaction out of its action, as nobody should.
private final class Kept: @unchecked Sendable {
    // It is used by one task after the other, never by two at a time.
    let transaction: MemoryTransaction

    init(_ transaction: MemoryTransaction) {
        self.transaction = transaction
    }
}
