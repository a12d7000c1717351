//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// What a handler emits, kept until the handler succeeds. One attempt after the other uses it; each is known by a number, so that an
/// attempt's late emission cannot end up with the attempt that follows.
final class EmissionBuffer: Sendable {
    /// The attempt that may emit, or -1.
    private let current = Atomic<Int>(-1)
    /// Spares the lock when nothing was emitted, which is most of the time.
    private let hasRecords = Atomic<Bool>(false)
    private let records = Guarded<[EventRecord]>([])

    /// Begins an attempt.
    func open(for attempt: Int) {
        current.store(attempt, ordering: .releasing)
    }

    func isOpen(for attempt: Int) -> Bool {
        current.load(ordering: .acquiring) == attempt
    }

    /// Keeps an event of an attempt. Returns `false` when that attempt has ended already.
    func append(_ record: EventRecord, for attempt: Int) -> Bool {
        records.withLock { records in
            hasRecords.store(true, ordering: .sequentiallyConsistent)
            guard current.load(ordering: .sequentiallyConsistent) == attempt else { return false }
            records.append(record)
            return true
        }
    }

    /// Ends the attempt: nothing of it is kept any more. Returns what was.
    func close() -> [EventRecord] {
        // Either an emitting task sees that the attempt has ended, or this sees that there are records and waits for the lock: each
        // side writes its flag before it reads the other's, in one total order.
        current.store(-1, ordering: .sequentiallyConsistent)
        guard hasRecords.load(ordering: .sequentiallyConsistent) else { return [] }
        return records.withLock { records in
            hasRecords.store(false, ordering: .sequentiallyConsistent)
            defer { records = [] }
            return records
        }
    }
}
