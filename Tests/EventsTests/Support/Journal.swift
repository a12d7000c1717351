//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Collects values from handlers and tasks, in the order in which they come.
final class Journal<Entry: Sendable>: Sendable {
    private let state = Guarded<[Entry]>([])

    func append(_ entry: Entry) {
        state.withLock { $0.append(entry) }
    }

    var entries: [Entry] {
        state.withLock { $0 }
    }

    var count: Int {
        state.withLock { $0.count }
    }
}

/// A number that handlers and tasks count up.
final class Counter: Sendable {
    private let state = Guarded(0)

    /// Adds one and returns the new value.
    @discardableResult
    func increment() -> Int {
        state.withLock { value in
            value += 1
            return value
        }
    }

    @discardableResult
    func decrement() -> Int {
        state.withLock { value in
            value -= 1
            return value
        }
    }

    var value: Int {
        state.withLock { $0 }
    }
}
