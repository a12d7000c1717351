//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// The deadlines somebody waits for, earliest first, equal ones in the order in which they were set.
///
/// A sorted array, latest first: taking the earliest is free, and a test has too few deadlines for the shifting to matter.
struct DeadlineQueue {
    struct Key: Comparable {
        let deadline: MonotonicTime
        /// The order of setting, which also makes each key unique.
        let order: UInt64
        /// Who waits.
        let id: ManualClockState.ID

        static func < (lhs: Key, rhs: Key) -> Bool {
            lhs.deadline == rhs.deadline ? lhs.order < rhs.order : lhs.deadline < rhs.deadline
        }
    }

    private var latestFirst: [Key] = []
    private var lastOrder: UInt64 = 0

    var first: Key? { latestFirst.last }
    var count: Int { latestFirst.count }
    var deadlines: [MonotonicTime] { latestFirst.reversed().map(\.deadline) }

    /// Adds a deadline. The end of the time line means "never": nothing is added for it and there is no key.
    mutating func insert(_ deadline: MonotonicTime, for id: ManualClockState.ID) -> Key? {
        guard deadline.nanoseconds < .max else { return nil }
        lastOrder += 1
        let key = Key(deadline: deadline, order: lastOrder, id: id)
        latestFirst.insert(key, at: position(of: key))
        return key
    }

    /// Removes a deadline; one that is not there any more is ignored.
    mutating func remove(_ key: Key) {
        let position = position(of: key)
        guard position < latestFirst.count, latestFirst[position] == key else { return }
        latestFirst.remove(at: position)
    }

    /// Where `key` is, or where it belongs.
    private func position(of key: Key) -> Int {
        var low = 0
        var high = latestFirst.count
        while low < high {
            let middle = (low + high) / 2
            if key < latestFirst[middle] { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
