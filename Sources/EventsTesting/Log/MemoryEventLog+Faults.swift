//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

extension MemoryEventLog {
    /// How a commit can fail.
    public enum Fault: Sendable, Hashable {
        /// There is no room, as on a full disk: settlements are held back and tried again before whatever comes next, and when the
        /// log closes; all other changes fail and were not made.
        case full
        /// Another program holds the storage. Otherwise as ``full``.
        case busy
        /// Writing fails. The log is poisoned: everything of that commit fails, and everything later, until it is closed and opened
        /// again. If the commit's fate is `indeterminate`, `isStored` is what became of it in truth.
        case io(indeterminate: Bool, isStored: Bool = false)

        var failure: LogFailure {
            switch self {
            case .full: LogFailure(.full, "There is no room in the log in memory, as the test asked.")
            case .busy: LogFailure(.busy, "Another program holds the log in memory, as the test asked.")
            case .io(let isIndeterminate, _):
                LogFailure(.io, "Writing to the log in memory failed, as the test asked.", isIndeterminate: isIndeterminate)
            }
        }
    }

    /// Makes the next commits fail; opening the log is one, too.
    ///
    /// - Parameters:
    ///   - fault: How they fail. It replaces what was asked for before.
    ///   - commits: How many. The default is 1; `Int.max` is all until ``stopFailing()``.
    public func failNext(_ fault: Fault, commits: Int = 1) {
        control.withLock { $0.failNext(fault, commits: commits) }
    }

    /// Lets commits succeed again. Settlements that were held back go with the next commit; ``commit()`` makes one.
    public func stopFailing() {
        control.withLock { $0.failNext(nil, commits: 0) }
    }

    /// Ends the log as the end of its process would: what was handed in and not committed is forgotten, and every later call fails
    /// with `LogFailure.Reason.closed`. A commit that is under way is either done or forgotten as a whole.
    ///
    /// The completions of what was forgotten are called with the same failure, so that nobody in the test waits for ever.
    ///
    /// - Returns: A log for the next process: what was committed, with the notes of what was running, and with nothing failing. Of
    ///   a log that crashed before, one that has nothing.
    @discardableResult
    public func crash() -> MemoryEventLog {
        let (state, crash) = committed.withLock { state in
            let crash = control.withLock { $0.crash() }
            defer { state = MemoryLogState() }
            return (state, crash)
        }
        for change in crash.lost { change.fail(MemoryLogControl.crash) }
        return MemoryEventLog(moment: moment, state: state, notes: crash.notes)
    }

    /// Damages an event as a bad disk would: what is read of it from now on is not what was written, and the log knows it.
    ///
    /// - Returns: Whether there is such an event.
    @discardableResult
    public func damage(_ offset: Offset) -> Bool {
        committed.withLock { state in
            guard state.events[offset.rawValue] != nil else { return false }
            state.damaged.insert(offset.rawValue)
            return true
        }
    }

    /// How many changes wait for a commit, held back ones included.
    public var pendingCount: Int {
        control.withLock { $0.pendingCount }
    }

    /// The values that commit actions stored with ``MemoryTransaction/setValue(_:for:)``, as committed last.
    public var values: [String: String] {
        control.withLock { $0.values }
    }
}
